"""The gateway's answers as bytes: signed over the raw JSON text as it is sent, slashes escaped (section 3)."""

import json
from collections.abc import Mapping

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from starlette.responses import Response

from sandbox.alipay.encryption import encrypted
from sandbox.alipay.signing import sign

CONTENT_TYPE = "text/html;charset=utf-8"


def raw_json(fields: Mapping[str, object]) -> str:
    """Return compact JSON with each slash escaped, as the gateway writes it."""
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).replace("/", "\\/")


def member_of(method: str) -> str:
    """Return the name of the answer's member: ``alipay.trade.query`` becomes ``alipay_trade_query_response``."""
    return method.replace(".", "_") + "_response"


def answer(
    method: str,
    fields: Mapping[str, object],
    key: RSAPrivateKey | None,
    serial: str = "",
    encryption_key: str = "",
) -> Response:
    """Return an answer whose signature covers exactly the text of its response member; without a key, unsigned.

    ``serial`` names the certificate in certificate mode; encrypted, the member is a text and no object.
    """
    text = raw_json(fields)
    if encryption_key:
        text = f'"{encrypted(encryption_key, text)}"'
    parts = [f'"{member_of(method)}":{text}']
    if serial:
        parts.append(f'"alipay_cert_sn":"{serial}"')
    if key is not None:
        parts.append(f'"sign":"{sign(key, text)}"')
    return _sent(f"{{{','.join(parts)}}}")


def gateway_error(fields: Mapping[str, object]) -> Response:
    """Return a gateway-level failure: ``error_response``, never signed."""
    return _sent(f'{{"error_response":{raw_json(fields)}}}')


def _sent(text: str) -> Response:
    return Response(text.encode(), headers={"content-type": CONTENT_TYPE})
