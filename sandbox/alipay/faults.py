"""How Alipay alone can misbehave: rows beside the kit's, and what each twist does to a notice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sandbox.alipay.merchant import OTHER_MERCHANT
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
    "stale": Twist({"trade_status": "WAIT_BUYER_PAY"}),
    "empty_signed": Twist(empty_fields="signed"),
    "empty_unsigned": Twist(empty_fields="unsigned"),
}


def _notices(name: str, zh: str, en: str, twist: str) -> Fault:
    return Fault(name, zh, en, ALWAYS, noticing=Noticing(twist=twist))


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
        "bill_late",
        "账单未就绪",
        "the bill is not made yet (arm for every trade: a bill is of none)",
        answering=Answering(frozenset({Operation.BILL}), twist="bill_late"),
    ),
)
