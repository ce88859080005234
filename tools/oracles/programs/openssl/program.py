"""The `openssl` command as the other side of UnionPay, whose SDK no registry carries: signature, chain and name.

Only the joining of texts is written here, from UnionPay's description; every cryptographic step is a command.
"""

import base64
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from urllib.parse import parse_qsl

from tools.oracles.programs.lines import Refused, serve

type Fields = dict[str, str]

_OPENSSL = shutil.which("openssl") or "openssl"
_VERSION = "5.1.0"
_UNIONPAY = "中国银联股份有限公司"
_TEST_PLATFORM = "00040000:SIGN"
_THIRD = 3
_LIMIT_SECONDS = 15
# A name, then text, `{…}` or `[…]`, in which an ampersand belongs to the value.
_PAIR = re.compile(r"([^=&]+)=((?:\{[^{}]*\}|\[[^\[\]]*\]|[^&{\[])*)(?:&|$)")
# The extensions of what is issued here: an issuer, or somebody who only signs.
_LEAF = "basicConstraints=critical,CA:FALSE\nkeyUsage=digitalSignature\n"


def sign_request(params: Fields, key: str, certificate: str) -> Fields:
    """Return the fields of a request as UnionPay wants them sent."""
    sent = {name: value.strip() for name, value in params.items() if value.strip()}
    sent["certId"] = str(int(_said(["x509", "-noout", "-serial"], certificate).split("=")[1], 16))
    return {**sent, "signature": sign_text(_hashed(_joined(sent)), key)}


def keyed_request(params: Fields, secure_key: str) -> Fields:
    """Return the fields of a request under a shared key, by the method that they name."""
    algorithm = {"11": "sha256", "12": "sm3"}[params["signMethod"]]
    sent = {name: value.strip() for name, value in params.items() if value.strip()}
    text = f"{_joined(sent)}&{_hashed(secure_key, algorithm)}"
    return {**sent, "signature": _hashed(text, algorithm)}


def sign_message(fields: Fields, key: str) -> str:
    """Sign what UnionPay sends."""
    return sign_text(_hashed(_joined(fields)), key)


def sign_text(text: str, key: str, digest: str = "sha256") -> str:
    """Sign a text as it is."""
    with _files(key=key) as paths:
        octets = _run(["dgst", f"-{digest}", "-sign", paths["key"]], text.encode())
    return base64.b64encode(octets).decode()


def hash_text(text: str) -> str:
    """Return the text's SHA-256 in hex."""
    return _hashed(text)


def verify_message(
    kind: str, body: str, anchors: Mapping[str, str], at: int, *, test: bool
) -> bool:
    """Tell whether UnionPay sent this answer or notice: method, version, chain and name, signature."""
    fields = _read(kind, body)
    if fields.get("signMethod") != "01" or fields.get("version") != _VERSION:
        raise Refused("method or version")
    certificate = fields.get("signPubKeyCert", "")
    key = _trusted(certificate, anchors["middle"], anchors["root"], at, test)
    filled = {name: value for name, value in fields.items() if value}
    return any(
        _holds(_hashed(_joined(one)), fields.get("signature", ""), key) for one in (filled, fields)
    )


def pkcs12(key: str, certificate: str, password: str, *, legacy: bool) -> str:
    """Return a file as UnionPay hands it out; `legacy`: with the ciphers of old."""
    with _files(key=key, certificate=certificate) as paths:
        command = ["pkcs12", "-export", *(["-legacy"] if legacy else [])]
        given = ["-inkey", paths["key"], "-in", paths["certificate"]]
        octets = _run([*command, *given, "-passout", f"pass:{password}"], b"")
    return base64.b64encode(octets).decode()


