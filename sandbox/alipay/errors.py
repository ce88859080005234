"""The two ways in which Alipay says no, and the sentences that go with the codes."""

from collections.abc import Mapping

from sandbox.simulator.refusals import Reason


class GatewayRefusal(Exception):
    """The request itself is wrong: answered as an unsigned ``error_response``, nothing was executed."""

    def __init__(
        self, sub_code: str, sub_msg: str, code: str = "40002", msg: str = "Invalid Arguments"
    ) -> None:
        super().__init__(f"{sub_code}: {sub_msg}")
        self.fields = {"code": code, "msg": msg, "sub_code": sub_code, "sub_msg": sub_msg}
        self.sub_code = sub_code


class BusinessRefusal(Exception):
    """The operation is refused for a reason of its own: answered signed, with code 40004 and an ``ACQ.`` sub code."""

    def __init__(self, name: str, detail: str = "") -> None:
        super().__init__(name)
        self.name = name
        message = f"{SENTENCES[name]} {detail}".strip()
        self.fields = {
            "code": "40004",
            "msg": "Business Failed",
            "sub_code": f"ACQ.{name}",
            "sub_msg": message,
        }

    @property
    def explained(self) -> tuple[str, str]:
        """Code and sentence, for a page."""
        return self.fields["sub_code"], self.fields["sub_msg"]


SENTENCES = {
    "INVALID_PARAMETER": "参数无效 Invalid parameter.",
    "PARTNER_ERROR": "商户信息不匹配 The seller is not this app's.",
    "CONTEXT_INCONSISTENT": "交易信息被篡改 The trade exists with other parameters.",
    "TRADE_HAS_SUCCESS": "交易已被支付 The trade is already paid.",
    "TRADE_HAS_CLOSE": "交易已经关闭 The trade is already closed.",
    "TRADE_NOT_EXIST": "交易不存在 The trade does not exist.",
    "TRADE_STATUS_ERROR": "交易状态不合法 The trade's status does not allow this.",
    "REASON_TRADE_STATUS_INVALID": "交易状态异常 The trade's status does not allow this.",
    "NOW_TIME_AFTER_EXPIRE_TIME_ERROR": "当前时间已过支付时间 The payment deadline has passed.",
    "DISCORDANT_REPEAT_REQUEST": "不一致的请求 The same refund number with another amount.",
    "REFUND_AMT_NOT_EQUAL_TOTAL": "退款金额超限 The refund exceeds what is left.",
    "SELLER_BALANCE_NOT_ENOUGH": "商户余额不足 The merchant's balance is not enough.",
    "TRADE_HAS_FINISHED": "交易已完结 The time for refunds is over.",
    "EXIST_FORBIDDEN_WORD": "订单信息包含违禁词 The order holds a forbidden word.",
    "BILL_NOT_EXIST": "账单不存在 The bill is not made yet.",
    "TYPE_NOT_SUPPORTED": "账单类型不支持 No such type of bill here.",
    "INVAILID_ARGUMENTS": "入参不合法 Wrong arguments.",
}

_WORDS: Mapping[Reason, str] = {
    Reason.UNKNOWN: "TRADE_NOT_EXIST",
    Reason.OPEN_PAID: "TRADE_HAS_SUCCESS",
    Reason.OPEN_CLOSED: "TRADE_HAS_CLOSE",
    Reason.OPEN_OTHER_ORDER: "CONTEXT_INCONSISTENT",
    Reason.OPEN_EXPIRED: "NOW_TIME_AFTER_EXPIRE_TIME_ERROR",
    Reason.PAY_PAID: "TRADE_HAS_SUCCESS",
    Reason.PAY_CLOSED: "TRADE_HAS_CLOSE",
    Reason.CLOSE_PAID: "TRADE_STATUS_ERROR",
    Reason.CLOSE_CLOSED: "REASON_TRADE_STATUS_INVALID",
    Reason.REFUND_UNPAID: "TRADE_STATUS_ERROR",
    Reason.REFUND_TOO_MUCH: "REFUND_AMT_NOT_EQUAL_TOTAL",
    Reason.REFUND_OTHER_AMOUNT: "DISCORDANT_REPEAT_REQUEST",
}


def refusal_of(reason: Reason) -> BusinessRefusal:
    """Return Alipay's word for what the books refuse (sections 5.1, 5.4 and 5.5)."""
    return BusinessRefusal(_WORDS[reason])
