"""wechatpayv3: a second opinion on requests, answers, notices and downloaded certificates."""

from importlib.metadata import version
from types import SimpleNamespace
from typing import Any
from unittest import mock

from wechatpayv3 import core as sdk
from wechatpayv3 import utils

from tools.oracles.programs.lines import asked, serve

type Key = dict[str, str]
type Headers = dict[str, str]


def _core(
    keys: dict[str, Key] | None = None, key: Key | None = None, apiv3_key: str = ""
) -> sdk.Core:
    # In public-key mode it calls nobody when it is made; certificates are put there as if they had been fetched.
    known = dict(keys or {})
    public = next((name for name in known if name.startswith("PUB_KEY_ID_")), "")
    with mock.patch.object(sdk.Core, "_init_certificates"):
        core = sdk.Core(
            "1900000000",
            "ANY",
            key["pkcs8"] if key else None,
            apiv3_key,
            public_key=known[public]["spki"] if public else None,
            public_key_id=public or None,
        )
    core._certificates = [  # noqa: SLF001 - see above
        utils.load_certificate(one["certificate"]) for one in known.values() if "certificate" in one
    ]
    core.request = lambda *_, **__: (500, "")
    return core


def authorization(timestamp: int, **given: Any) -> dict[str, str]:  # noqa: ANN401 - JSON
    """Sign a request."""
    key, body = utils.load_private_key(given["key"]["pkcs8"]), given["body"]
    address = (given["target"], given["method"], given["mchid"], given["serial"])
    with mock.patch.object(utils, "time", SimpleNamespace(time=lambda: timestamp)):
        header = utils.build_authorization(*address, key, body, given["nonce"])
    return {"header": header, "body": body}


def jsapi(*, appid: str, timestamp: str, nonce: str, prepay_id: str, key: Key) -> str:
    """Sign what the script bridge is given."""
    return str(_core(key=key).sign([appid, timestamp, nonce, f"prepay_id={prepay_id}"]))


def app(*, appid: str, timestamp: str, nonce: str, prepay_id: str, key: Key) -> str:
    """Sign what the SDK in an app is given."""
    return str(_core(key=key).sign([appid, timestamp, nonce, prepay_id]))


def sign_text(text: str, key: Key) -> str:
    """Sign a text as it is."""
    return str(utils.rsa_sign(utils.load_private_key(key["pkcs8"]), text))


def verify_answer(
    status: int,  # noqa: ARG001 - it looks at the headers alone
    headers: Headers,
    body: str,
    keys: dict[str, Key],
    key: Key,  # noqa: ARG001 - for SDKs that want one
) -> bool:
    """Verify an answer."""
    return bool(asked(lambda: _core(keys)._verify_signature(headers, body)))  # noqa: SLF001 - no other way in


def verify_notice(headers: Headers, body: str, keys: dict[str, Key], apiv3_key: str) -> Any:  # noqa: ANN401 - JSON
    """Verify and open a notice."""
    core = _core(keys, apiv3_key=apiv3_key)
    return asked(lambda: core.callback(headers, body)["resource"])


def certificates(body: str, apiv3_key: str) -> list[str]:
    """Read a download of certificates and return their serial numbers."""
    core = _core(apiv3_key=apiv3_key)
    core.request = lambda *_, **__: (200, body)
    core._update_certificates()  # noqa: SLF001 - as above
    return [f"{one.serial_number:040X}" for one in core._certificates]  # noqa: SLF001 - as above


def seal_field(text: str, key: Key) -> str:
    """Encrypt a sensitive field."""
    return str(utils.rsa_encrypt(text, utils.load_public_key(key["spki"])))


OPERATIONS = (
    authorization,
    jsapi,
    app,
    sign_text,
    verify_answer,
    verify_notice,
    certificates,
    seal_field,
)
serve({operation.__name__: operation for operation in OPERATIONS}, version("wechatpayv3"))
