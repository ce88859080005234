"""How a simulated channel can misbehave: each fault is a row of data, armed per payment or for the next one.

A fault acts in four places, and a row says what it changes in each: in the answer to a call, in the callbacks of a
payment, in a trade that has just been closed, and in what the payer's bank says. A new fault is a new row. These rows
every channel has; a channel adds its own (``Channel.faults``), whose ``twist`` is a word that only its wire reads.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

NEXT_TRADE = "*next*"
EVERY_TRADE = "*every*"
ALWAYS = 0


class Operation(StrEnum):
    """What a call is about, whatever its channel names it."""

    CREATE = "create"
    QUERY = "query"
    CLOSE = "close"
    REFUND = "refund"
    QUERY_REFUND = "query_refund"
    BILL = "bill"
    OTHER = "other"


class Seal(StrEnum):
    """Whose signature something carries: the channel's own, a stranger's, or none."""

    OWN = "own"
    STRANGER = "stranger"
    NONE = "none"


class Reply(StrEnum):
    """What is sent instead of the truth."""

    TRUTH = "truth"
    HANG = "hang"
    CUT = "cut"
    HTML = "html"
    SERVER_ERROR = "server_error"
    TRUNCATED = "truncated"
    UNSIGNED = "unsigned"
    STRANGER = "stranger"
    SYSTEM_ERROR = "system_error"
    THROTTLED = "throttled"


@dataclass(frozen=True, slots=True)
class Answering:
    """What becomes of a call: of which operations (none: of all), whether it is executed, what is answered.

    ``late_s`` are real seconds, because a client's limit is one; ``settles_after_s`` are business seconds.
    ``hides_payment`` says, occasion by occasion and again from the start, whether a paid trade looks unpaid.
    """

    operations: frozenset[Operation] = frozenset()
    executed: bool = True
    reply: Reply = Reply.TRUTH
    late_s: float = 0
    payer_pays_first: bool = False
    claims_paid: bool = False
    settles_after_s: float = 0
    refund_failure: str = ""
    hides_payment: tuple[bool, ...] = ()
    odd_status: bool = False
    twist: str = ""


@dataclass(frozen=True, slots=True)
class Noticing:
    """What becomes of one attempt to send a callback; ``delay_s`` are business seconds."""

    lost: bool = False
    copies: int = 1
    delay_s: float = 0
    after_next: bool = False
    seal: Seal = Seal.OWN
    wrong_amount: bool = False
    wrong_number: bool = False
    wrong_merchant: bool = False
    odd_status: bool = False
    twist: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """One row: its name, what it does in both languages, how often by default, and where it acts."""

    name: str
    zh: str
    en: str
    times: int = 1
    answering: Answering | None = None
    noticing: Noticing | None = None
    pays_after_close_s: float | None = None
    refuses_payer: bool = False


def _callbacks() -> Sequence[Fault]:
    return (
        Fault("lose_callbacks", "丢失回调", "lose every callback", ALWAYS, noticing=Noticing(lost=True)),
        Fault("delay_callbacks", "回调延迟两分钟", "callbacks 2 minutes late", noticing=Noticing(delay_s=120)),
        Fault("double_callbacks", "重复回调", "every callback twice at once", ALWAYS, noticing=Noticing(copies=2)),
        Fault(
            "reorder_callbacks",
            "回调乱序",
            "a callback only after the next one of its payment, or 10 minutes late",
            noticing=Noticing(after_next=True),
        ),
        Fault("forge_callback", "伪造回调", "callbacks signed by a stranger", ALWAYS, noticing=Noticing(seal=Seal.STRANGER)),
        Fault("unsigned_callback", "回调无签名", "callbacks without a signature", ALWAYS, noticing=Noticing(seal=Seal.NONE)),
        Fault("wrong_amount", "回调金额不符", "callbacks with one fen less, validly signed", ALWAYS, noticing=Noticing(wrong_amount=True)),
        Fault("wrong_merchant", "回调商户不符", "callbacks of another merchant, validly signed", ALWAYS, noticing=Noticing(wrong_merchant=True)),
        Fault("odd_callback", "回调状态不明", "callbacks with a status that nobody has heard of", ALWAYS, noticing=Noticing(odd_status=True)),
        Fault("unknown_order", "回调订单未知", "callbacks for a number nobody knows, validly signed", ALWAYS, noticing=Noticing(wrong_number=True)),
    )  # fmt: skip


def _answers() -> Sequence[Fault]:
    return (
        Fault("timeout_before", "执行前超时", "no answer, not executed", answering=Answering(executed=False, reply=Reply.HANG)),
        Fault("timeout_after_effect", "执行后超时", "no answer although executed", answering=Answering(reply=Reply.HANG)),
        Fault("cut_after_effect", "执行后断开连接", "connection cut in the answer although executed", answering=Answering(reply=Reply.CUT)),
        Fault("slow_answer", "应答慢于回调", "answer 1.5 real seconds late, callbacks overtake it", answering=Answering(late_s=1.5)),
        Fault("answer_500", "应答500", "answer 500, not executed", answering=Answering(executed=False, reply=Reply.SERVER_ERROR)),
        Fault("answer_500_after_effect", "执行后应答500", "answer 500 although executed", answering=Answering(reply=Reply.SERVER_ERROR)),
        Fault("answer_html", "应答为HTML", "answer an HTML page, not executed", answering=Answering(executed=False, reply=Reply.HTML)),
        Fault("throttle", "限流", "the next three calls are throttled, not executed", 3, answering=Answering(executed=False, reply=Reply.THROTTLED)),
        Fault("error_after_effect", "执行后系统错误", "answer a system error although executed", answering=Answering(reply=Reply.SYSTEM_ERROR)),
        Fault("truncated_answer", "应答被截断", "half of the answer, executed", answering=Answering(reply=Reply.TRUNCATED)),
        Fault("unsigned_answer", "应答无签名", "answer without a signature", answering=Answering(reply=Reply.UNSIGNED)),
        Fault("forged_answer", "应答签名伪造", "answer signed by a stranger", answering=Answering(reply=Reply.STRANGER)),
    )  # fmt: skip


def _stories() -> Sequence[Fault]:
    query, refund = frozenset({Operation.QUERY}), frozenset({Operation.REFUND})
    return (
        Fault(
            "stay_waiting",
            "查询一直未付",
            "queries say unpaid though paid",
            ALWAYS,
            answering=Answering(query, hides_payment=(True,)),
        ),
        Fault(
            "contradict_queries",
            "查询前后矛盾",
            "three queries of a paid trade say paid, unpaid, paid",
            3,
            answering=Answering(query, hides_payment=(False, True, False)),
        ),
        Fault("odd_status", "查询状态不明", "queries answer a status that nobody has heard of", ALWAYS, answering=Answering(query, odd_status=True)),
        Fault(
            "close_says_paid",
            "关单时已支付",
            "the payer pays in the second of the close",
            answering=Answering(frozenset({Operation.CLOSE}), payer_pays_first=True),
        ),
        Fault(
            "close_claims_paid",
            "关单谎称已支付",
            "a close says already paid though nobody paid",
            answering=Answering(frozenset({Operation.CLOSE}), claims_paid=True),
        ),
        Fault("pay_after_close", "关单后到账", "money arrives 5 seconds after the close", pays_after_close_s=5),
        Fault("refund_later", "退款稍后到账", "refund settles a minute later", answering=Answering(refund, settles_after_s=60)),
        Fault(
            "refund_fails",
            "退款受理后失败",
            "refund is accepted and fails a minute later",
            answering=Answering(refund, settles_after_s=60, refund_failure="failed"),
        ),
        Fault("payer_refused", "银行拒绝付款一次", "a bank refuses the payer once", refuses_payer=True),
    )  # fmt: skip


GENERIC: Sequence[Fault] = (*_callbacks(), *_answers(), *_stories())
