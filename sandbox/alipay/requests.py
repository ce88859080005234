"""Reading and checking a v2 gateway request before anything is executed (channel document, section 2)."""

from collections.abc import Mapping

from starlette.requests import Request

from sandbox.alipay.certificates import Certificates
from sandbox.alipay.errors import GatewayRefusal
from sandbox.alipay.merchant import Merchant
from sandbox.alipay.signing import Keys, request_text, signed_by
from sandbox.business_clock import beijing_moment
from sandbox.simulator.wire import form_pairs, read_limited, without_repeats

TIMESTAMP_WINDOW_SECONDS = 15 * 60
ADDRESS_LIMIT_CHARACTERS = 256
FORM_TYPE = "application/x-www-form-urlencoded"


async def read_params(request: Request) -> dict[str, str]:
    """All parameters of query and form body; GatewayRefusal when one has two values or the body is no form.

    The same value in both places is allowed: SDKs repeat ``charset`` in the query so that the body can be decoded.
    """
    try:
        pairs = form_pairs(request.url.query)
        if request.method == "POST":
            pairs += form_pairs(await _form_text(request))
        return without_repeats(pairs)
    except ValueError as error:
        raise GatewayRefusal(
            "isv.invalid-parameter", f"参数无法解析 not a form of single values: {error}"
        ) from error


def check(params: Mapping[str, str], merchant: Merchant, keys: Keys, now: float) -> None:
    """Hold the common parameters and the signature; GatewayRefusal with the documented sub code."""
    _check_frame(params, merchant)
    _check_timestamp(params.get("timestamp", ""), now)
    _check_certificates(params, keys.certificates)
    for name in ("notify_url", "return_url"):
        if len(params.get(name, "")) > ADDRESS_LIMIT_CHARACTERS:
            raise GatewayRefusal(
                "isv.invalid-parameter", f"{name} 过长 longer than {ADDRESS_LIMIT_CHARACTERS}"
            )
    if not signed_by(keys.app, request_text(params), params.get("sign", "")):
        raise GatewayRefusal(
            "isv.invalid-signature", f"验签出错 wrong signature over: {request_text(params)}"
        )


def _check_frame(params: Mapping[str, str], merchant: Merchant) -> None:
    # RSA2 alone is accepted, whatever the message would like (section 2.4).
    if params.get("sign_type") != "RSA2":
        raise GatewayRefusal("isv.invalid-signature-type", "无效签名类型 sign_type must be RSA2")
    if not params.get("sign"):
        raise GatewayRefusal(
            "isv.missing-signature",
            "缺少签名参数 sign is missing",
            "40001",
            "Missing Required Arguments",
        )
    if params.get("app_id") != merchant.app_id:
        raise GatewayRefusal("isv.invalid-app-id", "无效的AppID参数 unknown app_id")
    if params.get("charset", "").lower() != "utf-8":
        raise GatewayRefusal("isv.invalid-charset", "字符集错误 charset must be utf-8")
    if params.get("version") != "1.0":
        raise GatewayRefusal("isv.invalid-parameter", "version must be 1.0")
    if params.get("format", "JSON").upper() != "JSON":
        raise GatewayRefusal("isv.invalid-format", "无效的数据格式 format must be JSON")


def _check_timestamp(text: str, now: float) -> None:
    try:
        distance = abs(beijing_moment(text) - now)
    except ValueError as error:
        raise GatewayRefusal("isv.invalid-timestamp", f"非法的时间戳参数 {error}") from error
    if distance > TIMESTAMP_WINDOW_SECONDS:
        raise GatewayRefusal(
            "isv.invalid-timestamp", f"非法的时间戳参数 {distance:.0f} s from the gateway's clock"
        )


def _check_certificates(params: Mapping[str, str], known: Certificates) -> None:
    """In certificate mode, which the caller chooses by sending serials, both must be the right ones (section 2)."""
    sent = (params.get("app_cert_sn"), params.get("alipay_root_cert_sn"))
    if any(sent) and sent != (known.app_serial, known.root_serial):
        raise GatewayRefusal("isv.invalid-app-cert-sn", f"证书序列号错误 unknown serials: {sent}")


async def _form_text(request: Request) -> str:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM_TYPE:
        raise GatewayRefusal("isv.invalid-parameter", f"content type must be {FORM_TYPE}")
    return (await read_limited(request)).decode("latin-1")
