"""How Alipay alone can misbehave: rows beside the kit's, and what each twist does to a notice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sandbox.alipay.merchant import OTHER_MERCHANT
from sandbox.alipay.statuses import Status
from sandbox.simulator.faults import ALWAYS, Answering, Fault, Noticing, Operation


@dataclass(frozen=True, slots=True)
class Twist:
    """What becomes of a notice: other values validly signed, another digest, empty fields signed or not."""

    replace: Mapping[str, str] = field(default_factory=dict)
    digest: str = "SHA256"
    sign_type: str = "RSA2"
    empty_fields: str = ""


TWISTS: Mapping[str, Twist] = {
    "": Twist(),
    "sha1": Twist(digest="SHA1", sign_type="RSA"),
    "app": Twist({"app_id": OTHER_MERCHANT.app_id}),
    "seller": Twist({"seller_id": OTHER_MERCHANT.seller_id}),
    "finished": Twist({"trade_status": Status.TRADE_FINISHED}),
    "stale": Twist({"trade_status": "WAIT_BUYER_PAY"}),
    "empty_signed": Twist(empty_fields="signed"),
    "empty_unsigned": Twist(empty_fields="unsigned"),
}


def _notices(name: str, zh: str, en: str, twist: str) -> Fault:
    return Fault(name, zh, en, ALWAYS, noticing=Noticing(twist=twist))


def _refusal(name: str, zh: str, operation: Operation, code: str) -> Fault:
    """Return a row that refuses one call of an operation with a documented code; nothing is executed."""
    en = f"a {operation.value} is refused: {code}"
    return Fault(name, zh, en, answering=Answering(frozenset({operation}), twist=code))


ROWS: Sequence[Fault] = (
    _notices("sha1_callback", "回调降级为SHA-1", "callbacks signed with SHA-1", "sha1"),
    _notices("wrong_app", "回调应用不符", "callbacks of another app, validly signed", "app"),
    _notices(
        "wrong_seller", "回调卖家不符", "callbacks of another seller, validly signed", "seller"
    ),
    _notices("stale_callback", "回调状态过时", "callbacks that still say WAIT_BUYER_PAY", "stale"),
    _notices("empty_signed", "空字段参与签名", "empty fields, signed in", "empty_signed"),
    _notices("empty_unsigned", "空字段不参与签名", "empty fields, not signed", "empty_unsigned"),
    Fault(
        "finished",
        "交易已完结",
        "paid trades show as TRADE_FINISHED, in queries and in callbacks",
        ALWAYS,
        Answering(frozenset({Operation.QUERY}), twist="finished"),
        Noticing(twist="finished"),
    ),
    _refusal("bill_late", "账单未就绪", Operation.BILL, "BILL_NOT_EXIST"),
    _refusal("no_balance", "商户余额不足", Operation.REFUND, "SELLER_BALANCE_NOT_ENOUGH"),
    _refusal("refund_too_late", "超过退款期限", Operation.REFUND, "TRADE_HAS_FINISHED"),
    _refusal("forbidden_word", "包含禁词", Operation.CREATE, "EXIST_FORBIDDEN_WORD"),
)
