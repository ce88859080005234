"""The server-to-server operations: checked ``biz_content`` in, answer fields out (section 5)."""

import base64
from collections.abc import Callable, Mapping

from sandbox.alipay.content import PRECREATE, amount_of, number_of, order_of, text_of
from sandbox.alipay.desk import Asked
from sandbox.alipay.errors import SENTENCES, BusinessRefusal, refusal_of
from sandbox.alipay.merchant import BUYER_ID, BUYER_LOGON_ID
from sandbox.alipay.statuses import Status, status_of
from sandbox.business_clock import beijing_text
from sandbox.simulator.certificates import pem_of
from sandbox.simulator.money import yuan_of
from sandbox.simulator.refusals import Refusal
from sandbox.simulator.trades import RefundOrder, State, Trade

QUERY, CLOSE, REFUND = "alipay.trade.query", "alipay.trade.close", "alipay.trade.refund"
REFUND_QUERY = "alipay.trade.fastpay.refund.query"
BILL = "alipay.data.dataservice.bill.downloadurl.query"
DOWNLOAD_CERTIFICATE = "alipay.open.app.alipaycert.download"


type Operation = Callable[[Asked], dict[str, object]]


def precreate(asked: Asked) -> dict[str, object]:
    """Answer the text to draw as a QR code; no trade exists before the code is opened."""
    order = order_of(asked.params, asked.content, asked.desk.merchant.seller_id, asked.now)
    code = asked.ledger.prepare(order)
    return {"out_trade_no": order.number, "qr_code": f"{asked.call.base_url}/qr/{code.token}"}


def query(asked: Asked) -> dict[str, object]:
    """Answer the trade's state and money."""
    trade = asked.call.seen(_trade_of(asked))
    paid = yuan_of(trade.paid_fen)
    answer: dict[str, object] = {
        **_names(trade),
        "trade_status": _status(asked, trade).value,
        "total_amount": yuan_of(trade.order.amount_fen),
        "receipt_amount": paid,
        "buyer_pay_amount": paid,
        "invoice_amount": paid,
        "point_amount": "0.00",
    }
    if trade.paid_at is not None:
        answer |= {"send_pay_date": beijing_text(trade.paid_at), "buyer_user_id": BUYER_ID}
        answer["buyer_logon_id"] = BUYER_LOGON_ID
    return answer


def close(asked: Asked) -> dict[str, object]:
    """Close an unpaid trade (section 5.4)."""
    trade = _trade_of(asked)
    asked.call.close(trade)
    return dict(_names(trade))


def refund(asked: Asked) -> dict[str, object]:
    """Give money back once per ``out_request_no``; ``refund_fee`` is what the trade has given back in all."""
    trade, content = _trade_of(asked), asked.content
    named = "out_request_no" in content
    number = number_of(content, "out_request_no") if named else trade.number
    text_of(content, "refund_reason", 256)
    order = RefundOrder(
        number=number,
        amount_fen=amount_of(content, "refund_amount"),
        notify_url=trade.order.notify_url,
    )
    entry, moved = asked.call.refund(trade, order, retries_failed=True)
    change = {"fund_change": "Y" if moved else "N", "refund_fee": yuan_of(trade.refunded_fen)}
    when = {"gmt_refund_pay": beijing_text(entry.settles_at)} if moved else {}
    return {**_names(trade), **change, **when, "buyer_logon_id": BUYER_LOGON_ID}


def query_refund(asked: Asked) -> dict[str, object]:
    """Answer REFUND_SUCCESS once the money has moved, and no status at all before (section 5.6)."""
    trade = _trade_of(asked)
    entry = trade.refunds.get(text_of(asked.content, "out_request_no", 64) or trade.number)
    if entry is None or not entry.settled:
        return {}
    total, given = yuan_of(trade.order.amount_fen), yuan_of(entry.amount_fen)
    amounts = {"total_amount": total, "refund_amount": given}
    status = {"refund_status": "REFUND_SUCCESS", "gmt_refund_pay": beijing_text(entry.settles_at)}
    return {**_names(trade), "out_request_no": entry.number, **amounts, **status}


def bill(asked: Asked) -> dict[str, object]:
    """Answer where the bill of trades of a day lies (section 5.7)."""
    if text_of(asked.content, "bill_type", 20, required=True) != "trade":
        raise BusinessRefusal("TYPE_NOT_SUPPORTED")
    date = text_of(asked.content, "bill_date", 10, required=True)
    token, empty = asked.desk.bills.offer(date)
    code = {"bill_file_code": "EMPTY_DATA_WITH_BILL_FILE"} if empty else {}
    return {"bill_download_url": f"{asked.call.base_url}/bills/{token}", **code}


def download_certificate(asked: Asked) -> dict[str, object]:
    """Answer the certificate that an answer named (section 1, Certificate serials)."""
    named = text_of(asked.content, "alipay_cert_sn", 64, required=True)
    certificate = asked.desk.keys.certificates.find(named)
    if certificate is None:
        raise BusinessRefusal("INVALID_PARAMETER", "alipay_cert_sn: no such certificate")
    return {"alipay_cert_content": base64.b64encode(pem_of(certificate).encode()).decode()}


OPERATIONS: Mapping[str, Operation] = {
    PRECREATE: precreate,
    QUERY: query,
    CLOSE: close,
    REFUND: refund,
    REFUND_QUERY: query_refund,
    BILL: bill,
    DOWNLOAD_CERTIFICATE: download_certificate,
}


def execute(asked: Asked) -> Mapping[str, object]:
    """Do what is asked and return the answer's fields, a business refusal's among them."""
    twist = asked.call.fault.twist
    if twist in SENTENCES:
        return BusinessRefusal(twist).fields
    try:
        fields = OPERATIONS[asked.params["method"]](asked)
    except Refusal as refusal:
        return refusal_of(refusal.reason).fields
    except BusinessRefusal as refusal:
        return refusal.fields
    return {"code": "10000", "msg": "Success", **fields}


def _status(asked: Asked, trade: Trade) -> Status:
    finished = asked.call.fault.twist == "finished" and trade.state is State.PAID
    return Status.TRADE_FINISHED if finished else status_of(trade)


def _trade_of(asked: Asked) -> Trade:
    trade_no = text_of(asked.content, "trade_no", 64)
    number = text_of(asked.content, "out_trade_no", 64)
    if not trade_no and not number:
        raise BusinessRefusal("INVALID_PARAMETER", "out_trade_no or trade_no is required")
    return asked.ledger.find(number, trade_no)


def _names(trade: Trade) -> dict[str, object]:
    return {"trade_no": trade.channel_no, "out_trade_no": trade.number}
