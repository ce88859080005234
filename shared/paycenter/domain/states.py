"""The states of orders, payments, refunds and owed events, and the only moves between them.

The tables are data: a move that is not written here does not exist. `transition` is the only reader, the tests walk
every (state, event) pair, and the picture in the documentation is drawn from the same tables.
"""

from collections.abc import Mapping
from enum import StrEnum

from paycenter.domain.errors import IllegalTransition


class OrderState(StrEnum):
    """Where an order stands; PAID is for ever, CLOSED yields to verified money alone."""

    CREATED = "CREATED"
    PAYING = "PAYING"
    PAID = "PAID"
    CLOSED = "CLOSED"


class OrderEvent(StrEnum):
    """What can happen to an order."""

    PAYMENT_STARTED = "PAYMENT_STARTED"
    MONEY_VERIFIED = "MONEY_VERIFIED"
    LATE_MONEY_ACCEPTED = "LATE_MONEY_ACCEPTED"
    CLOSED = "CLOSED"


class PaymentState(StrEnum):
    """Where one attempt to pay stands; SUCCEEDED is for ever."""

    CREATING = "CREATING"
    PENDING = "PENDING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CLOSED = "CLOSED"


class PaymentEvent(StrEnum):
    """What can happen to a payment."""

    CHANNEL_ACCEPTED = "CHANNEL_ACCEPTED"
    MONEY_VERIFIED = "MONEY_VERIFIED"
    CHANNEL_REFUSED = "CHANNEL_REFUSED"
    CHANNEL_CLOSED = "CHANNEL_CLOSED"


class RefundState(StrEnum):
    """Where a refund stands; both ends are final."""

    REQUESTED = "REQUESTED"
    PROCESSING = "PROCESSING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"


class RefundEvent(StrEnum):
    """What can happen to a refund."""

    CHANNEL_ACCEPTED = "CHANNEL_ACCEPTED"
    MONEY_RETURNED = "MONEY_RETURNED"
    CHANNEL_REFUSED = "CHANNEL_REFUSED"


class EventState(StrEnum):
    """Where an event owed to a business line stands; DELIVERED and DEAD yield to a person who sends it again."""

    OWED = "OWED"
    DELIVERED = "DELIVERED"
    DEAD = "DEAD"
    SUPERSEDED = "SUPERSEDED"


class DeliveryEvent(StrEnum):
    """What can happen to an owed event."""

    ACKNOWLEDGED = "ACKNOWLEDGED"
    ATTEMPT_FAILED = "ATTEMPT_FAILED"
    GIVEN_UP = "GIVEN_UP"
    OVERTAKEN = "OVERTAKEN"
    SENT_AGAIN = "SENT_AGAIN"


type Table[S: StrEnum, E: StrEnum] = Mapping[S, Mapping[E, S]]

ORDER: Table[OrderState, OrderEvent] = {
    OrderState.CREATED: {
        OrderEvent.PAYMENT_STARTED: OrderState.PAYING,
        OrderEvent.MONEY_VERIFIED: OrderState.PAID,
        OrderEvent.CLOSED: OrderState.CLOSED,
    },
    OrderState.PAYING: {
        OrderEvent.PAYMENT_STARTED: OrderState.PAYING,
        OrderEvent.MONEY_VERIFIED: OrderState.PAID,
        OrderEvent.CLOSED: OrderState.CLOSED,
    },
    OrderState.CLOSED: {OrderEvent.LATE_MONEY_ACCEPTED: OrderState.PAID},
    OrderState.PAID: {},
}

PAYMENT: Table[PaymentState, PaymentEvent] = {
    PaymentState.CREATING: {
        PaymentEvent.CHANNEL_ACCEPTED: PaymentState.PENDING,
        PaymentEvent.MONEY_VERIFIED: PaymentState.SUCCEEDED,
        PaymentEvent.CHANNEL_REFUSED: PaymentState.FAILED,
        PaymentEvent.CHANNEL_CLOSED: PaymentState.CLOSED,
    },
    PaymentState.PENDING: {
        PaymentEvent.MONEY_VERIFIED: PaymentState.SUCCEEDED,
        PaymentEvent.CHANNEL_REFUSED: PaymentState.FAILED,
        PaymentEvent.CHANNEL_CLOSED: PaymentState.CLOSED,
    },
    PaymentState.FAILED: {PaymentEvent.MONEY_VERIFIED: PaymentState.SUCCEEDED},
    PaymentState.CLOSED: {PaymentEvent.MONEY_VERIFIED: PaymentState.SUCCEEDED},
    PaymentState.SUCCEEDED: {},
}

REFUND: Table[RefundState, RefundEvent] = {
    RefundState.REQUESTED: {
        RefundEvent.CHANNEL_ACCEPTED: RefundState.PROCESSING,
        RefundEvent.MONEY_RETURNED: RefundState.SUCCEEDED,
        RefundEvent.CHANNEL_REFUSED: RefundState.FAILED,
    },
    RefundState.PROCESSING: {
        RefundEvent.MONEY_RETURNED: RefundState.SUCCEEDED,
        RefundEvent.CHANNEL_REFUSED: RefundState.FAILED,
    },
    RefundState.SUCCEEDED: {},
    RefundState.FAILED: {},
}

DELIVERY: Table[EventState, DeliveryEvent] = {
    EventState.OWED: {
        DeliveryEvent.ACKNOWLEDGED: EventState.DELIVERED,
        DeliveryEvent.ATTEMPT_FAILED: EventState.OWED,
        DeliveryEvent.GIVEN_UP: EventState.DEAD,
        DeliveryEvent.OVERTAKEN: EventState.SUPERSEDED,
    },
    EventState.DELIVERED: {DeliveryEvent.SENT_AGAIN: EventState.OWED},
    EventState.DEAD: {DeliveryEvent.SENT_AGAIN: EventState.OWED},
    EventState.SUPERSEDED: {},
}


def transition[S: StrEnum, E: StrEnum](table: Table[S, E], state: S, event: E) -> S:
    """Return the state after `event`; raise IllegalTransition, changing nothing, where the table has no such move."""
    after = table[state].get(event)
    if after is None:
        raise IllegalTransition(state, event)
    return after
