"""Calls that reach a simulated channel: counted, and each one answered as its fault says."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response

from sandbox.simulator.faults import Answering, Reply, Seal
from sandbox.simulator.ledger import Ledger
from sandbox.simulator.refusals import Reason, Refusal
from sandbox.simulator.replies import reply
from sandbox.simulator.trades import Refund, RefundOrder, State, Trade


@dataclass(slots=True)
class Calls:
    """Counts what reached the channel, for tests and the fault panel."""

    by_method: Counter[str] = field(default_factory=Counter)
    by_trade: dict[str, Counter[str]] = field(default_factory=dict)
    refused: Counter[str] = field(default_factory=Counter)

    def count(self, method: str, number: str) -> None:
        """One verified call, about a payment unless the number is empty."""
        self.by_method[method] += 1
        if number:
            self.by_trade.setdefault(number, Counter())[method] += 1

    def view(self) -> dict[str, object]:
        """For the control interface."""
        by_trade = {number: dict(counts) for number, counts in self.by_trade.items()}
        return {
            "counts": dict(self.by_method),
            "by_trade": by_trade,
            "refused": dict(self.refused),
        }


@dataclass(frozen=True, slots=True)
class Call:
    """One verified call and the fault in it. An operation moves and reads the books through this, so that it acts."""

    ledger: Ledger
    request: Request
    fault: Answering
    occasion: int

    @property
    def base_url(self) -> str:
        """The simulator's own address, as the caller wrote it, without a slash at its end."""
        return str(self.request.base_url).rstrip("/")

    def seen(self, trade: Trade) -> Trade:
        """Return the trade as this call is to see it: the truth, as if it were not paid, or in an unheard-of state."""
        if self.fault.odd_status:
            return trade.odd()
        hides = self.fault.hides_payment
        hidden = bool(hides) and hides[self.occasion % len(hides)]
        return trade.unpaid() if hidden and trade.paid_fen else trade

    def close(self, trade: Trade) -> None:
        """Close an unpaid trade; Refusal CLOSE_PAID or CLOSE_CLOSED. With a fault the payer is faster, or said to be."""
        if self.fault.claims_paid:
            raise Refusal(Reason.CLOSE_PAID)
        if self.fault.payer_pays_first and trade.state is State.WAITING:
            self.ledger.pay(trade)
        self.ledger.close(trade)

    def refund(
        self, trade: Trade, order: RefundOrder, *, usual_s: float = 0, retries_failed: bool = False
    ) -> tuple[Refund, bool]:
        """Refund as ``Ledger.refund`` does, after ``usual_s`` business seconds or as the fault says."""
        return self.ledger.refund(
            trade,
            order,
            delay_seconds=self.fault.settles_after_s or usual_s,
            failure=self.fault.refund_failure,
            retries_failed=retries_failed,
        )

    async def answer[Answer](
        self,
        execute: Callable[[], Answer],
        trouble: Callable[[Reply], Answer],
        seal: Callable[[Answer, Seal], Response],
    ) -> Response:
        """Execute, unless the fault forbids it, and send the answer, or what the fault sends instead.

        ``execute`` returns refusals of its operation as answers too. ``trouble`` says SYSTEM_ERROR and THROTTLED in
        the channel's words. ``seal`` makes an answer a response with the channel's signature, a stranger's or none.
        """
        kind = self.fault.reply
        answer = execute() if self.fault.executed else trouble(Reply.SYSTEM_ERROR)
        if kind in (Reply.SYSTEM_ERROR, Reply.THROTTLED):
            answer = trouble(kind)
        return await reply(self.request, kind, self.fault.late_s, lambda whose: seal(answer, whose))
