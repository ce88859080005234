"""The order and all that it holds: one item, so that every rule about money is one conditional write."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from paycenter.domain.states import EventState, OrderState, PaymentState, RefundState

MAXIMUM_PAYMENTS: Final = 10
MAXIMUM_REFUNDS: Final = 50
MAXIMUM_EVENTS: Final = 20
MINIMUM_LIFE_SECONDS: Final = 120
DEFAULT_LIFE_SECONDS: Final = 1800
MAXIMUM_LIFE_SECONDS: Final = 86400
# How long after a moment at which something is due the sweep may call it lost.
OWED_GRACE_SECONDS: Final = 120


class LatePolicy(StrEnum):
    """What a business line wants done with money that arrives after its order was closed."""

    REFUND = "refund"
    ACCEPT = "accept"
    HOLD = "hold"


class ExceptionKind(StrEnum):
    """Money that does not fit."""

    LATE_PAYMENT = "LATE_PAYMENT"
    DUPLICATE_PAYMENT = "DUPLICATE_PAYMENT"
    AMOUNT_MISMATCH = "AMOUNT_MISMATCH"
    ACCOUNT_MISMATCH = "ACCOUNT_MISMATCH"
    UNKNOWN_ORDER = "UNKNOWN_ORDER"
    STUCK_REFUND = "STUCK_REFUND"
    CONTRADICTION = "CONTRADICTION"


class Resolution(StrEnum):
    """What is done about an exception without a person: a refund, or nothing."""

    REFUND = "refund"
    HOLD = "hold"


class EventType(StrEnum):
    """What a business line can be told."""

    ORDER_PAID = "order.paid"
    ORDER_CLOSED = "order.closed"
    REFUND_SUCCEEDED = "refund.succeeded"
    REFUND_FAILED = "refund.failed"


@dataclass(frozen=True, slots=True)
class Information:
    """One labelled field that the business line wants the payer to see."""

    label: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Why we believe something: the source (`callback`, `query`), a digest of the raw bytes, whose key signed them."""

    source: str
    digest: str
    account: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """One attempt to pay an order through one channel; pins the account version that it was made with.

    `amount` is what was sent to the channel. `deadline` is the instant that the channel was given. `refundable` is
    what may still be given back of it; it is set by the write that makes the payment SUCCEEDED. `channel_data` is
    what the channel needs to find the payment again. `rungs` are the delays of its query ladder, empty for the seed's
    own. `climbed_to` is the moment of the last rung that has sent the next stage of the ladder. `payer_id`, `client_address` and `system` are what the channel was told of the
    payer, empty where its product asks for none of them: a repeat must tell it the same.
    """

    payment_no: str
    channel: str
    product: str
    account: str
    amount: int
    currency: str
    state: PaymentState
    created_at: int
    deadline: int
    channel_data: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    channel_transaction_no: str = ""
    paid_at: int = 0
    refundable: int = 0
    asked_at: int = 0
    climbed_to: int = 0
    rungs: tuple[int, ...] = ()
    payer_id: str = ""
    client_address: str = ""
    system: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """Money to give back for a payment; its number never changes on a retry.

    `out_refund_no` and `fingerprint` are the business line's number and the digest of its request, empty for one that
    the centre owes by itself; `asked_by` is the line, `operator:<name>` or `centre`. `attempt` counts what was done
    about it, so that duplicated timers end; `due_at` is the next moment at which something must be done, 0 for none.
    `sent_at` is the moment of the first call to the channel, 0 before. `stuck`: a person has been asked.
    """

    refund_no: str
    payment_no: str
    amount: int
    state: RefundState
    reason: str
    out_refund_no: str = ""
    fingerprint: str = ""
    asked_by: str = ""
    created_at: int = 0
    due_at: int = 0
    attempt: int = 0
    sent_at: int = 0
    refunded_at: int = 0
    channel_refund_no: str = ""
    channel_data: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    stuck: bool = False

    @property
    def is_open(self) -> bool:
        """Tell whether its end is not known yet."""
        return self.state in {RefundState.REQUESTED, RefundState.PROCESSING}


@dataclass(frozen=True, slots=True, kw_only=True)
class OwedEvent:
    """Something that the business line must be told; type and id are fixed, the body is built at each attempt.

    `attempt` counts all attempts that were made and rises for ever; `begun` is its value when the ladder began, above
    0 where the event was sent again. `due_at` of an event that was given up is the moment of that.
    """

    event_id: str
    type: EventType
    version: int
    state: EventState
    attempt: int
    due_at: int
    begun: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderException:
    """Money of this order that does not fit, and what will be done about it."""

    exception_id: str
    kind: ExceptionKind
    payment_no: str
    amount: int
    resolution: Resolution
    raised_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What must be paid. All moments are business seconds since 1970 UTC, all amounts minor units of `currency`.

    `version` rises by exactly one with every write, and every write is conditional on the version it was decided on.
    `secret` holds the 128 random bits of the cashier token. `fingerprint` is the digest of the request that made the
    order. `outbox` is the version of the last write that owed something new, 0 where nothing was ever owed.
    """

    id: str
    line: str
    out_order_no: str
    amount: int
    currency: str
    subject: str
    attach: str
    information: tuple[Information, ...]
    return_url: str
    late_policy: LatePolicy
    fingerprint: str
    secret: str
    created_at: int
    expires_at: int
    state: OrderState = OrderState.CREATED
    version: int = 1
    closing: bool = False
    close_attempt: int = 0
    close_due_at: int = 0
    closed_at: int = 0
    winner: str = ""
    outbox: int = 0
    payments: Mapping[str, Payment] = field(default_factory=lambda: MappingProxyType({}))
    refunds: Mapping[str, Refund] = field(default_factory=lambda: MappingProxyType({}))
    events: Mapping[str, OwedEvent] = field(default_factory=lambda: MappingProxyType({}))
    exceptions: Mapping[str, OrderException] = field(default_factory=lambda: MappingProxyType({}))
    log: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        """Tell whether money is still expected."""
        return self.state in {OrderState.CREATED, OrderState.PAYING}

    @property
    def owed_at(self) -> int | None:
        """Return the moment at which somebody must have acted, or None where nothing is owed any more."""
        moments = [event.due_at for event in self.events.values() if event.state is EventState.OWED]
        moments += [one.due_at for one in self.refunds.values() if one.is_open and one.due_at]
        if self.is_open:
            moments.append(max(self.expires_at, self.close_due_at))
        return min(moments) + OWED_GRACE_SECONDS if moments else None

    @property
    def dead_at(self) -> int | None:
        """Return the moment at which the first event that nobody took was given up, or None."""
        return min(
            (event.due_at for event in self.events.values() if event.state is EventState.DEAD),
            default=None,
        )

    def live_payments(self) -> tuple[Payment, ...]:
        """Return the payments whose end is not known yet."""
        live = {PaymentState.CREATING, PaymentState.PENDING}
        return tuple(payment for payment in self.payments.values() if payment.state in live)
