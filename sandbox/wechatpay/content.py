"""Bodies as the simulator accepts them: the limits of the channel document, sections 5.1 and 5.4, held strictly."""

import json
import re
from collections.abc import Mapping
from ipaddress import ip_address

from sandbox.simulator.trades import Order, RefundOrder
from sandbox.wechatpay.merchant import PAYER_OPENID, Merchant
from sandbox.wechatpay.problems import Problem
from sandbox.wechatpay.words import moment_of

MINIMUM_WINDOW_SECONDS = 60
LONGEST_SECONDS = 7 * 86_400
LARGEST_FEN = 100_000_000_00
_NUMBER = re.compile(r"[0-9A-Za-z_|*-]{6,32}")
_REFUND_NUMBER = re.compile(r"[0-9A-Za-z_|*@-]{1,64}")
_ADDRESS = re.compile(r"https?://[^\s?#]+")
_REQUIRED = ("appid", "mchid", "description", "out_trade_no", "notify_url", "amount")
_OPTIONAL = ("time_expire", "attach", "goods_tag", "detail", "support_fapiao", "settle_info")
_ALLOWED = frozenset({*_REQUIRED, *_OPTIONAL, "payer", "scene_info"})


def text_of(
    fields: Mapping[str, object], name: str, longest: int, *, required: bool = False
) -> str:
    """Return a text member, empty when absent; PARAM_ERROR when missing, empty, too long or no text."""
    value = fields.get(name, "")
    if not isinstance(value, str) or len(value) > longest or (not value and (required or name in fields)):  # fmt: skip
        raise Problem("PARAM_ERROR", f"{name}: text of 1 to {longest} characters")
    return value


def part_of(fields: Mapping[str, object], name: str) -> dict[str, object]:
    """Return a member that is an object; PARAM_ERROR when it is none."""
    value = fields.get(name)
    if not isinstance(value, dict):
        raise Problem("PARAM_ERROR", f"{name}: an object")
    return value


def fen_of(fields: Mapping[str, object], name: str) -> int:
    """Return an amount, a JSON integer from 1 on; PARAM_ERROR for anything else."""
    value = fields.get(name)
    if type(value) is not int or not 1 <= value <= LARGEST_FEN:
        raise Problem("PARAM_ERROR", f"amount.{name}: an integer from 1 on")
    return value


def number_of(fields: Mapping[str, object]) -> str:
    """Return ``out_trade_no``."""
    number = text_of(fields, "out_trade_no", 32, required=True)
    if not _NUMBER.fullmatch(number):
        raise Problem("PARAM_ERROR", "out_trade_no: 6 to 32 of 0-9 A-Z a-z _ - | *")
    return number


def order_of(
    kind: str, fields: Mapping[str, object], merchant: Merchant, now: float, mode: str
) -> Order:
    """Return the checked order of a create; Problem with the documented code.

    Everything that it said stays with it: a repeat that says anything else is another order.
    """
    if fields.keys() - _ALLOWED:
        raise Problem("PARAM_ERROR", f"unknown: {', '.join(sorted(fields.keys() - _ALLOWED))}")
    check_merchant(fields, merchant)
    amount = part_of(fields, "amount")
    if amount.get("currency", "CNY") != "CNY":
        raise Problem("PARAM_ERROR", "amount.currency: CNY")
    return Order(
        number=number_of(fields),
        method=kind,
        amount_fen=fen_of(amount, "total"),
        subject=text_of(fields, "description", 127, required=True),
        expires_at=_deadline_of(fields, now),
        notify_url=_address_of(fields, 255, required=True),
        extra={
            "said": json.dumps(fields, sort_keys=True, ensure_ascii=False),
            "attach": text_of(fields, "attach", 128),
            "openid": _payer_of(kind, fields),
            "mode": mode,
        },
    )


def check_merchant(fields: Mapping[str, object], merchant: Merchant) -> None:
    """Refuse another merchant's number or app."""
    if fields.get("mchid") != merchant.mchid:
        raise Problem("PARAM_ERROR", "mchid: not the one that signed")
    if text_of(fields, "appid", 32, required=True) != merchant.appid:
        raise Problem("APPID_MCHID_NOT_MATCH")


def refund_of(fields: Mapping[str, object]) -> tuple[RefundOrder, int]:
    """Return a refund as it is asked for, and the total that it names; Problem with the documented code."""
    number = text_of(fields, "out_refund_no", 64, required=True)
    if not _REFUND_NUMBER.fullmatch(number):
        raise Problem("PARAM_ERROR", "out_refund_no: letters, digits, _ - | * @")
    text_of(fields, "reason", 80)
    amount = part_of(fields, "amount")
    if amount.get("currency") != "CNY":
        raise Problem("PARAM_ERROR", "amount.currency: CNY")
    order = RefundOrder(
        number=number,
        amount_fen=fen_of(amount, "refund"),
        notify_url=_address_of(fields, 256),
        extra={"said": json.dumps(fields, sort_keys=True, ensure_ascii=False)},
    )
    return order, fen_of(amount, "total")


def _deadline_of(fields: Mapping[str, object], now: float) -> float:
    text = text_of(fields, "time_expire", 64)
    if not text:
        return now + LONGEST_SECONDS
    try:
        deadline = moment_of(text)
    except ValueError as error:
        raise Problem("PARAM_ERROR", f"time_expire: {error}") from error
    if deadline > now + LONGEST_SECONDS:
        raise Problem("PARAM_ERROR", "time_expire: more than 7 days ahead")
    # Earlier ones are moved, not refused.
    return max(deadline, now + MINIMUM_WINDOW_SECONDS)


def _address_of(fields: Mapping[str, object], longest: int, *, required: bool = False) -> str:
    address = text_of(fields, "notify_url", longest, required=required)
    if address and not _ADDRESS.fullmatch(address):
        raise Problem("PARAM_ERROR", "notify_url: http or https, without a query")
    return address


def _payer_of(kind: str, fields: Mapping[str, object]) -> str:
    if kind == "h5":
        _check_scene(part_of(fields, "scene_info"))
    if kind != "jsapi":
        return PAYER_OPENID
    openid = text_of(part_of(fields, "payer"), "openid", 128, required=True)
    if openid != PAYER_OPENID:
        raise Problem("OPENID_MISMATCH")
    return openid


def _check_scene(scene: Mapping[str, object]) -> None:
    try:
        address = ip_address(text_of(scene, "payer_client_ip", 45, required=True))
    except ValueError as error:
        raise Problem("PARAM_ERROR", "payer_client_ip: no address") from error
    if address.is_loopback:
        raise Problem("PARAM_ERROR", "payer_client_ip: nobody's address")
    if part_of(scene, "h5_info").get("type") not in ("Wap", "iOS", "Android"):
        raise Problem("PARAM_ERROR", "h5_info.type: Wap, iOS or Android")
