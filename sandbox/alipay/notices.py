"""What an asynchronous notice says about a trade (channel document, section 6)."""

import json
from dataclasses import dataclass

from sandbox.alipay.money import yuan_of
from sandbox.alipay.trades import Event, Trade
from sandbox.business_clock import beijing_text

BUYER_ID = "2088100000000001"
BUYER_LOGON_ID = "pay***@example.com"


@dataclass(frozen=True, slots=True)
class Merchant:
    """The one merchant whose trades the simulator keeps."""

    app_id: str = "2021000000000001"
    seller_id: str = "2088000000000001"
    seller_email: str = "seller@example.com"
    name: str = "沙箱商户 Sandbox Merchant"


def facts(trade: Trade, event: Event) -> dict[str, str]:
    """Return what a notice says of the trade at the moment of the event; the same in every repeat."""
    content = trade.content
    fields = {
        "trade_no": trade.trade_no,
        "out_trade_no": content.out_trade_no,
        "seller_id": content.seller_id,
        "buyer_id": BUYER_ID,
        "buyer_logon_id": BUYER_LOGON_ID,
        "trade_status": trade.status.value,
        "total_amount": yuan_of(content.fen),
        "subject": content.subject,
        "body": content.body,
        "passback_params": content.passback_params,
        "gmt_create": beijing_text(trade.created_at),
    }
    if trade.paid_at is not None:
        fields |= paid_facts(trade, trade.paid_at)
    if trade.closed_at is not None and event is not Event.PAID:
        fields["gmt_close"] = beijing_text(trade.closed_at)
    refund = trade.last_settled if event is Event.REFUNDED else None
    if refund is not None:
        # refund_fee is cumulative; out_biz_no names the refund (section 6, Refund notices).
        fields |= {"refund_fee": yuan_of(trade.refunded_fen), "out_biz_no": refund.out_request_no}
        fields["gmt_refund"] = beijing_text(refund.settles_at) + ".000"
    return {name: value for name, value in fields.items() if value}


def paid_facts(trade: Trade, paid_at: float) -> dict[str, str]:
    """Return the part of a notice that exists once the payer's money is there."""
    amount = yuan_of(trade.content.fen)
    bill = [{"amount": amount, "fundChannel": "ALIPAYACCOUNT"}]
    return {
        "receipt_amount": amount,
        "invoice_amount": amount,
        "buyer_pay_amount": amount,
        "point_amount": "0.00",
        "fund_bill_list": json.dumps(bill, separators=(",", ":")),
        "gmt_payment": beijing_text(paid_at),
    }