def issue(subject: str, key: str, issuer: str, issuer_key: str, digest: str = "sha256") -> str:
    """Return a certificate for a name, issued by another one."""
    with _files(key=key, issuer=issuer, issuer_key=issuer_key, extensions=_LEAF) as paths:
        named = ["-utf8", "-subj", subject, "-key", paths["key"]]
        request = _run(["req", "-new", "-batch", f"-{digest}", *named], b"")
        by = ["-CA", paths["issuer"], "-CAkey", paths["issuer_key"]]
        return _run(
            ["x509", "-req", "-days", "3650", f"-{digest}", *by, "-extfile", paths["extensions"]],
            request,
        ).decode()


@cache
def _trusted(certificate: str, middle: str, root: str, at: int, test: bool) -> str:  # noqa: FBT001 - a part of the key
    if certificate.count("BEGIN CERTIFICATE") != 1:
        raise Refused("not one certificate")
    # Level 2 refuses SHA-1 in a chain.
    strictness = [] if test else ["-auth_level", "2"]
    with _files(leaf=certificate, middle=middle, root=root) as paths:
        chain = ["-CAfile", paths["root"], "-untrusted", paths["middle"], "-attime", str(at)]
        alone = ["-no-CApath", "-no-CAstore"]
        try:
            _run(["verify", *strictness, *alone, *chain, paths["leaf"]], b"")
        except subprocess.CalledProcessError as error:
            raise Refused(f"chain: {error.stderr.decode()[:200]}") from error
    name = _said(["x509", "-noout", "-subject", "-nameopt", "sep_multiline,utf8"], certificate)
    common = re.search(r"^\s*CN ?= ?(.*)$", name, re.MULTILINE)
    parts = common[1].split("@") if common else []
    if len(parts) < _THIRD or parts[2] not in {_UNIONPAY, *([_TEST_PLATFORM] if test else [])}:
        raise Refused("name")
    return _said(["x509", "-noout", "-pubkey"], certificate)


def _holds(text: str, signature: str, key: str) -> bool:
    try:
        octets = base64.b64decode(signature, validate=True)
    except ValueError:
        return False
    with _files(key=key) as paths, tempfile.NamedTemporaryFile() as file:
        file.write(octets)
        file.flush()
        command = ["dgst", "-sha256", "-verify", paths["key"], "-signature", file.name]
        try:
            _run(command, text.encode())
        except subprocess.CalledProcessError:
            return False
    return True


def _read(kind: str, body: str) -> Fields:
    pairs = (
        parse_qsl(body, keep_blank_values=True)
        if kind == "notice"
        else list(_pairs_of_answer(body))
    )
    if len(dict(pairs)) != len(pairs):
        raise Refused("a field is there twice")
    return dict(pairs)


def _pairs_of_answer(body: str) -> Iterator[tuple[str, str]]:
    position = 0
    while position < len(body):
        pair = _PAIR.match(body, position)
        if pair is None:
            raise Refused("not an answer")
        yield pair[1], pair[2]
        position = pair.end()


def _joined(fields: Mapping[str, str]) -> str:
    return "&".join(f"{name}={fields[name]}" for name in sorted(fields) if name != "signature")


def _hashed(text: str, algorithm: str = "sha256") -> str:
    return _run(["dgst", f"-{algorithm}", "-r"], text.encode()).decode().split()[0]


def _said(command: list[str], pem: str) -> str:
    return _run(command, pem.encode()).decode()


def _run(command: list[str], given: bytes) -> bytes:
    return subprocess.run(
        [_OPENSSL, *command],
        input=given,
        capture_output=True,
        timeout=_LIMIT_SECONDS,
        check=True,
    ).stdout


@contextmanager
def _files(**texts: str) -> Iterator[dict[str, str]]:
    with tempfile.TemporaryDirectory() as folder:
        paths = {name: Path(folder) / name for name in texts}
        for name, text in texts.items():
            paths[name].write_text(text, "utf-8")
        yield {name: str(path) for name, path in paths.items()}


OPERATIONS = (
    sign_request,
    keyed_request,
    sign_message,
    sign_text,
    hash_text,
    verify_message,
    pkcs12,
    issue,
)
serve(
    {operation.__name__: operation for operation in OPERATIONS},
    _run(["version"], b"").decode().split()[1],
)
