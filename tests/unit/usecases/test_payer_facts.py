"""What a payment was made with stays with it, so that a repeat tells the channel the same. Holds I13, C02; S-05."""

from dataclasses import replace

import pytest

from paycenter.adapters.items import from_item, to_item
from paycenter.domain import ids
from paycenter.domain.errors import Malformed
from paycenter.domain.order import Order
from paycenter.ports.channel import Payer
from paycenter.usecases.create_payment import KnownPayer, StartedPayment
from paycenter.usecases.money import payment_request
from tests.fakes.acting import now_stored, ordered, started
from tests.fakes.ports import FakePorts
from tests.fakes.samples import PUBLIC_URL, a_line, a_manifest, products_that_ask

LI_LEI = Payer(payer_id="li-lei", client_address="203.0.113.7", system="ios")
HAN_MEIMEI = Payer(payer_id="han-meimei", client_address="2001:db8::7", system="android")


@pytest.fixture
def order(ports: FakePorts) -> Order:
    products = products_that_ask()
    ports.bogus.manifest = a_manifest(products=products)
    ports.configuration.lines["tickets"] = a_line(
        cashier=tuple(("bogus", product) for product in products)
    )
    made = ordered(ports)
    ports.wire.forget()
    return made


def pay(
    ports: FakePorts, order: Order, product: str, payer: Payer, account_id: str = ""
) -> StartedPayment:
    by = KnownPayer(payer=payer, account_id=account_id)
    return started(ports, order, product=product, by=by)


@pytest.mark.parametrize(
    ("product", "kept"),
    [
        ("inside", Payer(payer_id="li-lei")),
        ("hop", Payer(client_address="203.0.113.7", system="ios")),
        ("page", Payer()),
    ],
)
def test_the_channel_learns_what_the_product_needs_of_the_payer_and_nothing_more(
    product: str, kept: Payer, order: Order, ports: FakePorts
) -> None:
    payment = pay(ports, order, product, LI_LEI).payment
    assert ports.bogus.evoked[payment.payment_no].payer == kept
    stored = from_item(to_item(now_stored(ports, order)))
    assert payment_request(stored, stored.payments[payment.payment_no], PUBLIC_URL).payer == kept


@pytest.mark.parametrize(
    ("product", "missing", "known"),
    [
        ("inside", "payer_id", replace(LI_LEI, payer_id="")),
        ("hop", "client_address", replace(LI_LEI, client_address="")),
    ],
)
def test_what_a_product_needs_and_nobody_said_is_named(
    product: str, missing: str, known: Payer, order: Order, ports: FakePorts
) -> None:
    with pytest.raises(Malformed, match=f"without {missing}; send it") as refusal:
        pay(ports, order, product, known)
    assert refusal.value.field == missing
    assert ports.wire.calls == []


def test_another_payer_is_another_payment_where_the_product_asks_who_pays(
    order: Order, ports: FakePorts
) -> None:
    first = pay(ports, order, "inside", LI_LEI)
    other = pay(ports, order, "inside", HAN_MEIMEI)
    again = pay(ports, order, "inside", LI_LEI)
    assert other.payment.payment_no == ids.payment_no(order.id, 2)
    assert again.payment == first.payment


def test_a_payer_whose_address_changed_on_the_way_repeats_with_the_first_one(
    order: Order, ports: FakePorts
) -> None:
    first = pay(ports, order, "hop", LI_LEI)
    again = pay(ports, order, "hop", HAN_MEIMEI)
    assert again.payment == first.payment
    assert ports.bogus.evoked[first.payment.payment_no].payer.client_address == "203.0.113.7"


def test_the_account_that_identified_the_payer_is_the_payment_s(
    order: Order, ports: FakePorts
) -> None:
    payment = pay(ports, order, "inside", LI_LEI, "bogus-main~2").payment
    assert payment.account == "bogus-main~2"
    assert ports.bogus.accounts == ["bogus-main~2"]


def test_a_product_that_the_manifest_does_not_know_is_not_offered(
    order: Order, ports: FakePorts
) -> None:
    ports.configuration.lines["tickets"] = a_line(cashier=(("bogus", "forgotten"),))
    with pytest.raises(Malformed, match="not offered"):
        started(ports, order, product="forgotten")
