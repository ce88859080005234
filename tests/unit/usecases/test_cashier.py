"""The cashier: found by its token alone, offering what fits, believing nothing. Holds I12; S-12, S-25."""

from dataclasses import replace
from typing import Any

import pytest

from paycenter.domain import ids
from paycenter.domain.errors import NotFound
from paycenter.domain.jobs import JobKind
from paycenter.domain.order import Order
from paycenter.domain.states import OrderState
from paycenter.usecases.browser import system_of
from paycenter.usecases.cashier import came_back, choices, line_of, order_by_token
from tests.fakes.acting import called_back, now_stored, ordered, paying_order, started
from tests.fakes.clock import START
from tests.fakes.ports import FakePorts
from tests.fakes.samples import a_line, a_manifest, products_that_ask
from tests.fakes.store import somebody_else_writes

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 Mobile/15E148"
DESKTOP = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36"


@pytest.fixture
def order(ports: FakePorts) -> Order:
    made = ordered(ports)
    ports.wire.forget()
    return made


def offered(ports: FakePorts, order: Order, agent: str = DESKTOP) -> list[tuple[str, str]]:
    line = ports.configuration.lines["tickets"]
    return [
        (choice.manifest.channel, choice.product.id)
        for choice in choices(order, line, agent, ports)
    ]


def test_the_token_finds_its_order_in_one_read(order: Order, ports: FakePorts) -> None:
    assert order_by_token(ids.cashier_token(order.id, order.secret), ports) == order
    assert ports.wire.names() == ["orders.get"]


def test_every_other_token_is_not_found_in_the_same_words(order: Order, ports: FakePorts) -> None:
    token = order.id + order.secret
    wrong = [
        "",
        order.id,
        order.secret,
        token[:-1],
        token + "A",
        token[:-1] + ("A" if token[-1] != "A" else "B"),
        "A" * 26 + order.secret,
        order.secret + order.id,
        token.lower(),
        order.id + "é" * 26,
        "../" + token,
    ]
    told = set()
    for other in wrong:
        with pytest.raises(NotFound) as refusal:
            order_by_token(other, ports)
        told.add(str(refusal.value))
    assert len(told) == 1


def test_a_removed_line_has_no_page(order: Order, ports: FakePorts) -> None:
    assert line_of(order, ports) is ports.configuration.lines["tickets"]
    del ports.configuration.lines["tickets"]
    with pytest.raises(NotFound):
        line_of(order, ports)


def test_the_ways_to_pay_come_in_the_line_s_order_as_far_as_they_fit_the_device(
    order: Order, ports: FakePorts
) -> None:
    assert offered(ports, order) == [
        ("bogus", "page"),
        ("bogus", "qr"),
        ("rival", "page"),
        ("rival", "qr"),
    ]
    assert offered(ports, order, PHONE) == [("bogus", "page"), ("rival", "page")]
    ports.configuration.lines["tickets"] = a_line(cashier=(("rival", "qr"), ("bogus", "page")))
    assert offered(ports, order) == [("rival", "qr"), ("bogus", "page")]


@pytest.mark.parametrize("agent", [PHONE, DESKTOP], ids=["on a phone", "on a desktop"])
def test_inside_a_channel_s_own_app_that_channel_shows_what_works_there(
    agent: str, order: Order, ports: FakePorts
) -> None:
    ports.bogus.manifest = a_manifest(products=products_that_ask(), own_browser=r"Bogus/\d")
    cashier = [("bogus", product) for product in products_that_ask()]
    ports.configuration.lines["tickets"] = a_line(
        cashier=(*cashier, ("rival", "page"), ("rival", "qr"))
    )
    others = offered(ports, order, agent)[-2:] if agent == DESKTOP else [("rival", "page")]
    assert offered(ports, order, f"{agent} Bogus/8.0") == [("bogus", "inside"), *others]
    assert ("bogus", "inside") not in offered(ports, order, f"{agent} Bogus")
    assert ("bogus", "page") in offered(ports, order, agent)


def test_what_only_an_app_can_evoke_is_shown_nowhere(order: Order, ports: FakePorts) -> None:
    ports.bogus.manifest = a_manifest(products=products_that_ask(), own_browser="Bogus")
    ports.configuration.lines["tickets"] = a_line(cashier=(("bogus", "app"),))
    for agent in ("", PHONE, DESKTOP, f"{PHONE} Bogus"):
        assert offered(ports, order, agent) == []
    assert started(ports, order, product="app").payment.product == "app"


