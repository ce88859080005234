"""UnionPay has no close: a payment ends at its `payTimeout` alone, and the manifest says so."""

from dataclasses import dataclass

from paycenter.ports.channel import Account, Close, CloseAnswer, Outcome, PaymentRequest
from paycenter.ports.clock import Clock
from paycenter.ports.transport import Transport


def strategy(_transport: Transport, _clock: Clock) -> Close:
    """Return what says no without asking anybody."""
    return NoClose()


@dataclass(frozen=True, slots=True)
class NoClose:
    """The answer to a close that nobody should have asked for."""

    def execute(self, _account: Account, _payment: PaymentRequest) -> CloseAnswer:
        """Prove nothing."""
        return CloseAnswer(outcome=Outcome.REFUSED, code="no_close")
