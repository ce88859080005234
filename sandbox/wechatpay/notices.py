"""What a notice says, sealed and signed (channel document, section 7)."""

import json
from collections.abc import Mapping
from dataclasses import replace

from sandbox.simulator.channel import Message, Note
from sandbox.simulator.trades import Refund, Trade
from sandbox.wechatpay.facts import ACCOUNT, amount_facts, trade_facts
from sandbox.wechatpay.faults import TWISTS, Twist
from sandbox.wechatpay.merchant import OTHER_MERCHANT, Merchant
from sandbox.wechatpay.sealing import sealed
from sandbox.wechatpay.signing import Keys, Signer, headers
from sandbox.wechatpay.words import moment_text, refund_word

_OTHER_SEAL = "another-apiv3-key-of-32-bytes-02"


def message(note: Note, merchant: Merchant, keys: Keys) -> Message:
    """Return one attempt: the same facts at each repeat, sealed and signed afresh."""
    twist = TWISTS[note.twist]
    body = json.dumps(_frame(note, merchant, twist), ensure_ascii=False).encode()
    signed = headers(body, note.now, _signer(note, keys, twist), note.seal, twist.oddity)
    return Message(body, {"Content-Type": "application/json", **signed})


def _signer(note: Note, keys: Keys, twist: Twist) -> Signer:
    public = note.trade.order.extra["mode"] == "public_key"
    return keys.public if public != twist.other_mode else keys.certified[0].signer


def _frame(note: Note, merchant: Merchant, twist: Twist) -> dict[str, object]:
    kind = "refund" if note.refund else "transaction"
    whose = replace(OTHER_MERCHANT, apiv3_key=merchant.apiv3_key) if note.wrong_merchant else merchant  # fmt: skip
    content = _refund(note.trade, note.refund, whose) if note.refund else _payment(note.trade, whose, twist)  # fmt: skip
    plain = json.dumps({**content, **twist.replace}, ensure_ascii=False)
    key = _OTHER_SEAL if twist.other_seal else merchant.apiv3_key
    return {
        "id": note.notice_id,
        "create_time": moment_text(_happened_at(note)),
        "resource_type": "encrypt-resource",
        "event_type": twist.event or _event(note.refund),
        "summary": "退款结果" if note.refund else "支付成功",
        "resource": {"original_type": kind, **sealed(key, plain, kind)},
    }


def _event(refund: Refund | None) -> str:
    return f"REFUND.{refund_word(refund)}" if refund else "TRANSACTION.SUCCESS"


def _happened_at(note: Note) -> float:
    if note.refund:
        return note.refund.settles_at
    return note.now if note.trade.paid_at is None else note.trade.paid_at


def _payment(trade: Trade, merchant: Merchant, twist: Twist) -> Mapping[str, object]:
    amount = {**amount_facts(trade, coupon=twist.coupon), **twist.amount}
    return trade_facts(trade, merchant) | {"amount": amount}


def _refund(trade: Trade, refund: Refund, merchant: Merchant) -> Mapping[str, object]:
    """Return a refund's facts: no app id and no currency are among them."""
    total, given = trade.order.amount_fen, refund.amount_fen
    moment = {"success_time": moment_text(refund.settles_at)} if refund.settled else {}
    return {
        "mchid": merchant.mchid,
        "out_trade_no": trade.number,
        "transaction_id": trade.channel_no,
        "out_refund_no": refund.number,
        "refund_id": refund.channel_no,
        "refund_status": refund_word(refund),
        **moment,
        "amount": {
            "total": total,
            "refund": given,
            "payer_total": total,
            "payer_refund": given,
        },
        "user_received_account": ACCOUNT,
    }
