"""What UnionPay says of a trade or a refund, in answers, notices and on the browser's way back (sections 5 and 6)."""

from sandbox.simulator.trades import Order, Refund, State, Trade
from sandbox.unionpay.errors import (
    ACCEPTED,
    CARD_REFUSED,
    FAILED,
    IMPERFECT,
    REFUND_FAILED,
    RETURNED,
    SUCCESS,
)
from sandbox.unionpay.merchant import Merchant
from sandbox.unionpay.messages import VERSION
from sandbox.unionpay.moments import digits, settlement_day

CARD = "621626*********0018"


def code_of(trade: Trade, twist: str = "") -> str:
    """Return the response code of a payment as it stands; a refund never shows in it."""
    if trade.state is State.PAID:
        late = trade.paid_at is not None and trade.paid_at > trade.order.expires_at
        if twist == "returned" and late:
            return RETURNED
        return IMPERFECT if twist == "imperfect" else SUCCESS
    if trade.failed_attempts:
        return CARD_REFUSED
    return ACCEPTED if trade.state is State.WAITING else FAILED


def refund_code_of(refund: Refund) -> str:
    """Return the response code of a refund as it stands."""
    if refund.failure:
        return REFUND_FAILED
    return SUCCESS if refund.settled else ACCEPTED


def frame(merchant: Merchant, order: Order) -> dict[str, str]:
    """Return what every message about a payment begins with."""
    return {
        "version": VERSION,
        "encoding": "UTF-8",
        "signMethod": "01",
        "txnType": "01",
        "txnSubType": order.extra["txnSubType"],
        "bizType": order.extra["bizType"],
        "accessType": "0",
        "merId": merchant.mer_id,
        "orderId": order.number,
        "txnTime": order.extra["txnTime"],
    }


def refund_frame(merchant: Merchant, trade: Trade, refund: Refund) -> dict[str, str]:
    """Return what every message about a refund or an undo begins with."""
    return frame(merchant, trade.order) | {
        "txnType": refund.order.extra["txnType"],
        "txnSubType": "00",
        "orderId": refund.number,
        "txnTime": refund.order.extra["txnTime"],
        "origQryId": trade.channel_no,
    }


def money(channel_no: str, amount_fen: int, moment: float) -> dict[str, str]:
    """Return what is said of money that moved, or of the transaction that should move it."""
    return {
        "queryId": channel_no,
        "txnAmt": str(amount_fen),
        "currencyCode": "156",
        "settleAmt": str(amount_fen),
        "settleCurrencyCode": "156",
        "settleDate": settlement_day(moment)[4:],
        "traceNo": channel_no[-6:],
        "traceTime": digits(moment)[4:],
        "exchangeRate": "0",
        "accNo": CARD,
        "payCardType": "01",
    }


def of_payment(trade: Trade) -> dict[str, str]:
    """Return what is said of a payment's money."""
    moment = trade.created_at if trade.paid_at is None else trade.paid_at
    return money(trade.channel_no, trade.order.amount_fen, moment)


def of_refund(refund: Refund) -> dict[str, str]:
    """Return what is said of a refund's money."""
    return money(refund.channel_no, refund.amount_fen, refund.settles_at)
