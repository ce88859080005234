"""The sandbox's own view of trades as JSON, for tests, the demo and the fault panel; no channel's wire format."""

from collections import Counter

from sandbox.business_clock import rfc3339_text
from sandbox.simulator.ledger import Code
from sandbox.simulator.payer import page_path
from sandbox.simulator.refusals import Refusal
from sandbox.simulator.trades import Order, Refund, Trade
from sandbox.simulator.world import World

NOT_OPENED = "NOT_OPENED"


def all_views(world: World) -> list[dict[str, object]]:
    """Every trade and every unopened code, newest first."""
    created = {number: code.created_at for number, code in world.ledger.codes.items()}
    created |= {number: trade.created_at for number, trade in world.ledger.trades.items()}
    return [
        view(world, number) for number in sorted(created, key=created.__getitem__, reverse=True)
    ]


def view(world: World, number: str) -> dict[str, object]:
    """One trade, or a code that nobody has opened; Refusal UNKNOWN for neither."""
    code = world.ledger.codes.get(number)
    try:
        about = _trade_view(world, world.ledger.find(number))
    except Refusal:
        if code is None:
            raise
        about = _code_view(code)
    about["qr_path"] = f"/qr/{code.token}" if code else None
    about["faults"] = [armed.view() for armed in world.faults.of(number)]
    about["callbacks"] = [notice.view() for notice in world.callbacks.of(number)]
    return about


def sums(world: World) -> dict[str, object]:
    """Return what went through the books, in fen."""
    trades = [world.ledger.find(number) for number in world.ledger.trades]
    paid = sum(trade.paid_fen for trade in trades)
    refunded = sum(trade.refunded_fen for trade in trades)
    return {
        "trades": len(trades),
        "paid_fen": paid,
        "refunded_fen": refunded,
        "net_fen": paid - refunded,
        "by_status": dict(Counter(world.channel.status(trade) for trade in trades)),
    }


def _trade_view(world: World, trade: Trade) -> dict[str, object]:
    return {
        **_order_view(trade.order),
        "trade_no": trade.channel_no,
        "status": world.channel.status(trade),
        "state": trade.state.value,
        "paid_fen": trade.paid_fen,
        "refunded_fen": trade.refunded_fen,
        "pay_path": page_path(trade),
        "created_at": rfc3339_text(trade.created_at),
        "paid_at": _moment(trade.paid_at),
        "closed_at": _moment(trade.closed_at),
        "refunds": [_refund_view(refund) for refund in trade.refunds.values()],
    }


def _code_view(code: Code) -> dict[str, object]:
    return {
        **_order_view(code.order),
        "trade_no": None,
        "status": NOT_OPENED,
        "state": NOT_OPENED.lower(),
        "paid_fen": 0,
        "refunded_fen": 0,
        "pay_path": None,
        "created_at": rfc3339_text(code.created_at),
        "paid_at": None,
        "closed_at": None,
        "refunds": [],
    }


def _order_view(order: Order) -> dict[str, object]:
    return {
        "out_trade_no": order.number,
        "method": order.method,
        "subject": order.subject,
        "amount_fen": order.amount_fen,
        "notify_url": order.notify_url,
        "return_url": order.return_url,
        "expires_at": rfc3339_text(order.expires_at),
        "extra": dict(order.extra),
    }


def _refund_view(refund: Refund) -> dict[str, object]:
    return {
        "refund_no": refund.number,
        "channel_refund_no": refund.channel_no,
        "amount_fen": refund.amount_fen,
        "state": refund.word,
        "settles_at": rfc3339_text(refund.settles_at),
    }


def _moment(moment: float | None) -> str | None:
    return None if moment is None else rfc3339_text(moment)
