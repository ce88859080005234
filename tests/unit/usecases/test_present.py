"""An order in the words of the API. Holds S-05 (amounts are ours), S-37 (addresses from configuration alone)."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from paycenter.domain.states import PaymentState
from paycenter.ports.channel import (
    Action,
    AppAction,
    FormAction,
    JsapiAction,
    QrAction,
    RedirectAction,
)
from paycenter.usecases.expire import close_order
from paycenter.usecases.present import cashier_url, moment, order_answer, payment_answer
from tests.fakes.acting import called_back, now_stored, ordered, paying_order, started
from tests.fakes.clock import START
from tests.fakes.ports import FakePorts
from tests.fakes.samples import PUBLIC_URL, a_payment, an_order


def test_a_moment_is_rfc_3339_in_utc() -> None:
    assert moment(START) == "2026-11-18T00:00:00Z"
    assert datetime.fromisoformat(moment(START)) == datetime.fromtimestamp(START, UTC)


def test_a_new_order_says_where_it_is_paid(ports: FakePorts) -> None:
    order = ordered(ports, attach="a=1")
    answer = order_answer(order, PUBLIC_URL)
    assert answer.cashier_url == f"{PUBLIC_URL}/cashier/{order.id}{order.secret}"
    assert (answer.state, answer.version, answer.amount) == ("CREATED", 1, 12800)
    assert (answer.attach, answer.payment, answer.closing) == ("a=1", None, False)
    assert (answer.created_at, answer.expires_at) == (
        "2026-11-18T00:00:00Z",
        "2026-11-18T00:30:00Z",
    )


def test_a_paid_order_names_its_winner_and_every_exception_with_its_refund(
    ports: FakePorts,
) -> None:
    first = paying_order(ports)
    second = started(ports, first.order, "rival", "page")
    for channel, payment in ((ports.rival, second), (ports.bogus, first)):
        channel.payer_pays(payment.payment.payment_no)
        called_back(ports, channel, payment.payment.payment_no)
    answer = order_answer(now_stored(ports, first.order), PUBLIC_URL)
    assert answer.payment is not None
    assert answer.payment.payment_no == second.payment.payment_no
    assert (answer.payment.channel, answer.payment.product) == ("rival", "page")
    assert answer.payment.channel_transaction_no == f"T-{second.payment.payment_no}"
    (raised,), (refund,) = answer.exceptions, answer.refunds
    assert (raised.kind, raised.payment_no) == ("DUPLICATE_PAYMENT", first.payment.payment_no)
    assert (refund.refund_no, refund.state) == (f"{first.payment.payment_no}D", "REQUESTED")


def test_closing_is_said_of_an_open_order_only(ports: FakePorts) -> None:
    answer = paying_order(ports)
    closing = close_order(answer.order, ports)
    assert order_answer(closing, PUBLIC_URL).closing
    closed = close_order(ordered(ports, "A-2"), ports)
    assert (order_answer(closed, PUBLIC_URL).closing, closed.closing) == (False, True)


def test_nothing_internal_is_told(ports: FakePorts) -> None:
    answer = paying_order(ports)
    told = order_answer(answer.order, PUBLIC_URL).model_dump()
    assert set(told) == {
        *("id", "out_order_no", "state", "version", "amount", "currency", "subject", "attach"),
        *("cashier_url", "created_at", "expires_at", "closing", "payment", "exceptions", "refunds"),
    }


ACTIONS: list[tuple[Action | None, dict[str, object] | None]] = [
    (None, None),
    (
        FormAction(url="https://x", fields={"a": "1"}),
        {"type": "form", "method": "POST", "url": "https://x", "fields": {"a": "1"}},
    ),
    (
        FormAction(url="https://x", fields={}, method="GET"),
        {"type": "form", "method": "GET", "url": "https://x", "fields": {}},
    ),
    (QrAction(content="x:1"), {"type": "qr", "content": "x:1"}),
    (RedirectAction(url="https://x"), {"type": "redirect", "url": "https://x"}),
    (
        JsapiAction(bridge="B", function="f", method="m", ready_event="r", parameters={"a": "1"}),
        {
            "type": "jsapi",
            "bridge": "B",
            "function": "f",
            "method": "m",
            "ready_event": "r",
            "parameters": {"a": "1"},
        },
    ),
    (AppAction(order_string="a=1"), {"type": "app", "order_string": "a=1", "parameters": {}}),
    (
        AppAction(parameters={"a": "1"}),
        {"type": "app", "order_string": "", "parameters": {"a": "1"}},
    ),
]


@pytest.mark.parametrize(("action", "told"), ACTIONS, ids=str)
def test_an_action_says_how_the_channel_s_cashier_is_opened(
    action: Action | None, told: dict[str, object] | None
) -> None:
    assert payment_answer(a_payment(an_order()), action).model_dump()["action"] == told


@pytest.mark.parametrize("state", list(PaymentState))
def test_a_payment_s_state_is_told_as_it_is(state: PaymentState) -> None:
    assert payment_answer(a_payment(an_order(), state=state), None).state == state


def test_the_address_does_not_change_with_the_order() -> None:
    order = an_order()
    assert cashier_url(replace(order, version=9), "https://x") == cashier_url(order, "https://x")
