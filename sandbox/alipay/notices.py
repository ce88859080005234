"""What an asynchronous notice says about a trade (channel document, section 6)."""

import json
from collections.abc import Mapping
from urllib.parse import urlencode

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from sandbox.alipay.faults import TWISTS, Twist
from sandbox.alipay.merchant import BUYER_ID, BUYER_LOGON_ID, Merchant
from sandbox.alipay.signing import DIGESTS, notice_text, sign
from sandbox.alipay.statuses import status_of
from sandbox.business_clock import beijing_text
from sandbox.simulator.channel import Message, Note
from sandbox.simulator.money import yuan_of
from sandbox.simulator.trades import Event, Trade

CONTENT_TYPE = "application/x-www-form-urlencoded; charset=utf-8"
SOMETIMES_EMPTY = ("body", "passback_params", "point_amount")


def message(note: Note, merchant: Merchant, key: RSAPrivateKey | None) -> Message:
    """Return one attempt's form body: the facts in their frame, signed by the key, by nobody where there is none."""
    twist = TWISTS[note.twist]
    fields = {**_frame(note, merchant), **_facts(note, merchant), **twist.replace}
    body = urlencode(_signed(fields, twist, key))
    return Message(body.encode(), {"content-type": CONTENT_TYPE})


def _signed(fields: dict[str, str], twist: Twist, key: RSAPrivateKey | None) -> Mapping[str, str]:
    empty = {name: "" for name in SOMETIMES_EMPTY if not fields.get(name)}
    signed = fields | (empty if twist.empty_fields == "signed" else {})
    sent = signed | (empty if twist.empty_fields else {})
    if key is None:
        return sent
    signature = sign(key, notice_text(signed), DIGESTS[twist.digest]())
    return sent | {"sign_type": twist.sign_type, "sign": signature}


def _frame(note: Note, merchant: Merchant) -> dict[str, str]:
    return {
        "notify_time": beijing_text(note.now),
        "notify_type": "trade_status_sync",
        "notify_id": note.notice_id,
        "app_id": merchant.app_id,
        "auth_app_id": merchant.app_id,
        "seller_email": merchant.seller_email,
        "charset": "utf-8",
        "version": "1.0",
    }


def _facts(note: Note, merchant: Merchant) -> dict[str, str]:
    """Return what a notice says of the trade at the moment of the event; the same in every repeat."""
    trade, order = note.trade, note.trade.order
    fields = {
        "trade_no": trade.channel_no,
        "out_trade_no": order.number,
        "seller_id": merchant.seller_id,
        "buyer_id": BUYER_ID,
        "buyer_logon_id": BUYER_LOGON_ID,
        "trade_status": status_of(trade).value,
        "total_amount": yuan_of(order.amount_fen),
        "subject": order.subject,
        "gmt_create": beijing_text(trade.created_at),
        **order.extra,
        **_paid_facts(trade),
        **_end_facts(note),
    }
    return {name: value for name, value in fields.items() if value}


def _paid_facts(trade: Trade) -> dict[str, str]:
    """Return the part of a notice that exists once the payer's money is there."""
    if trade.paid_at is None:
        return {}
    amount = yuan_of(trade.order.amount_fen)
    bill = [{"amount": amount, "fundChannel": "ALIPAYACCOUNT"}]
    return {
        "receipt_amount": amount,
        "invoice_amount": amount,
        "buyer_pay_amount": amount,
        "point_amount": "0.00",
        "fund_bill_list": json.dumps(bill, separators=(",", ":")),
        "gmt_payment": beijing_text(trade.paid_at),
    }


def _end_facts(note: Note) -> dict[str, str]:
    if note.event is Event.CLOSED and note.trade.closed_at is not None:
        return {"gmt_close": beijing_text(note.trade.closed_at)}
    if note.refund is None:
        return {}
    # refund_fee is cumulative; out_biz_no names the refund (section 6, Refund notices).
    moment = beijing_text(note.refund.settles_at)
    closed = {"gmt_close": moment} if note.trade.fully_refunded else {}
    fee = {"refund_fee": yuan_of(note.trade.refunded_fen), "out_biz_no": note.refund.number}
    return fee | closed | {"gmt_refund": f"{moment}.000"}
