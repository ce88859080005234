"""Every (state, event) pair of the four tables: what is written in the design happens, all else is refused."""

from collections.abc import Mapping
from enum import StrEnum
from itertools import product
from typing import Any, Final

import pytest

from paycenter.domain.errors import IllegalTransition
from paycenter.domain.states import (
    DELIVERY,
    ORDER,
    PAYMENT,
    REFUND,
    DeliveryEvent,
    EventState,
    OrderEvent,
    OrderState,
    PaymentEvent,
    PaymentState,
    RefundEvent,
    RefundState,
    transition,
)

# Written down a second time, from the design's own words: a changed table fails here.
ALLOWED: Final[dict[str, dict[tuple[str, str], str]]] = {
    "order": {
        ("CREATED", "PAYMENT_STARTED"): "PAYING",
        ("CREATED", "MONEY_VERIFIED"): "PAID",
        ("CREATED", "CLOSED"): "CLOSED",
        ("PAYING", "PAYMENT_STARTED"): "PAYING",
        ("PAYING", "MONEY_VERIFIED"): "PAID",
        ("PAYING", "CLOSED"): "CLOSED",
        ("CLOSED", "LATE_MONEY_ACCEPTED"): "PAID",
    },
    "payment": {
        ("CREATING", "CHANNEL_ACCEPTED"): "PENDING",
        ("CREATING", "MONEY_VERIFIED"): "SUCCEEDED",
        ("CREATING", "CHANNEL_REFUSED"): "FAILED",
        ("CREATING", "CHANNEL_CLOSED"): "CLOSED",
        ("PENDING", "MONEY_VERIFIED"): "SUCCEEDED",
        ("PENDING", "CHANNEL_REFUSED"): "FAILED",
        ("PENDING", "CHANNEL_CLOSED"): "CLOSED",
        ("FAILED", "MONEY_VERIFIED"): "SUCCEEDED",
        ("CLOSED", "MONEY_VERIFIED"): "SUCCEEDED",
    },
    "refund": {
        ("REQUESTED", "CHANNEL_ACCEPTED"): "PROCESSING",
        ("REQUESTED", "MONEY_RETURNED"): "SUCCEEDED",
        ("REQUESTED", "CHANNEL_REFUSED"): "FAILED",
        ("PROCESSING", "MONEY_RETURNED"): "SUCCEEDED",
        ("PROCESSING", "CHANNEL_REFUSED"): "FAILED",
    },
    "delivery": {
        ("DELIVERED", "SENT_AGAIN"): "OWED",
        ("DEAD", "SENT_AGAIN"): "OWED",
        ("OWED", "ACKNOWLEDGED"): "DELIVERED",
        ("OWED", "ATTEMPT_FAILED"): "OWED",
        ("OWED", "GIVEN_UP"): "DEAD",
        ("OWED", "OVERTAKEN"): "SUPERSEDED",
    },
}

TABLES: Final[dict[str, tuple[Mapping[Any, Any], type[StrEnum], type[StrEnum]]]] = {
    "order": (ORDER, OrderState, OrderEvent),
    "payment": (PAYMENT, PaymentState, PaymentEvent),
    "refund": (REFUND, RefundState, RefundEvent),
    "delivery": (DELIVERY, EventState, DeliveryEvent),
}
PAIRS: Final = [
    pytest.param(name, state, event, id=f"{name}-{state}-{event}")
    for name, (_, states, events) in TABLES.items()
    for state, event in product(states, events)
]


@pytest.mark.parametrize(("name", "state", "event"), PAIRS)
def test_every_pair_does_what_the_design_says(name: str, state: StrEnum, event: StrEnum) -> None:
    table = TABLES[name][0]
    before = {key: dict(moves) for key, moves in table.items()}
    wanted = ALLOWED[name].get((state, event))
    if wanted is None:
        with pytest.raises(IllegalTransition) as refusal:
            transition(table, state, event)
        assert (refusal.value.state, refusal.value.event) == (state, event)
        assert str(refusal.value) == f"{event} is not possible in state {state}."
    else:
        assert transition(table, state, event) == wanted
    assert {key: dict(moves) for key, moves in table.items()} == before


@pytest.mark.parametrize("name", TABLES)
def test_a_table_names_every_state_and_leads_nowhere_else(name: str) -> None:
    table, states, events = TABLES[name]
    assert set(table) == set(states)
    assert {event for moves in table.values() for event in moves} == set(events)
    assert {after for moves in table.values() for after in moves.values()} <= set(states)


def test_success_is_for_ever() -> None:
    assert not ORDER[OrderState.PAID]
    assert not PAYMENT[PaymentState.SUCCEEDED]
    assert not REFUND[RefundState.SUCCEEDED]


def test_an_ended_payment_yields_to_verified_money_alone() -> None:
    for ended in (PaymentState.FAILED, PaymentState.CLOSED):
        assert set(PAYMENT[ended]) == {PaymentEvent.MONEY_VERIFIED}
    assert set(ORDER[OrderState.CLOSED]) == {OrderEvent.LATE_MONEY_ACCEPTED}
