"""How WeChat says no: a status, a code, a sentence, and a finer number in ``Request-ID`` (channel document, section 6)."""

from collections.abc import Mapping
from http import HTTPStatus

from sandbox.simulator.refusals import Reason


class Problem(Exception):
    """One refusal, as it is answered."""

    def __init__(self, code: str, detail: str = "", finer: str = "0") -> None:
        super().__init__(f"{code} {detail}".strip())
        self.code = code
        self.status, sentence = SENTENCES[code]
        self.message = f"{sentence} {detail}".strip()
        self.finer = finer


SENTENCES: Mapping[str, tuple[int, str]] = {
    "PARAM_ERROR": (HTTPStatus.BAD_REQUEST, "参数错误 Wrong parameter."),
    "INVALID_REQUEST": (HTTPStatus.BAD_REQUEST, "无效请求 The request does not fit."),
    "APPID_MCHID_NOT_MATCH": (HTTPStatus.BAD_REQUEST, "AppID 和 mch_id 不匹配 Not this app's."),
    "ORDER_PAID": (HTTPStatus.BAD_REQUEST, "该订单已支付 The order is paid."),
    "ORDER_CLOSED": (HTTPStatus.BAD_REQUEST, "订单已关闭 The order is closed."),
    "OUT_TRADE_NO_USED": (HTTPStatus.FORBIDDEN, "商户订单号重复 The number is used."),
    "TRADE_ERROR": (HTTPStatus.FORBIDDEN, "交易错误 The trade's state does not allow this."),
    "NO_STATEMENT_EXIST": (HTTPStatus.BAD_REQUEST, "账单文件不存在 No trade on that day."),
    "STATEMENT_CREATING": (HTTPStatus.BAD_REQUEST, "账单生成中 The bill is being made."),
    "SIGN_ERROR": (HTTPStatus.UNAUTHORIZED, "签名错误 Wrong signature."),
    "NO_AUTH": (HTTPStatus.FORBIDDEN, "商户无权限 Not allowed."),
    "RULE_LIMIT": (HTTPStatus.FORBIDDEN, "业务规则限制 A rule of the business."),
    "ACCOUNT_ERROR": (HTTPStatus.FORBIDDEN, "账号异常 The merchant's account is blocked."),
    "USER_ACCOUNT_ABNORMAL": (HTTPStatus.FORBIDDEN, "用户账户注销 The payer's account is closed."),
    "NOT_ENOUGH": (HTTPStatus.FORBIDDEN, "余额不足 The merchant's balance is too small."),
    "REQUEST_BLOCKED": (HTTPStatus.FORBIDDEN, "请求被拦截 Blocked."),
    "ORDER_NOT_EXIST": (HTTPStatus.NOT_FOUND, "订单不存在 There is no such order."),
    "RESOURCE_NOT_EXISTS": (HTTPStatus.NOT_FOUND, "资源不存在 There is no such thing."),
    "FREQUENCY_LIMITED": (HTTPStatus.TOO_MANY_REQUESTS, "频率超限 Too often."),
    "SYSTEM_ERROR": (HTTPStatus.INTERNAL_SERVER_ERROR, "系统错误 System error."),
    "BANK_ERROR": (HTTPStatus.INTERNAL_SERVER_ERROR, "银行系统异常 The bank's system."),
    "UNHEARD_OF": (HTTPStatus.BAD_REQUEST, "未知错误 A code that no document knows."),
    "OPENID_MISMATCH": (HTTPStatus.INTERNAL_SERVER_ERROR, "openid 和 appid 不匹配 Not of this app."),
}  # fmt: skip

_REASONS: Mapping[Reason, tuple[str, str, str]] = {
    Reason.UNKNOWN: ("ORDER_NOT_EXIST", "", "268512771"),
    Reason.OPEN_PAID: ("ORDER_PAID", "", "268449538"),
    Reason.OPEN_CLOSED: ("ORDER_CLOSED", "", "268447914"),
    Reason.OPEN_OTHER_ORDER: ("INVALID_REQUEST", "请求重入参数不一致 another order", "268498688"),
    Reason.OPEN_EXPIRED: ("ORDER_CLOSED", "", "268447914"),
    Reason.PAY_PAID: ("ORDER_PAID", "", "268449538"),
    Reason.PAY_CLOSED: ("ORDER_CLOSED", "", "268447914"),
    Reason.CLOSE_PAID: ("ORDER_PAID", "", "268498689"),
    Reason.CLOSE_CLOSED: ("ORDER_CLOSED", "", "268447914"),
    Reason.REFUND_UNPAID: ("INVALID_REQUEST", "订单未支付 not paid", "0"),
    Reason.REFUND_TOO_MUCH: ("INVALID_REQUEST", "申请退款金额超限 more than is left", "0"),
    Reason.REFUND_OTHER_AMOUNT: ("INVALID_REQUEST", "请求重入参数不一致 another refund", "0"),
}


def problem_of(reason: Reason) -> Problem:
    """Return WeChat's word for what the books refuse."""
    return Problem(*_REASONS[reason])
