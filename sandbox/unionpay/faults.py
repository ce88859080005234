"""How UnionPay alone can misbehave: rows beside the kit's, whose twists its keys, messages and operations read."""

from collections.abc import Sequence

from sandbox.simulator.faults import ALWAYS, Answering, Fault, Noticing, Operation

# A trade closes at its `payTimeout`; three minutes later the merchant has closed its order too.
LONG_AFTER_SECONDS = 180


def _notices(name: str, zh: str, en: str, twist: str) -> Fault:
    return Fault(name, zh, en, ALWAYS, noticing=Noticing(twist=twist))


def _answers(name: str, zh: str, en: str, twist: str, *operations: Operation) -> Fault:
    return Fault(name, zh, en, answering=Answering(frozenset(operations), twist=twist))


ROWS: Sequence[Fault] = (
    _notices("member_callback", "回调由其他成员签名", "callbacks under another member's certificate", "member"),
    _notices("expired_callback", "回调证书过期", "callbacks under an expired certificate", "expired"),
    _notices("self_signed_callback", "回调证书自签", "callbacks under a self-signed certificate", "self_signed"),
    _notices("test_name_callback", "回调用测试证书", "callbacks under the test platform's name", "test_name"),
    _notices("keyed_callback", "回调降级为密钥签名", "callbacks downgraded to signMethod 11 with no key", "keyed"),
    _notices("old_version_callback", "回调降级为5.0.0", "callbacks downgraded to version 5.0.0", "old_version"),
    _notices("query_on_address", "回调地址带参数", "callbacks whose address has parameters of its own", "address"),
    _answers("member_answer", "应答由其他成员签名", "answer under another member's certificate", "member"),
    _answers("expired_answer", "应答证书过期", "answer under an expired certificate", "expired"),
    _answers("keyed_answer", "应答降级为密钥签名", "answer downgraded to signMethod 11 with no key", "keyed"),
    _answers("old_version_answer", "应答降级为5.0.0", "answer downgraded to version 5.0.0", "old_version"),
    Fault(
        "imperfect_success",
        "有缺陷的成功A6",
        "queries and callbacks say A6 instead of 00",
        ALWAYS,
        answering=Answering(frozenset({Operation.QUERY}), twist="imperfect"),
        noticing=Noticing(twist="imperfect"),
    ),
    _answers("refund_unclear", "退款受理不明05", "refund is answered 05 and succeeds", "unclear", Operation.REFUND),
    Fault(
        "pay_long_after_close",
        "超时三分钟后到账",
        "money arrives 3 minutes after payTimeout",
        pays_after_close_s=LONG_AFTER_SECONDS,
    ),
    Fault(
        "late_money_returned",
        "超时到账由银联退回",
        "money arrives 5 seconds after payTimeout, is never told of, and goes back by itself",
        ALWAYS,
        answering=Answering(frozenset({Operation.QUERY}), twist="returned"),
        noticing=Noticing(lost=True),
        pays_after_close_s=5,
    ),
    _answers("file_late", "对账文件未就绪", "the file is not there yet (arm for every trade)", "file_late", Operation.BILL),
)  # fmt: skip
