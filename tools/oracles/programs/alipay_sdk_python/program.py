"""alipay-sdk-python, official: a second opinion on v2 texts and answers.

It has no check of notices of its own, and its AES can't run: it gives its cipher a zero vector of text, not of octets.
"""

from importlib.metadata import version
from typing import Any
from urllib.parse import parse_qsl

from alipay.aop.api import DefaultAlipayClient as Clients
from alipay.aop.api.AlipayClientConfig import AlipayClientConfig
from alipay.aop.api.util import SignatureUtils

from tools.oracles.programs.lines import asked, serve

type Key = dict[str, str]


def sign_request(params: dict[str, str], key: Key) -> str:
    """Sign as every request is signed."""
    text = SignatureUtils.get_sign_content(params)
    return str(SignatureUtils.sign_with_rsa2(key["pkcs1"], text, "utf-8"))


def verify_request(params: dict[str, str], key: Key) -> bool:
    """Verify the text that the SDK would have signed."""
    sign = params.pop("sign")
    return bool(asked(lambda: _verified(params, sign, key)))


def sign_text(text: str, key: Key) -> str:
    """Sign a text as it is."""
    return str(SignatureUtils.sign_with_rsa2(key["pkcs1"], text, "utf-8"))


def verify_answer(body: str, method: str, key: Key) -> bool:  # noqa: ARG001 - it does not look
    """Let the client read an answer."""
    return bool(asked(lambda: _parsed(body, key)))


def verify_notice(body: str, key: Key) -> bool:
    """Verify a notice as the SDK's manual says: without `sign` and `sign_type`, the rest joined."""
    fields = dict(parse_qsl(body, keep_blank_values=True))
    sign = fields.pop("sign", "")
    fields.pop("sign_type", None)
    return bool(asked(lambda: _verified(fields, sign, key)))


def _verified(params: dict[str, str], sign: str, key: Key) -> bool:
    text = SignatureUtils.get_sign_content(params)
    return bool(SignatureUtils.verify_with_rsa(key["spki"], text.encode(), sign))


def _parsed(body: str, key: Key) -> Any:  # noqa: ANN401 - as the SDK has it
    config = AlipayClientConfig()
    config.alipay_public_key = key["spki"]
    Clients.THREAD_LOCAL.uuid, Clients.THREAD_LOCAL.logger = "", None
    client = Clients.DefaultAlipayClient(config)
    return client._DefaultAlipayClient__parse_response(body.encode())  # noqa: SLF001 - the part under test


OPERATIONS = (
    sign_request,
    verify_request,
    sign_text,
    verify_answer,
    verify_notice,
)
serve({operation.__name__: operation for operation in OPERATIONS}, version("alipay-sdk-python"))
