"""What the runners of all channels share: the form of a case, and a notice taken for a stored order."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from paycenter.domain.order import LatePolicy, Order, Payment, Refund
from paycenter.domain.states import PaymentState
from paycenter.ports.channel import (
    Account,
    CallbackRefused,
    Callbacks,
    FactKind,
    RawCallback,
)
from paycenter.usecases import callback

ACCOUNT_ID: Final = "vectors~1"

type Case = Mapping[str, Any]
# The whole of `keys.json`: `keys`, `certificates`, `bundles`, `secrets`.
type Keys = Mapping[str, Any]
# What is compared, what the case expects, what the code says.
type Check = tuple[str, object, object]
type Runner = Callable[[Case, Keys], Iterator[Check]]


class NotRun(Exception):
    """A case of a kind that nothing here handles yet."""


@dataclass(frozen=True, slots=True)
class StandingClock:
    """Business time that does not pass: a case's own `now`."""

    seconds: int
    rate: int = 1

    def now(self) -> int:
        """Return the moment."""
        return self.seconds

    def now_ms(self) -> int:
        """Return the moment in milliseconds."""
        return self.seconds * 1000


_VERDICTS: Final = {
    FactKind.PAID: "PAID",
    FactKind.CLOSED: "CLOSED",
    FactKind.REFUND: "REFUND",
    FactKind.NOTHING: "NO_STATE_CHANGE",
}
_LOCAL_STATES: Final = {
    "CREATED": PaymentState.CREATING,
    "PAYING": PaymentState.PENDING,
    "SUCCEEDED": PaymentState.SUCCEEDED,
    "FAILED": PaymentState.FAILED,
    "CLOSED": PaymentState.CLOSED,
}


def verdict(callbacks: Callbacks, account: Account, raw: RawCallback, payment: Payment) -> str:
    """Take a notice for a stored payment as production does, and say what became of it in the vectors' words."""
    try:
        verified = callbacks.verify(account, raw)
    except CallbackRefused:
        return "REJECT_SIGNATURE"
    try:
        fact = callbacks.translate(account, verified)
    except CallbackRefused:
        return "REJECT_MISMATCH"
    if callback.binding(fact, stored_order(payment), account.id) is not None:
        return "REJECT_MISMATCH"
    if fact.kind is FactKind.CLOSED and payment.state is PaymentState.SUCCEEDED:
        return "NO_STATE_CHANGE"
    return _VERDICTS[fact.kind]


def stored_payment(order: Mapping[str, Any], channel: str) -> Payment:
    """Return the payment that a case has stored."""
    return Payment(
        payment_no=order["out_trade_no"],
        channel=channel,
        product="page",
        account=ACCOUNT_ID,
        amount=order["amount_fen"],
        currency=order["currency"],
        state=_LOCAL_STATES[order["local_state"]],
        created_at=0,
        deadline=0,
    )


def stored_order(payment: Payment, *refunds: Refund) -> Order:
    """Return the order of a stored payment, with the refunds that were asked for."""
    return Order(
        id="VECTORS",
        line="vectors",
        out_order_no="vectors",
        amount=payment.amount,
        currency=payment.currency,
        subject="",
        attach="",
        information=(),
        return_url="",
        late_policy=LatePolicy.HOLD,
        fingerprint="",
        secret="",
        created_at=0,
        expires_at=0,
        payments={payment.payment_no: payment},
        refunds={refund.refund_no: refund for refund in refunds},
    )
