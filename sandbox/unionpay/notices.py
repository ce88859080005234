"""Notices to ``backUrl`` and the browser's post to ``frontUrl``: the same shape, encoded and signed (section 6)."""

from sandbox.simulator.channel import Message, Note, WayBack
from sandbox.simulator.faults import Seal
from sandbox.simulator.trades import Trade
from sandbox.unionpay import facts, messages
from sandbox.unionpay.errors import sentence
from sandbox.unionpay.keys import Keys
from sandbox.unionpay.merchant import Merchant


def message(note: Note, merchant: Merchant, keys: Keys) -> Message:
    """Return one attempt of a notice."""
    signer = keys.sealing(note.seal, note.twist)
    body = messages.encoded(messages.signed(_fields(note, merchant), signer, note.twist))
    query = "from=unionpay&txnAmt=1" if note.twist == "address" else ""
    return Message(body, {"content-type": messages.FORM_TYPE}, query)


def way_back(trade: Trade, merchant: Merchant, keys: Keys) -> WayBack:
    """Return the post that leads the payer's browser back: for display, never a booking."""
    code = facts.code_of(trade)
    fields = facts.frame(merchant, trade.order) | facts.of_payment(trade) | _said(code)
    return WayBack(trade.order.return_url, messages.signed(fields, keys.sealing(Seal.OWN)))


def _fields(note: Note, merchant: Merchant) -> dict[str, str]:
    trade, refund = note.trade, note.refund
    if refund is None:
        code = facts.code_of(trade, note.twist)
        return facts.frame(merchant, trade.order) | facts.of_payment(trade) | _said(code)
    code = facts.refund_code_of(refund)
    return facts.refund_frame(merchant, trade, refund) | facts.of_refund(refund) | _said(code)


def _said(code: str) -> dict[str, str]:
    return {"respCode": code, "respMsg": sentence(code)}
