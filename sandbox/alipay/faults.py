"""How the simulated Alipay can misbehave: each fault is a row of data, armed per trade or for the next one.

A fault acts in three places, and a row says what it changes in each: in the answer to a gateway call, in the
notices of a trade, or in the trade itself once it has been closed. A new fault is a new row.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sandbox.alipay.money import yuan_of
from sandbox.alipay.trades import Trade

NEXT_TRADE = "*next*"
ALWAYS = 0

QUERY, CLOSE, REFUND = "alipay.trade.query", "alipay.trade.close", "alipay.trade.refund"


@dataclass(frozen=True, slots=True)
class Answering:
    """What becomes of a gateway call: which methods, is it executed, what is answered instead of the truth."""

    methods: frozenset[str] = frozenset()
    executed: bool = True
    payer_pays_first: bool = False
    settle_delay_s: float = 0
    hides_payment: bool = False
    reply: str = "signed"


@dataclass(frozen=True, slots=True)
class Noticing:
    """What becomes of one attempt to send a notice."""

    lost: bool = False
    copies: int = 1
    delay_s: float = 0
    key: str = "platform"
    digest: str = "SHA256"
    sign_type: str = "RSA2"
    replace: Mapping[str, Callable[[Trade], str]] = field(default_factory=dict)
    empty_fields: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """One row: its name, what it does in both languages, how often by default, and where it acts."""

    name: str
    zh: str
    en: str
    times: int = 1
    answering: Answering | None = None
    noticing: Noticing | None = None
    pays_after_close_s: float | None = None


def _one_fen_less(trade: Trade) -> str:
    return yuan_of(max(1, trade.content.fen - 1))


def _unknown_number(trade: Trade) -> str:
    # Still well formed: the number of an order that could exist and does not.
    return ("B" if trade.number.startswith("A") else "A") + trade.number[1:]


_ROWS = (
    Kind("lose_callbacks", "丢失回调", "lose every callback", ALWAYS, noticing=Noticing(lost=True)),
    Kind(
        "delay_callbacks",
        "回调延迟两分钟",
        "callbacks 2 minutes late",
        noticing=Noticing(delay_s=120),
    ),
    Kind(
        "double_callbacks",
        "重复回调",
        "every callback twice at once",
        ALWAYS,
        noticing=Noticing(copies=2),
    ),
    Kind(
        "forge_callback",
        "伪造回调",
        "callbacks signed by a stranger",
        ALWAYS,
        noticing=Noticing(key="stranger"),
    ),
    Kind(
        "sha1_callback",
        "回调降级为SHA-1",
        "callbacks signed with SHA-1",
        ALWAYS,
        noticing=Noticing(digest="SHA1", sign_type="RSA"),
    ),
    Kind(
        "wrong_amount",
        "回调金额不符",
        "callbacks with one fen less, validly signed",
        ALWAYS,
        noticing=Noticing(replace={"total_amount": _one_fen_less}),
    ),
    Kind(
        "wrong_app",
        "回调应用不符",
        "callbacks of another app, validly signed",
        ALWAYS,
        noticing=Noticing(replace={"app_id": lambda _: "2021999999999999"}),
    ),
    Kind(
        "wrong_seller",
        "回调商户不符",
        "callbacks of another seller, validly signed",
        ALWAYS,
        noticing=Noticing(replace={"seller_id": lambda _: "2088999999999999"}),
    ),
    Kind(
        "unknown_order",
        "回调订单未知",
        "callbacks for a number nobody knows, validly signed",
        ALWAYS,
        noticing=Noticing(replace={"out_trade_no": _unknown_number}),
    ),
    Kind(
        "stale_callback",
        "回调状态过时",
        "callbacks that still say WAIT_BUYER_PAY",
        ALWAYS,
        noticing=Noticing(replace={"trade_status": lambda _: "WAIT_BUYER_PAY"}),
    ),
    Kind(
        "empty_signed",
        "空字段参与签名",
        "empty fields, signed in",
        ALWAYS,
        noticing=Noticing(empty_fields="signed"),
    ),
    Kind(
        "empty_unsigned",
        "空字段不参与签名",
        "empty fields, not signed",
        ALWAYS,
        noticing=Noticing(empty_fields="unsigned"),
    ),
    Kind(
        "answer_html",
        "应答为HTML",
        "answer an HTML page, not executed",
        answering=Answering(executed=False, reply="html"),
    ),
    Kind(
        "answer_500",
        "应答500",
        "answer 500, not executed",
        answering=Answering(executed=False, reply="500"),
    ),
    Kind(
        "timeout_before",
        "执行前超时",
        "no answer, not executed",
        answering=Answering(executed=False, reply="hang"),
    ),
    Kind(
        "timeout_after_effect",
        "执行后超时",
        "no answer although executed",
        answering=Answering(reply="hang"),
    ),
    Kind(
        "error_after_effect",
        "执行后系统错误",
        "answer 20000 although executed",
        answering=Answering(reply="20000"),
    ),
    Kind(
        "unsigned_answer",
        "应答无签名",
        "answer without a signature",
        answering=Answering(reply="unsigned"),
    ),
    Kind(
        "forged_answer",
        "应答签名伪造",
        "answer signed by a stranger",
        answering=Answering(reply="stranger"),
    ),
    Kind(
        "stay_waiting",
        "查询一直未付",
        "queries say WAIT_BUYER_PAY though paid",
        ALWAYS,
        answering=Answering(methods=frozenset({QUERY}), hides_payment=True),
    ),
    Kind(
        "close_says_paid",
        "关单时已支付",
        "the payer pays in the second of the close",
        answering=Answering(methods=frozenset({CLOSE}), payer_pays_first=True),
    ),
    Kind(
        "refund_later",
        "退款稍后到账",
        "refund answers N and settles a minute later",
        answering=Answering(methods=frozenset({REFUND}), settle_delay_s=60),
    ),
    Kind(
        "pay_after_close",
        "关单后到账",
        "money arrives 5 seconds after the close",
        pays_after_close_s=5,
    ),
)

KINDS: Mapping[str, Kind] = {row.name: row for row in _ROWS}
