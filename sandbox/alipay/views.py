"""The sandbox's own view of trades as JSON, for tests, the demo and the fault panel; no wire format of Alipay."""

from sandbox.alipay.errors import BusinessRefusal
from sandbox.alipay.ledger import Code
from sandbox.alipay.trades import Trade
from sandbox.alipay.world import World
from sandbox.business_clock import rfc3339_text

NOT_OPENED = "NOT_OPENED"


def all_views(world: World) -> list[dict[str, object]]:
    """Every trade and every unopened code, newest first."""
    created = {number: code.created_at for number, code in world.ledger.codes.items()}
    created |= {number: trade.created_at for number, trade in world.ledger.trades.items()}
    return [
        view(world, number) for number in sorted(created, key=created.__getitem__, reverse=True)
    ]


def view(world: World, number: str) -> dict[str, object]:
    """One trade, or a code that nobody has opened; BusinessRefusal TRADE_NOT_EXIST for neither."""
    code = world.ledger.codes.get(number)
    try:
        about = _trade_view(world.ledger.find(number))
    except BusinessRefusal:
        if code is None:
            raise
        about = _code_view(code)
    about["qr_path"] = f"/qr/{code.token}" if code else None
    about["faults"] = [armed.view() for armed in world.faults.of(number)]
    about["callbacks"] = [notice.view() for notice in world.callbacks.of(number)]
    return about


def _trade_view(trade: Trade) -> dict[str, object]:
    content = trade.content
    moments = {
        "created_at": trade.created_at,
        "paid_at": trade.paid_at,
        "closed_at": trade.closed_at,
    }
    return {
        "out_trade_no": trade.number,
        "trade_no": trade.trade_no,
        "status": trade.status.value,
        "method": trade.method,
        "subject": content.subject,
        "amount_fen": content.fen,
        "paid_fen": trade.paid_fen,
        "refunded_fen": trade.refunded_fen,
        "notify_url": trade.notify_url,
        "return_url": trade.return_url,
        "pay_path": f"/pay/{trade.token}",
        "expires_at": rfc3339_text(content.expires_at),
        **{
            name: None if moment is None else rfc3339_text(moment)
            for name, moment in moments.items()
        },
    }


def _code_view(code: Code) -> dict[str, object]:
    return {
        "out_trade_no": code.content.out_trade_no,
        "trade_no": None,
        "status": NOT_OPENED,
        "method": code.method,
        "subject": code.content.subject,
        "amount_fen": code.content.fen,
        "paid_fen": 0,
        "refunded_fen": 0,
        "notify_url": code.notify_url,
        "return_url": "",
        "pay_path": None,
        "expires_at": rfc3339_text(code.content.expires_at),
        "created_at": rfc3339_text(code.created_at),
        "paid_at": None,
        "closed_at": None,
    }
