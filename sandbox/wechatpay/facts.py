"""What WeChat says of trades and refunds, in answers and in notices alike (channel document, sections 5.2 and 5.4)."""

from sandbox.simulator.trades import Refund, Trade
from sandbox.wechatpay.faults import COUPON_FEN
from sandbox.wechatpay.merchant import Merchant
from sandbox.wechatpay.words import UNHEARD, moment_text, refund_word, status_of

_TRADE_TYPES = {"native": "NATIVE", "jsapi": "JSAPI", "h5": "MWEB", "app": "APP"}
_STATE_SENTENCES = {
    "SUCCESS": "支付成功",
    "REFUND": "转入退款",
    "NOTPAY": "订单未支付",
    "CLOSED": "订单已关闭",
    UNHEARD: "审核中",
}
ACCOUNT = "支付用户零钱"


def trade_facts(trade: Trade, merchant: Merchant) -> dict[str, object]:
    """Return everything about a trade but its amounts; numbers and moments of money only where it was paid."""
    state = status_of(trade)
    facts: dict[str, object] = {
        "appid": merchant.appid,
        "mchid": merchant.mchid,
        "out_trade_no": trade.number,
        "trade_state": state,
        "trade_state_desc": _STATE_SENTENCES[state],
        "attach": trade.order.extra["attach"],
        "payer": {},
    }
    if trade.paid_at is None:
        return facts
    return facts | {
        "transaction_id": trade.channel_no,
        "trade_type": _TRADE_TYPES[trade.order.method],
        "bank_type": "OTHERS",
        "success_time": moment_text(trade.paid_at),
        "payer": {"openid": trade.order.extra["openid"]},
    }


def amount_facts(trade: Trade, *, coupon: bool = False) -> dict[str, object]:
    """Return a trade's amounts; a coupon pays a part of it, which the payer does not."""
    total = trade.order.amount_fen
    facts: dict[str, object] = {"total": total, "currency": "CNY"}
    if trade.paid_at is None:
        return facts
    return facts | {"payer_total": total - COUPON_FEN * coupon, "payer_currency": "CNY"}


def refund_facts(trade: Trade, refund: Refund) -> dict[str, object]:
    """Return the answer about a refund."""
    total, given = trade.order.amount_fen, refund.amount_fen
    facts: dict[str, object] = {
        "refund_id": refund.channel_no,
        "out_refund_no": refund.number,
        "transaction_id": trade.channel_no,
        "out_trade_no": trade.number,
        "channel": "ORIGINAL",
        "user_received_account": ACCOUNT,
        "create_time": moment_text(refund.created_at),
        "status": refund_word(refund),
        "funds_account": "AVAILABLE",
        "amount": {
            "total": total,
            "refund": given,
            "payer_total": total,
            "payer_refund": given,
            "settlement_total": total,
            "settlement_refund": given,
            "discount_refund": 0,
            "currency": "CNY",
            "refund_fee": 0,
            "from": [],
        },
    }
    return facts | ({"success_time": moment_text(refund.settles_at)} if refund.settled else {})
