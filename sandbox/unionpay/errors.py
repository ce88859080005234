"""How UnionPay says no: a response code of two characters, and a sentence that ends with a longer one in brackets."""

from collections.abc import Mapping

from sandbox.simulator.refusals import Reason

SUCCESS = "00"
IMPERFECT = "A6"
FAILED = "01"
UNCLEAR = "03"
ACCEPTED = "05"
MALFORMED = "10"
BAD_SIGNATURE = "11"
DUPLICATE = "12"
BAD_MERCHANT = "31"
TOO_MUCH = "33"
NOT_FOUND = "34"
ORIGINAL_MISSING = "35"
ORIGINAL_DIFFERS = "36"
TOO_OFTEN = "37"
RETURNED = "42"
REFUNDED_ALREADY = "45"
REFUND_FAILED = "62"
CARD_REFUSED = "64"
NO_FILE = "98"

SENTENCES: Mapping[str, str] = {
    SUCCESS: "成功",
    IMPERFECT: "有缺陷的成功",
    FAILED: "交易失败",
    UNCLEAR: "交易通讯超时",
    ACCEPTED: "交易已受理",
    MALFORMED: "报文格式错误",
    BAD_SIGNATURE: "验证签名失败",
    DUPLICATE: "重复交易",
    BAD_MERCHANT: "商户状态不正确",
    TOO_MUCH: "交易金额超限",
    NOT_FOUND: "查无此交易",
    ORIGINAL_MISSING: "原交易不存在或状态不正确",
    ORIGINAL_DIFFERS: "与原交易信息不符",
    TOO_OFTEN: "已超过最大查询次数",
    RETURNED: "扣款成功但交易超过规定支付时间",
    REFUNDED_ALREADY: "原交易已退货或撤销",
    REFUND_FAILED: "发卡行不支持",
    CARD_REFUSED: "余额不足",
    NO_FILE: "文件不存在",
}

_WORDS: Mapping[Reason, str] = {
    Reason.UNKNOWN: NOT_FOUND,
    Reason.OPEN_PAID: DUPLICATE,
    Reason.OPEN_CLOSED: DUPLICATE,
    Reason.OPEN_OTHER_ORDER: DUPLICATE,
    Reason.OPEN_EXPIRED: FAILED,
    Reason.PAY_PAID: DUPLICATE,
    Reason.PAY_CLOSED: FAILED,
    Reason.CLOSE_PAID: ORIGINAL_DIFFERS,
    Reason.CLOSE_CLOSED: ORIGINAL_DIFFERS,
    Reason.REFUND_UNPAID: ORIGINAL_MISSING,
    Reason.REFUND_TOO_MUCH: TOO_MUCH,
    Reason.REFUND_OTHER_AMOUNT: DUPLICATE,
}


class Refused(Exception):
    """A request that is answered with this code; nothing was done."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code} {detail}".strip())
        self.code = code
        self.sentence = sentence(code, detail)


def sentence(code: str, detail: str = "") -> str:
    """Return ``respMsg``: in brackets the longer code, as UnionPay appends it."""
    return f"{SENTENCES[code]}{detail}[{code}00000]"


def code_of(reason: Reason) -> str:
    """Return UnionPay's code for what the books refuse."""
    return _WORDS[reason]
