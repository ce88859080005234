"""python-alipay-sdk: a second opinion on v2 requests, answers, notices and certificate serials."""

from importlib.metadata import version
from urllib.parse import parse_qsl

from alipay import AliPay, DCAliPay
from Cryptodome.PublicKey import RSA

from tools.oracles.programs.lines import asked, serve

type Key = dict[str, str]

# The SDK wants keys where none is used.
_ANY = RSA.generate(2048)


def _client(key: Key | None = None, public: Key | None = None) -> AliPay:
    return AliPay(
        appid="2021000000000000",
        app_private_key_string=_pem("RSA PRIVATE KEY", key["pkcs1"]) if key else _ANY.export_key(),
        alipay_public_key_string=_pem("PUBLIC KEY", public["spki"])
        if public
        else _ANY.public_key().export_key(),
    )


def _pem(kind: str, base64: str) -> str:
    return f"-----BEGIN {kind}-----\n{base64}\n-----END {kind}-----"


def sign_request(params: dict[str, str], key: Key) -> str:
    """Sign a request."""
    return dict(parse_qsl(order_string(params, key)))["sign"]


def order_string(params: dict[str, str], key: Key) -> str:
    """Sign a request and write it as one string."""
    return str(_client(key).sign_data(params))


def verify_request(params: dict[str, str], key: Key) -> bool:
    """Verify the text that the SDK would have signed, `sign_type` included."""
    sign = params.pop("sign")
    text = "&".join(f"{name}={value}" for name, value in _client()._ordered_data(params))  # noqa: SLF001
    return bool(asked(lambda: _client(public=key)._verify(text, sign)))  # noqa: SLF001 - no other way in


def sign_text(text: str, key: Key) -> str:
    """Sign a text as it is."""
    return str(_client(key)._sign(text))  # noqa: SLF001 - as above


def verify_answer(body: str, method: str, key: Key) -> bool:
    """Let the client read an answer."""
    member = method.replace(".", "_") + "_response"
    client = _client(public=key)
    asked(lambda: client._verify_and_return_sync_response(body, member))  # noqa: SLF001 - as above
    return True


def verify_notice(body: str, key: Key) -> bool:
    """Verify a notice."""
    fields = dict(parse_qsl(body, keep_blank_values=True))
    sign = fields.pop("sign", "")
    return bool(asked(lambda: _client(public=key).verify(fields, sign)))


def certificate_serial(pem: str) -> str:
    """Return a certificate's serial text."""
    return str(asked(lambda: DCAliPay.get_cert_sn(pem)))


def root_serial(pem: str) -> str:
    """Return a bundle's serial text."""
    return str(asked(lambda: DCAliPay.get_root_cert_sn(pem)))


OPERATIONS = (
    sign_request,
    order_string,
    verify_request,
    sign_text,
    verify_answer,
    verify_notice,
    certificate_serial,
    root_serial,
)
serve({operation.__name__: operation for operation in OPERATIONS}, version("python-alipay-sdk"))
