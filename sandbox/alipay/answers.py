"""The gateway's answers as bytes: signed over the raw JSON text as it is sent, slashes escaped (section 3)."""

import json
from collections.abc import Mapping

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from starlette.responses import Response

from sandbox.alipay.signing import sign

CONTENT_TYPE = "text/html;charset=utf-8"


def raw_json(fields: Mapping[str, object]) -> str:
    """Return compact JSON with each slash escaped, as the gateway writes it."""
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).replace("/", "\\/")


def member_of(method: str) -> str:
    """Return the name of the answer's member: ``alipay.trade.query`` becomes ``alipay_trade_query_response``."""
    return method.replace(".", "_") + "_response"


def answer(method: str, fields: Mapping[str, object], key: RSAPrivateKey | None) -> Response:
    """Return an answer whose signature covers exactly the text of its response member; without a key, unsigned."""
    text = raw_json(fields)
    if key is None:
        return _sent(f'{{"{member_of(method)}":{text}}}')
    return _sent(f'{{"{member_of(method)}":{text},"sign":"{sign(key, text)}"}}')


def gateway_error(fields: Mapping[str, object]) -> Response:
    """Return a gateway-level failure: ``error_response``, never signed."""
    return _sent(f'{{"error_response":{raw_json(fields)}}}')


def _sent(text: str) -> Response:
    return Response(text.encode(), headers={"content-type": CONTENT_TYPE})
