"""``biz_content`` as the simulator accepts it: the limits of the channel document, section 5.1, held strictly."""

import re
from collections.abc import Mapping

from sandbox.alipay.errors import BusinessRefusal, GatewayRefusal
from sandbox.business_clock import beijing_moment
from sandbox.simulator.money import fen_of
from sandbox.simulator.trades import Order
from sandbox.simulator.wire import json_object

PAGE_PAY = "alipay.trade.page.pay"
WAP_PAY = "alipay.trade.wap.pay"
APP_PAY = "alipay.trade.app.pay"
PRECREATE = "alipay.trade.precreate"

PRODUCT_CODES: Mapping[str, frozenset[str]] = {
    PAGE_PAY: frozenset({"FAST_INSTANT_TRADE_PAY"}),
    WAP_PAY: frozenset({"QUICK_WAP_WAY"}),
    APP_PAY: frozenset({"QUICK_MSECURITY_PAY"}),
    PRECREATE: frozenset({"", "FACE_TO_FACE_PAYMENT", "QR_CODE_OFFLINE"}),
}

LONGEST_EXPIRY_SECONDS = 15 * 86_400
# A precreate code lives two hours unless told otherwise; others as long as a deadline may be ahead.
DEFAULT_EXPIRY_SECONDS: Mapping[str, int] = {
    PAGE_PAY: LONGEST_EXPIRY_SECONDS,
    WAP_PAY: LONGEST_EXPIRY_SECONDS,
    APP_PAY: LONGEST_EXPIRY_SECONDS,
    PRECREATE: 2 * 3_600,
}

_NUMBER = re.compile(r"[A-Za-z0-9_]{1,64}")
_URL_ENCODED = re.compile(r"[A-Za-z0-9%+._*~-]{0,512}")
# Relative deadlines count from the payer's arrival; nobody who has a hard deadline may use them (section 5.1).
_UNSUPPORTED = ("timeout_express", "qr_code_timeout_express")


def parse_json(text: str) -> dict[str, object]:
    """Return the JSON object of ``biz_content``; GatewayRefusal when it is none or names a member twice."""
    try:
        return json_object(text)
    except ValueError as error:
        raise GatewayRefusal(
            "isv.invalid-parameter", f"biz_content 不是合法的 JSON 对象: {error}"
        ) from error


def text_of(
    fields: Mapping[str, object], name: str, longest: int, *, required: bool = False
) -> str:
    """Return a text member, empty when absent; BusinessRefusal INVALID_PARAMETER when missing, too long or no text."""
    value = fields.get(name, "")
    if not isinstance(value, str) or len(value) > longest or (required and not value):
        raise BusinessRefusal("INVALID_PARAMETER", f"{name}: text of 1 to {longest} characters")
    return value


def number_of(fields: Mapping[str, object], name: str = "out_trade_no") -> str:
    """Return a merchant's number, at most 64 of letters, digits and ``_``."""
    number = text_of(fields, name, 64, required=True)
    if not _NUMBER.fullmatch(number):
        raise BusinessRefusal("INVALID_PARAMETER", f"{name}: letters, digits and _ only")
    return number


def amount_of(fields: Mapping[str, object], name: str) -> int:
    """Return a yuan text member in fen."""
    try:
        return fen_of(text_of(fields, name, 12, required=True))
    except ValueError as error:
        raise BusinessRefusal("INVALID_PARAMETER", f"{name}: {error}") from error


def order_of(
    params: Mapping[str, str], fields: Mapping[str, object], seller_id: str, now: float
) -> Order:
    """Return the checked order of a page, wap, app or precreate request; BusinessRefusal with the documented code."""
    method = params["method"]
    for name in _UNSUPPORTED:
        if name in fields:
            raise BusinessRefusal("INVALID_PARAMETER", f"{name}: this simulator wants time_expire")
    if text_of(fields, "product_code", 64) not in PRODUCT_CODES[method]:
        raise BusinessRefusal("INVALID_PARAMETER", f"product_code: not one of {method}")
    if text_of(fields, "seller_id", 28) not in ("", seller_id):
        raise BusinessRefusal("PARTNER_ERROR")
    return Order(
        number=number_of(fields),
        method=method,
        amount_fen=amount_of(fields, "total_amount"),
        subject=_subject_of(fields),
        expires_at=_deadline_of(method, fields, now),
        notify_url=params.get("notify_url", ""),
        return_url=params.get("return_url", ""),
        leave_url=text_of(fields, "quit_url", 400),
        extra={"body": text_of(fields, "body", 128), "passback_params": _passback_of(fields)},
    )


def _subject_of(fields: Mapping[str, object]) -> str:
    subject = text_of(fields, "subject", 256, required=True)
    if any(character in subject for character in "/=&"):
        raise BusinessRefusal("INVALID_PARAMETER", "subject: must not contain / = &")
    return subject


def _passback_of(fields: Mapping[str, object]) -> str:
    passback = text_of(fields, "passback_params", 512)
    if not _URL_ENCODED.fullmatch(passback):
        raise BusinessRefusal("INVALID_PARAMETER", "passback_params: must be URL-encoded")
    return passback


def _deadline_of(method: str, fields: Mapping[str, object], now: float) -> float:
    text = text_of(fields, "time_expire", 19)
    if not text:
        return now + DEFAULT_EXPIRY_SECONDS[method]
    try:
        deadline = beijing_moment(text)
    except ValueError as error:
        raise BusinessRefusal("INVALID_PARAMETER", f"time_expire: {error}") from error
    if deadline <= now:
        raise BusinessRefusal("NOW_TIME_AFTER_EXPIRE_TIME_ERROR", f"time_expire {text}")
    if deadline > now + LONGEST_EXPIRY_SECONDS:
        raise BusinessRefusal("INVALID_PARAMETER", "time_expire: more than 15 days ahead")
    return deadline
