"""Several accounts and versions of one channel: who is paid through, and what becomes of payments under way.

Holds I20 (each payment is bound to the version that it pins), C17, C18; A13.
"""

from dataclasses import replace

import pytest

from paycenter.domain.errors import ChannelWindowClosed
from paycenter.domain.health import Health
from paycenter.domain.states import OrderState
from paycenter.usecases.callback import take_callback
from paycenter.usecases.cashier import choices
from paycenter.usecases.expire import run_expiry
from tests.fakes.acting import expiry_of, now_stored, ordered, paying_order, started
from tests.fakes.channel import callback_of
from tests.fakes.clock import START
from tests.fakes.ports import FakePorts
from tests.fakes.samples import an_account
from tests.fakes.world import World

DOWN = Health(3, START + 300)
FIRST, SECOND, SPARE = "bogus-main~1", "bogus-main~2", "bogus-spare~1"


@pytest.fixture
def two(ports: FakePorts) -> FakePorts:
    """Return a world in which the bogus channel has two live accounts."""
    ports.configuration.accounts[SPARE] = an_account(SPARE)
    ports.configuration.live["bogus"] = (FIRST, SPARE)
    return ports


def channels_shown(ports: FakePorts) -> set[str]:
    order = ordered(ports, "shown")
    line = ports.configuration.lines["tickets"]
    return {choice.manifest.channel for choice in choices(order, line, "desktop", ports)}


def test_an_account_that_is_down_hands_new_payments_to_the_next_and_gets_them_back(
    two: FakePorts,
) -> None:
    assert paying_order(two).payment.account == FIRST
    two.configuration.health["bogus"] = {FIRST: DOWN}
    assert paying_order(two, number="A-2").payment.account == SPARE
    assert channels_shown(two) == {"bogus", "rival"}
    two.clock.forward(300)
    assert paying_order(two, number="A-3").payment.account == FIRST


def test_a_channel_without_an_account_left_is_hidden_and_refused_and_comes_back_by_itself(
    two: FakePorts,
) -> None:
    two.configuration.health["bogus"] = {FIRST: DOWN, SPARE: DOWN}
    assert channels_shown(two) == {"rival"}
    order = ordered(two)
    with pytest.raises(ChannelWindowClosed, match="no live account; choose another one"):
        started(two, order)
    # Nothing was recorded and no timer set for what can't begin.
    assert now_stored(two, order) is order
    assert started(two, order, "rival").payment.channel == "rival"
    two.clock.forward(300)
    assert channels_shown(two) == {"bogus", "rival"}
    assert started(two, order).payment.account == FIRST


def test_a_payment_under_way_goes_on_while_its_account_is_down(two: FakePorts) -> None:
    first = paying_order(two, "qr")
    two.configuration.health["bogus"] = {FIRST: DOWN, SPARE: DOWN}
    again = started(two, first.order, product="qr")
    assert (again.payment.payment_no, again.payment.account) == (first.payment.payment_no, FIRST)
    assert again.action is not None
    two.bogus.payer_pays(first.payment.payment_no)
    account = two.configuration.accounts[FIRST]
    raw = callback_of(two.bogus.trades[first.payment.payment_no], account)
    assert take_callback("bogus", FIRST, raw, two).status == 200
    assert now_stored(two, first.order).state is OrderState.PAID


@pytest.mark.parametrize(
    "merchant", ["merchant-of-bogus", "another-merchant"], ids=["rotated key", "other merchant"]
)
def test_a_new_version_takes_new_payments_and_callbacks_of_both_verify(
    merchant: str, ports: FakePorts
) -> None:
    old = paying_order(ports)
    newer = ports.configuration.accounts[SECOND]
    ports.configuration.accounts[SECOND] = replace(
        newer, settings={**newer.settings, "merchant": merchant}
    )
    ports.configuration.live["bogus"] = (SECOND,)
    new = paying_order(ports, number="A-2")
    assert (old.payment.account, new.payment.account) == (FIRST, SECOND)
    for payment, account_id in ((new.payment, SECOND), (old.payment, FIRST)):
        trade = ports.bogus.payer_pays(payment.payment_no)
        raw = callback_of(trade, ports.configuration.accounts[account_id])
        other = SECOND if account_id == FIRST else FIRST
        # On the other version's address the signature does not hold: each key opens its own door alone.
        assert take_callback("bogus", other, raw, ports).status == 400
        assert take_callback("bogus", account_id, raw, ports).status == 200
    assert {order.state for order in ports.orders.stored.values()} == {OrderState.PAID}
    assert ports.exceptions.records == {}


@pytest.mark.parametrize("product", ["page", "qr"])
def test_ladder_and_close_ask_under_the_version_that_the_payment_pins(
    product: str, ports: FakePorts
) -> None:
    world = World(ports)
    paid = paying_order(ports, product)
    unpaid = paying_order(ports, product, number="A-2")
    ports.configuration.live["bogus"] = (SECOND,)
    ports.bogus.payer_pays(paid.payment.payment_no)
    world.run(unpaid.order.expires_at)
    run_expiry(expiry_of(unpaid.order), ports)
    assert set(ports.bogus.accounts) == {FIRST}
    assert now_stored(ports, paid.order).state is OrderState.PAID
    assert now_stored(ports, unpaid.order).state is OrderState.CLOSED


def test_a_retired_version_still_verifies_but_is_drawn_for_no_new_payment(
    ports: FakePorts,
) -> None:
    late = paying_order(ports)
    ports.configuration.live["bogus"] = (SECOND,)
    ports.clock.forward_to(late.order.expires_at)
    run_expiry(expiry_of(late.order), ports)
    ports.clock.forward(300 * 86400)
    trade = ports.bogus.payer_pays(late.payment.payment_no)
    raw = callback_of(trade, ports.configuration.accounts[FIRST])
    assert take_callback("bogus", FIRST, raw, ports).status == 200
    assert [e.kind for e in now_stored(ports, late.order).exceptions.values()] == ["LATE_PAYMENT"]
    assert paying_order(ports, number="A-2").payment.account == SECOND
