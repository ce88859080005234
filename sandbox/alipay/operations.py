"""The server-to-server operations: checked ``biz_content`` in, answer fields out (section 5)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sandbox.alipay.content import PRECREATE, amount_of, number_of, order_of, text_of
from sandbox.alipay.errors import BusinessRefusal
from sandbox.alipay.faults import CLOSE, QUERY, REFUND, Answering
from sandbox.alipay.ledger import Ledger
from sandbox.alipay.money import yuan_of
from sandbox.alipay.notices import BUYER_ID, BUYER_LOGON_ID
from sandbox.alipay.trades import Status, Trade
from sandbox.business_clock import beijing_text

REFUND_QUERY = "alipay.trade.fastpay.refund.query"


@dataclass(frozen=True, slots=True)
class Call:
    """One call of an operation, common parameters already checked."""

    ledger: Ledger
    content: Mapping[str, object]
    seller_id: str
    notify_url: str
    base_url: str
    now: float
    fault: Answering


type Operation = Callable[[Call], dict[str, object]]


def precreate(call: Call) -> dict[str, object]:
    """Answer the text to draw as a QR code; no trade exists before the code is opened."""
    order = order_of(PRECREATE, call.content, call.seller_id, call.now)
    code = call.ledger.prepare(PRECREATE, order, call.notify_url)
    return {"out_trade_no": order.out_trade_no, "qr_code": f"{call.base_url}/qr/{code.token}"}


def query(call: Call) -> dict[str, object]:
    """Answer the trade's state and money."""
    trade = _trade_of(call)
    hidden = call.fault.hides_payment and trade.paid_fen > 0
    paid = yuan_of(0 if hidden else trade.paid_fen)
    answer: dict[str, object] = {
        **_names(trade),
        "trade_status": Status.WAIT_BUYER_PAY.value if hidden else trade.status.value,
        "total_amount": yuan_of(trade.content.fen),
        "receipt_amount": paid,
        "buyer_pay_amount": paid,
        "invoice_amount": paid,
        "point_amount": "0.00",
    }
    if trade.paid_at is not None and not hidden:
        answer |= {"send_pay_date": beijing_text(trade.paid_at), "buyer_user_id": BUYER_ID}
        answer["buyer_logon_id"] = BUYER_LOGON_ID
    return answer


def close(call: Call) -> dict[str, object]:
    """Close an unpaid trade; with the fault, the payer is faster by a moment."""
    trade = _trade_of(call)
    if call.fault.payer_pays_first and trade.status is Status.WAIT_BUYER_PAY:
        call.ledger.pay(trade)
    call.ledger.close(trade)
    return dict(_names(trade))


def refund(call: Call) -> dict[str, object]:
    """Give money back once per ``out_request_no``; ``refund_fee`` is what the trade has given back in all."""
    trade = _trade_of(call)
    number = (
        number_of(call.content, "out_request_no")
        if "out_request_no" in call.content
        else trade.number
    )
    text_of(call.content, "refund_reason", 256)
    fen = amount_of(call.content, "refund_amount")
    entry, moved = call.ledger.refund(trade, number, fen, call.fault.settle_delay_s)
    change = {"fund_change": "Y" if moved else "N", "refund_fee": yuan_of(trade.refunded_fen)}
    when = {"gmt_refund_pay": beijing_text(entry.settles_at)} if moved else {}
    return {**_names(trade), **change, **when, "buyer_logon_id": BUYER_LOGON_ID}


def query_refund(call: Call) -> dict[str, object]:
    """Answer REFUND_SUCCESS once the money has moved, and no status at all before (section 5.6)."""
    trade = _trade_of(call)
    entry = trade.refunds.get(text_of(call.content, "out_request_no", 64) or trade.number)
    if entry is None or not entry.settled:
        return {}
    amounts = {"total_amount": yuan_of(trade.content.fen), "refund_amount": yuan_of(entry.fen)}
    status = {"refund_status": "REFUND_SUCCESS", "gmt_refund_pay": beijing_text(entry.settles_at)}
    return {**_names(trade), "out_request_no": entry.out_request_no, **amounts, **status}


OPERATIONS: Mapping[str, Operation] = {
    PRECREATE: precreate,
    QUERY: query,
    CLOSE: close,
    REFUND: refund,
    REFUND_QUERY: query_refund,
}


def _trade_of(call: Call) -> Trade:
    trade_no = text_of(call.content, "trade_no", 64)
    number = text_of(call.content, "out_trade_no", 64)
    if not trade_no and not number:
        raise BusinessRefusal("INVALID_PARAMETER", "out_trade_no or trade_no is required")
    return call.ledger.find(number, trade_no)


def _names(trade: Trade) -> dict[str, object]:
    return {"trade_no": trade.trade_no, "out_trade_no": trade.number}
