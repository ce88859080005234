"""UnionPay's side of the plug between the kit and its wire."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import ClassVar

import httpx
from starlette.requests import Request
from starlette.routing import Route

from sandbox.simulator.certificates import pem_of
from sandbox.simulator.channel import Channel, Message, Note, WayBack
from sandbox.simulator.faults import Fault, Operation
from sandbox.simulator.refusals import Reason
from sandbox.simulator.trades import Event, Order, Trade
from sandbox.simulator.world import World
from sandbox.unionpay import facts, notices
from sandbox.unionpay.errors import code_of, sentence
from sandbox.unionpay.faults import ROWS
from sandbox.unionpay.gateway import Gateway
from sandbox.unionpay.keys import Keys
from sandbox.unionpay.merchant import OTHER_MERCHANT, Merchant
from sandbox.unionpay.moments import digits
from sandbox.unionpay.operations import APP, FILE, QR, QUERY, REFUND, REFUND_QUERY, UNDO

# Section 6: five sends in all, then silence.
REPEATS_SECONDS = (0, 60, 120, 240)
QR_REPEATS_SECONDS = (60, 120, 240, 300)


class UnionPay(Channel):
    """One merchant, and UnionPay's keys."""

    name: ClassVar[str] = "unionpay"
    title: ClassVar[str] = "模拟银联 Simulated UnionPay"
    colour: ClassVar[str] = "#d7282f"
    operations: ClassVar[Mapping[str, Operation]] = {
        APP: Operation.CREATE,
        QR: Operation.CREATE,
        QUERY: Operation.QUERY,
        REFUND: Operation.REFUND,
        UNDO: Operation.REFUND,
        REFUND_QUERY: Operation.QUERY_REFUND,
        FILE: Operation.BILL,
    }
    # Payments are told when they succeed, refunds either way; nobody is told of a close (section 6).
    tells: ClassVar[frozenset[Event]] = frozenset({Event.PAID, Event.REFUNDED, Event.REFUND_FAILED})
    faults: ClassVar[Sequence[Fault]] = ROWS
    # There is no close (section 5.3).
    lacks: ClassVar[frozenset[str]] = frozenset({"close_says_paid", "close_claims_paid"})

    def __init__(self, merchant: Merchant, keys: Keys) -> None:
        self.merchant = merchant
        self.keys = keys

    def routes(self, world: World) -> list[Route]:
        """Return UnionPay's addresses."""
        return Gateway(world, self.merchant, self.keys).routes()

    def merchant_name(self) -> str:
        """Return the merchant's name."""
        return self.merchant.name

    def status(self, trade: Trade) -> str:
        """Return the response code that a query gives of it."""
        return facts.code_of(trade)

    def explain(self, reason: Reason) -> tuple[str, str]:
        """Return the response code and its sentence."""
        code = code_of(reason)
        return code, sentence(code)

    def trade_no(self, count: int, now: float) -> str:
        """Return a ``queryId``: 21 digits that begin with the moment."""
        return f"{digits(now)}0{count:06d}"

    def refund_no(self, count: int, now: float) -> str:
        """Return a refund's ``queryId``."""
        return f"{digits(now)}8{count:06d}"

    def notice(self, note: Note) -> Message:
        """Return a signed form."""
        return notices.message(
            note, OTHER_MERCHANT if note.wrong_merchant else self.merchant, self.keys
        )

    def acknowledges(self, answer: httpx.Response) -> bool:
        """200 ends the repeats, and so does 302; the body is free (section 6)."""
        return answer.status_code in (HTTPStatus.OK, HTTPStatus.FOUND)

    def repeat_schedule(self, trade: Trade) -> Sequence[float]:
        """Return the four waits between five sends."""
        return QR_REPEATS_SECONDS if trade.order.method == QR else REPEATS_SECONDS

    def rotate_keys(self) -> Mapping[str, str]:
        """Sign under another certificate of UnionPay's own."""
        signer = self.keys.rotate()
        return {"certId": signer.serial, "signPubKeyCert": pem_of(signer.certificate)}

    def same_order(self, known: Order, repeated: Order) -> bool:
        """Tell whether it is that order again; another ``txnTime`` makes it another (section 4)."""
        same = super().same_order(known, repeated)
        return same and known.extra["txnTime"] == repeated.extra["txnTime"]

    def way_back(self, trade: Trade, now: float, request: Request) -> WayBack | None:  # noqa: ARG002 - not needed
        """Return a signed form for the merchant's ``frontUrl``."""
        if not trade.order.return_url:
            return None
        return notices.way_back(trade, self.merchant, self.keys)
