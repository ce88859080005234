"""How WeChat alone can misbehave: rows beside the kit's, and what each twist does to a message."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sandbox.simulator.faults import ALWAYS, Answering, Fault, Noticing, Operation
from sandbox.wechatpay.merchant import OTHER_MERCHANT
from sandbox.wechatpay.signing import Oddity

COUPON_FEN = 1
LATE_SECONDS = 301
_QUERY = frozenset({Operation.QUERY})
_REFUND = frozenset({Operation.REFUND})
_BILL = frozenset({Operation.BILL})
_OTHER = frozenset({Operation.OTHER})


@dataclass(frozen=True, slots=True)
class Twist:
    """What becomes of a message: other headers, the other kind of key, another seal, other values validly signed."""

    oddity: Oddity = field(default_factory=Oddity)
    other_mode: bool = False
    other_seal: bool = False
    event: str = ""
    replace: Mapping[str, object] = field(default_factory=dict)
    amount: Mapping[str, object] = field(default_factory=dict)
    coupon: bool = False


TWISTS: Mapping[str, Twist] = {
    "": Twist(),
    "probe": Twist(Oddity(probe=True)),
    "stale": Twist(Oddity(offset_s=-LATE_SECONDS)),
    "early": Twist(Oddity(offset_s=LATE_SECONDS)),
    "serial": Twist(Oddity(unknown_serial=True)),
    "mode": Twist(other_mode=True),
    "seal": Twist(other_seal=True),
    "echo": Twist(event="SECURITY_ECHO.SUCCESS"),
    "unpaid": Twist(replace={"trade_state": "NOTPAY", "trade_state_desc": "订单未支付"}),
    "app": Twist(replace={"appid": OTHER_MERCHANT.appid}),
    "dollars": Twist(amount={"currency": "USD"}),
    "coupon": Twist(coupon=True),
}


def _notices(name: str, zh: str, en: str, twist: str, times: int = ALWAYS) -> Fault:
    return Fault(name, zh, en, times, noticing=Noticing(twist=twist))


def _answers(
    name: str, zh: str, en: str, twist: str, operations: frozenset[Operation] = frozenset()
) -> Fault:
    return Fault(name, zh, en, answering=Answering(operations, twist=twist))


def _refusal(name: str, zh: str, operation: Operation, code: str) -> Fault:
    """Return a row that refuses one call of an operation with a documented code; nothing is executed."""
    en = f"a {operation.value} is refused: {code}"
    return Fault(name, zh, en, answering=Answering(frozenset({operation}), twist=code))


ROWS: Sequence[Fault] = (
    _notices("probe_callback", "签名探测流量", "a callback with a false signature, to test the merchant", "probe", 1),
    _notices("stale_callback", "回调时间戳过旧", "callbacks signed 301 seconds ago", "stale"),
    _notices("early_callback", "回调时间戳超前", "callbacks signed 301 seconds ahead", "early"),
    _notices("other_mode_callback", "回调换用另一种密钥", "callbacks signed by the certificate instead of the public key, or the other way round", "mode"),
    _notices("unknown_serial_callback", "回调序列号未知", "callbacks under a serial that nobody knows", "serial"),
    _notices("other_seal_callback", "回调密文不可解", "callbacks sealed under another APIv3 key, validly signed", "seal"),
    _notices("other_event_callback", "其他事件的回调", "callbacks of an event that is no payment", "echo"),
    _notices("unpaid_callback", "回调状态未支付", "callbacks that say NOTPAY, validly signed", "unpaid"),
    _notices("wrong_app", "回调应用不符", "callbacks of another app, validly signed", "app"),
    _notices("wrong_currency", "回调币种不符", "callbacks in another currency, validly signed", "dollars"),
    Fault("coupon", "用户使用代金券", "a coupon pays one fen: payer_total is below total", ALWAYS, answering=Answering(_QUERY, twist="coupon"), noticing=Noticing(twist="coupon")),
    _answers("probe_answer", "应答签名探测", "an answer with a false signature, to test the merchant", "probe"),
    _answers("stale_answer", "应答时间戳过旧", "an answer signed 301 seconds ago", "stale"),
    _answers("unknown_serial_answer", "应答序列号未知", "an answer under a serial that nobody knows", "serial"),
    _answers("other_mode_answer", "应答换用另一种密钥", "an answer signed by the other kind of key", "mode"),
    _refusal("no_auth", "商户无权限", Operation.CREATE, "NO_AUTH"),
    _refusal("rule_limit", "业务规则限制", Operation.CREATE, "RULE_LIMIT"),
    _refusal("account_error", "商户账号异常", Operation.CREATE, "ACCOUNT_ERROR"),
    _refusal("number_used", "商户订单号重复", Operation.CREATE, "OUT_TRADE_NO_USED"),
    _refusal("bank_error", "银行系统异常", Operation.CREATE, "BANK_ERROR"),
    _refusal("unheard_code", "未知错误码", Operation.CREATE, "UNHEARD_OF"),
    _refusal("trade_error", "关单交易错误", Operation.CLOSE, "TRADE_ERROR"),
    _refusal("close_says_closed", "关单时已关闭", Operation.CLOSE, "ORDER_CLOSED"),
    _refusal("not_enough", "商户余额不足", Operation.REFUND, "NOT_ENOUGH"),
    _refusal("payer_gone", "用户账户注销", Operation.REFUND, "USER_ACCOUNT_ABNORMAL"),
    Fault(
        "refund_abnormal",
        "退款异常",
        "refund is accepted and gets stuck a minute later",
        answering=Answering(_REFUND, settles_after_s=60, refund_failure="abnormal"),
    ),
    _refusal("bill_creating", "账单生成中", Operation.BILL, "STATEMENT_CREATING"),
    _answers("bill_bare", "账单无BOM且LF换行", "a bill without byte order mark, with bare line feeds (arm for every trade)", "bill_bare", _BILL),
    _answers("bill_torn", "账单与摘要不符", "a bill that does not fit its digest (arm for every trade)", "bill_torn", _BILL),
    _answers("no_certificates", "无平台证书", "there are no certificates for this merchant (arm for every trade)", "no_certificates", _OTHER),
)  # fmt: skip