@pytest.mark.parametrize(
    ("agent", "system"),
    [
        (PHONE, "ios"),
        ("Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X)", "ios"),
        ("Mozilla/5.0 (Linux; Android 15; Pixel 9) Mobile", "android"),
        (DESKTOP, ""),
        ("", ""),
    ],
)
def test_the_system_is_what_the_browser_says(agent: str, system: str) -> None:
    assert system_of(agent) == system


@pytest.mark.parametrize(
    "changes",
    [
        {"minimum_amount": 12801},
        {"maximum_amount": 12799},
        {"currencies": frozenset({"USD"})},
        {"minimum_window_s": 1796},
        {"deadline_margin_s": 1741},
        {"products": {}},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_channel_that_does_not_fit_is_not_shown(
    changes: dict[str, Any], order: Order, ports: FakePorts
) -> None:
    ports.bogus.manifest = a_manifest(**changes)
    assert offered(ports, order) == [("rival", "page"), ("rival", "qr")]


def test_what_is_shown_is_what_is_accepted_to_the_very_second(
    order: Order, ports: FakePorts
) -> None:
    ports.clock.forward(1735)
    assert ("bogus", "page") in offered(ports, order)
    started(ports, order)
    ports.clock.forward(1)
    assert offered(ports, order) == []


def test_a_pair_of_a_channel_that_is_not_registered_is_not_shown(
    order: Order, ports: FakePorts
) -> None:
    ports.configuration.lines["tickets"] = a_line(cashier=(("ghost", "page"), ("rival", "page")))
    assert offered(ports, order) == [("rival", "page")]


@pytest.mark.parametrize(
    "change",
    [
        {"state": OrderState.PAID, "winner": "x"},
        {"state": OrderState.CLOSED},
        {"closing": True},
        {"expires_at": START},
    ],
)
def test_an_order_that_takes_no_payment_offers_none(
    change: dict[str, Any], order: Order, ports: FakePorts
) -> None:
    assert offered(ports, replace(order, **change)) == []


def test_a_return_asks_the_channel_once_and_changes_no_state(ports: FakePorts) -> None:
    answer = paying_order(ports)
    ports.timers.requests.clear()
    ports.clock.forward(5)
    came_back(answer.order, ports)
    (job,) = ports.timers.sent
    assert (job.kind, job.payment_no, job.due_at) == (
        JobKind.QUERY,
        answer.payment.payment_no,
        START + 5,
    )
    assert not job.carries
    after = now_stored(ports, answer.order)
    assert replace(after, version=0, payments={}) == replace(answer.order, version=0, payments={})
    assert after.payments[job.payment_no] == replace(answer.payment, asked_at=START + 5)


def test_returns_within_five_seconds_ask_no_second_time(ports: FakePorts) -> None:
    answer = paying_order(ports)
    ports.timers.requests.clear()
    ports.clock.forward(5)
    for _ in range(5):
        came_back(now_stored(ports, answer.order), ports)
        ports.clock.forward(1)
    assert len(ports.timers.sent) == 1
    came_back(now_stored(ports, answer.order), ports)
    assert len(ports.timers.sent) == 2


def test_a_payer_who_returns_for_a_day_does_not_make_the_order_grow(ports: FakePorts) -> None:
    answer = paying_order(ports, expires_in=86400)
    log = answer.order.log
    for _ in range(500):
        ports.clock.forward(5)
        came_back(now_stored(ports, answer.order), ports)
    assert now_stored(ports, answer.order).log == log


def test_a_return_that_loses_a_race_leaves_the_question_to_the_ladder(ports: FakePorts) -> None:
    answer = paying_order(ports)
    ports.timers.requests.clear()
    ports.clock.forward(5)
    ports.orders.interference = [somebody_else_writes]
    came_back(answer.order, ports)
    assert ports.timers.sent == []


def test_a_return_without_a_live_payment_asks_nobody(ports: FakePorts) -> None:
    answer = paying_order(ports)
    ports.bogus.payer_pays(answer.payment.payment_no)
    called_back(ports, ports.bogus, answer.payment.payment_no)
    ports.wire.forget()
    ports.clock.forward(60)
    came_back(now_stored(ports, answer.order), ports)
    assert ports.wire.calls == []
