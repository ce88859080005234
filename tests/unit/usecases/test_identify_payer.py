"""Who pays, told by the channel's own app: the way there and back. Holds I15, C01; S-12, S-25, S-27."""

import base64
from dataclasses import replace
from typing import Any

import pytest

from paycenter.domain.errors import ChannelWindowClosed, Malformed, OrderNotPayable
from paycenter.domain.order import Order
from paycenter.domain.states import OrderState
from paycenter.ports.channel import Outcome, PayerAnswer
from paycenter.usecases.identify_payer import (
    Errand,
    Identified,
    errand_of,
    identify,
    lead_to_identification,
    state_of,
)
from tests.fakes.acting import ordered
from tests.fakes.clock import START
from tests.fakes.ports import FakePorts
from tests.fakes.samples import a_line, a_manifest, products_that_ask
from tests.fakes.wire import Fault

ERRAND = Errand(channel="bogus", product="inside", account_id="bogus-main~1")


@pytest.fixture
def order(ports: FakePorts) -> Order:
    products = products_that_ask()
    ports.bogus.manifest = a_manifest(products=products)
    ports.configuration.lines["tickets"] = a_line(
        cashier=(*(("bogus", product) for product in products), ("rival", "page"))
    )
    made = ordered(ports)
    ports.wire.forget()
    return made


def led(ports: FakePorts, order: Order, product: str = "inside") -> str:
    line = ports.configuration.lines["tickets"]
    return lead_to_identification(order, line, "bogus", product, ports)


def came(
    ports: FakePorts, order: Order, code: str = "one", errand: Errand = ERRAND
) -> Identified | None:
    line = ports.configuration.lines["tickets"]
    return identify(order, line, state_of(errand), code, ports)


def test_the_way_there_leads_back_to_the_order_s_own_page_and_records_nothing(
    order: Order, ports: FakePorts
) -> None:
    address = led(ports, order)
    token = order.id + order.secret
    assert f"back=https://pay.example.com/cashier/{token}/identified&" in address
    assert errand_of(address.rpartition("state=")[2]) == ERRAND
    assert "account=bogus-main~1&" in address
    assert ports.wire.calls == []


@pytest.mark.parametrize("product", ["hop", "page", "app"])
def test_a_product_that_does_not_ask_who_pays_leads_nowhere(
    product: str, order: Order, ports: FakePorts
) -> None:
    assert led(ports, order, product) == ""


def test_a_state_is_letters_and_digits_and_short() -> None:
    state = state_of(Errand(channel="c" * 9, product="p" * 5, account_id="a" * 41 + "~9999"))
    assert state.isalnum()
    assert state.isascii()
    assert len(state) <= 128
    assert errand_of(state).account_id == "a" * 41 + "~9999"


def test_the_code_brings_the_payer_and_the_account_that_knows_them_once(
    order: Order, ports: FakePorts
) -> None:
    ports.bogus.payers["one"] = "li-lei"
    assert came(ports, order) == Identified(errand=ERRAND, payer_id="li-lei")
    assert ports.bogus.accounts == ["bogus-main~1"]
    assert came(ports, order) is None
    assert ports.orders.history[-1] == order


def test_the_account_that_sent_the_payer_asks_even_where_another_one_is_drawn_now(
    order: Order, ports: FakePorts
) -> None:
    ports.configuration.live["bogus"] = ("bogus-main~2", "bogus-main~1")
    ports.bogus.payers["one"] = "li-lei"
    assert came(ports, order) is not None
    assert ports.bogus.accounts == ["bogus-main~1"]


@pytest.mark.parametrize("code", ["", "x" * 513, "a b", "a\nb", "代码", "a\x00"])
def test_a_code_that_can_not_be_one_is_not_asked_about(
    code: str, order: Order, ports: FakePorts
) -> None:
    assert came(ports, order, code) is None
    assert ports.wire.calls == []


@pytest.mark.parametrize(
    "answer",
    [
        PayerAnswer(outcome=Outcome.REFUSED, code="CODE_USED"),
        PayerAnswer(outcome=Outcome.UNKNOWN),
        PayerAnswer(outcome=Outcome.NOT_EXECUTED),
        PayerAnswer(outcome=Outcome.DONE, payer_id=""),
    ],
)
def test_who_is_not_told_is_nobody(
    answer: PayerAnswer, order: Order, ports: FakePorts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ports.bogus, "identify", lambda *_: answer)
    assert came(ports, order) is None


def test_a_channel_that_does_not_answer_is_nobody_too(order: Order, ports: FakePorts) -> None:
    ports.bogus.payers["one"] = "li-lei"
    ports.wire.faults[0] = Fault.EXECUTED_BUT_TIMED_OUT
    assert came(ports, order) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"channel": "rival", "product": "page", "account_id": "rival-main~1"},
        {"channel": "nobody"},
        {"channel": "line#tickets"},
        {"product": "page"},
        {"product": "hop"},
        {"product": "qr"},
        {"account_id": "rival-main~1"},
        {"account_id": "bogus-main~2"},
        {"account_id": "bogus-main~9"},
        {"account_id": "../bogus-main~1"},
        {"account_id": ""},
    ],
    ids=str,
)
def test_a_forged_state_names_nothing_that_is_not_offered_and_live(
    changes: dict[str, str], order: Order, ports: FakePorts
) -> None:
    """`bogus-main~2` is there, and retired: a state brings no account back to life."""
    ports.bogus.payers["one"] = "li-lei"
    with pytest.raises(Malformed):
        came(ports, order, errand=replace(ERRAND, **changes))
    assert ports.wire.calls == []
    assert ports.bogus.payers == {"one": "li-lei"}


def encoded(text: str) -> str:
    return base64.b32encode(text.encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "state",
    [
        *("", "x", "A" * 7, "A" * 9, "A" * 513, "MFRGG===", "mfrggzdf", "MFRGG ZDF", "MFRGG\nZD"),
        encoded("bogus inside"),
        encoded("bogus inside bogus-main~1 more"),
        encoded("bogus inside bogus-mаin~1"),
    ],
)
def test_a_state_that_is_none_of_ours_is_refused(state: str) -> None:
    with pytest.raises(Malformed) as refusal:
        errand_of(state)
    assert refusal.value.field == "state"


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"state": OrderState.CLOSED, "closing": True}, OrderNotPayable),
        ({"closing": True}, OrderNotPayable),
        ({"expires_at": START}, OrderNotPayable),
        ({"expires_at": START + 64}, ChannelWindowClosed),
    ],
)
def test_an_order_that_takes_no_payment_asks_nobody_and_keeps_the_code(
    change: dict[str, Any], error: type[Exception], order: Order, ports: FakePorts
) -> None:
    ports.bogus.payers["one"] = "li-lei"
    changed = replace(order, **change)
    with pytest.raises(error):
        came(ports, changed)
    with pytest.raises(error):
        led(ports, changed)
    assert ports.wire.calls == []


def test_a_channel_without_a_live_account_identifies_nobody(order: Order, ports: FakePorts) -> None:
    ports.configuration.live.clear()
    with pytest.raises(ChannelWindowClosed, match="no live account"):
        led(ports, order)
