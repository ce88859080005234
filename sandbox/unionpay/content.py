"""The fields of purchases and refunds as the simulator accepts them: the limits of section 4, held strictly."""

import re
from collections.abc import Mapping

from sandbox.simulator.trades import Order, RefundOrder
from sandbox.unionpay.errors import MALFORMED, Refused
from sandbox.unionpay.moments import moment_of

# `txnTime` must be now; how far off it may be, UnionPay does not say.
PURCHASE_WINDOW_SECONDS = 600
REFUND_WINDOW_SECONDS = 86_400
DEFAULT_LIFE_SECONDS = 900
ADDRESS_LIMIT_CHARACTERS = 255

_NUMBER = re.compile(r"[0-9A-Za-z]{8,40}")
_AMOUNT = re.compile(r"[1-9][0-9]{0,11}")
_ADDRESS = re.compile(r"https?://[!-~]+")
_RISK = re.compile(r"\{commodityName=([^{}\[\]&=]+)\}")


def number_of(fields: Mapping[str, str], name: str = "orderId") -> str:
    """Return a merchant's number: 8 to 40 letters and digits."""
    return _matching(fields, name, _NUMBER)


def amount_of(fields: Mapping[str, str]) -> int:
    """Return ``txnAmt`` in fen."""
    return int(_matching(fields, "txnAmt", _AMOUNT))


def moment_in(fields: Mapping[str, str], name: str) -> float:
    """Return a moment that a field names."""
    try:
        return moment_of(fields.get(name, ""))
    except ValueError as error:
        raise Refused(MALFORMED, f"{name}: {error}") from error


def order_of(fields: Mapping[str, str], method: str, now: float) -> Order:
    """Return the checked order of a purchase; ``txnTime`` is part of what it is."""
    began_at = moment_in(fields, "txnTime")
    if abs(began_at - now) > PURCHASE_WINDOW_SECONDS:
        raise Refused(MALFORMED, "txnTime must be now")
    return Order(
        number=number_of(fields),
        method=method,
        amount_fen=_in_yuan(fields),
        subject=_subject_of(fields),
        expires_at=_deadline_of(fields, now),
        notify_url=_address_of(fields, "backUrl", required=True),
        return_url=_address_of(fields, "frontUrl", required=False),
        extra={
            name: fields[name] for name in ("txnTime", "txnSubType", "bizType") if name in fields
        },
    )


def refund_of(fields: Mapping[str, str], now: float) -> RefundOrder:
    """Return the checked order of a refund or an undo."""
    if abs(moment_in(fields, "txnTime") - now) > REFUND_WINDOW_SECONDS:
        raise Refused(MALFORMED, "txnTime must be now")
    if fields["txnType"] == "04":
        _in_yuan(fields)
    return RefundOrder(
        number=number_of(fields),
        amount_fen=amount_of(fields),
        notify_url=_address_of(fields, "backUrl", required=True),
        extra={name: fields[name] for name in ("txnType", "txnTime")},
    )


def _matching(fields: Mapping[str, str], name: str, form: re.Pattern[str]) -> str:
    value = fields.get(name, "")
    if form.fullmatch(value) is None:
        raise Refused(MALFORMED, name)
    return value


def _in_yuan(fields: Mapping[str, str]) -> int:
    if fields.get("currencyCode") != "156":
        raise Refused(MALFORMED, "currencyCode must be 156")
    return amount_of(fields)


def _subject_of(fields: Mapping[str, str]) -> str:
    # Braces, brackets, & and = would break the group apart (section 3).
    if "riskRateInfo" not in fields:
        return "银联支付 UnionPay payment"
    match = _RISK.fullmatch(fields["riskRateInfo"])
    if match is None:
        raise Refused(MALFORMED, "riskRateInfo")
    return match[1]


def _deadline_of(fields: Mapping[str, str], now: float) -> float:
    if "payTimeout" not in fields:
        return now + DEFAULT_LIFE_SECONDS
    deadline = moment_in(fields, "payTimeout")
    if deadline <= now:
        raise Refused(MALFORMED, "payTimeout has passed")
    return deadline


def _address_of(fields: Mapping[str, str], name: str, *, required: bool) -> str:
    address = fields.get(name, "")
    if not address and not required:
        return ""
    if _ADDRESS.fullmatch(address) is None or len(address) > ADDRESS_LIMIT_CHARACTERS:
        raise Refused(MALFORMED, name)
    return address
