"""What people see of any simulated channel: the payer's page and the fault panel; and how faults are armed."""

from importlib import import_module
from pathlib import Path

import pytest

from sandbox.payer import forms_of
from sandbox.ports import Ports
from sandbox.simulator.channel import Channel
from sandbox.simulator.description import Description, described, simulators
from sandbox.simulator.faults import GENERIC, Operation
from tests.unit.sandbox.simulator_bench import NUMBER, RETURN_URL
from tests.unit.sandbox.toy_bench import ToyBench

PANEL_FORM = {"accept": "text/html,*/*"}


def test_a_channel_shows_its_own_name_and_colour(toy: ToyBench) -> None:
    page = toy.get(toy.create()).text
    assert "玩具银行 Toy Bank" in page
    assert "#123456" in page


def test_a_bank_may_refuse_the_payer_once(toy: ToyBench) -> None:
    page = toy.create()
    toy.arm("payer_refused")
    answer = toy.pay(page)
    assert (answer.status_code, "bank refused" in answer.text) == (403, True)
    assert toy.world.ledger.trades[NUMBER].failed_attempts == 1
    assert toy.state() == "waiting"
    assert toy.pay(page).status_code == 303
    assert toy.state() == "paid"


def test_a_wrong_password_is_no_attempt_for_the_bank(toy: ToyBench) -> None:
    page = toy.create()
    toy.arm("payer_refused")
    assert "Wrong password" in toy.pay(page, "1").text
    assert "bank refused" in toy.pay(page).text


@pytest.mark.parametrize("again", [False, True])
def test_the_way_back_may_be_a_form_that_is_posted_across_sites(
    toy: ToyBench, *, again: bool
) -> None:
    address = toy.create(return_url=RETURN_URL)
    page = toy.pay(address)
    if again:
        page = toy.get(address)
    (form,) = forms_of(page.text)
    assert (page.status_code, form.method, form.action) == (200, "POST", RETURN_URL)
    assert form.fields == {"number": NUMBER, "at": f"{toy.clock.moment:.0f}"}


def test_who_has_no_way_back_stays_on_the_page(toy: ToyBench) -> None:
    answer = toy.pay(toy.create())
    assert answer.status_code == 303
    assert "支付成功" in toy.get(answer.headers["location"]).text


def test_an_address_of_a_channel_leads_to_the_page_or_says_why_not(toy: ToyBench) -> None:
    page = toy.create()
    assert page.endswith(toy.get(f"/show/{NUMBER}").headers["location"])
    refused = toy.get("/show/OTHER1")
    assert (refused.status_code, "The toy bank says unknown." in refused.text) == (400, True)


def test_a_fault_may_concern_every_payment(toy: ToyBench) -> None:
    toy.create()
    toy.arm("answer_500", "*every*", times=2)
    assert toy.get("/sandbox/faults").json()["every"] == [
        {"fault": "answer_500", "times": 2, "method": "any"}
    ]
    statuses = [toy.call("query").status_code, toy.call("query", "NEVER1").status_code]
    assert [*statuses, toy.call("query").status_code] == [500, 500, 200]


def test_a_payments_own_fault_comes_before_that_of_every_payment(toy: ToyBench) -> None:
    toy.create()
    toy.arm("answer_500", "*every*", times=0)
    toy.arm("forged_answer")
    assert [toy.call("query").status_code for _ in range(2)] == [200, 500]
    toy.arm("clear", "*every*")
    assert toy.call("query").status_code == 200


def test_a_person_can_do_everything_on_the_panel(toy: ToyBench) -> None:
    toy.pay(toy.create())
    toy.call("refund", refund="R1", amount=100)
    panel = toy.get("/sandbox").text
    assert "R1" in panel
    for target in ("*next*", "*every*", NUMBER):
        form = {"out_trade_no": target, "fault": "throttle"}
        assert toy.post("/sandbox/faults", data=form, headers=PANEL_FORM).status_code == 303
    assert toy.post("/sandbox/keys/rotate", data={}, headers=PANEL_FORM).status_code == 303
    panel = toy.get("/sandbox").text
    assert panel.count("<code>throttle</code> ×3") == 3
    assert toy.call("query", "OTHER1").headers["signed"] == "own 2"


def test_a_folders_description_is_all_that_others_need() -> None:
    alipay = next(about for about in simulators() if about.name == "alipay")
    assert (alipay.title, alipay.port, alipay.module) == (
        "Simulated Alipay",
        8082,
        "sandbox.alipay",
    )
    assert len({about.port for about in simulators()}) == len(simulators())
    assert Ports().url("alipay").endswith(":8082")
    assert Ports(alipay=1)["alipay"] == 1
    with pytest.raises(TypeError, match="no such programs: paypal"):
        Ports(paypal=1)


@pytest.mark.parametrize("about", simulators(), ids=lambda about: about.name)
def test_each_simulators_plug_fits(about: Description) -> None:
    module = import_module(f"{about.module}.channel")
    plugs = [one for one in vars(module).values() if isinstance(one, type)]
    (plug,) = [one for one in plugs if issubclass(one, Channel) and one is not Channel]
    assert plug.name == about.name
    assert plug.lacks <= {row.name for row in GENERIC}
    assert len(plug.rows()) == len(GENERIC) - len(plug.lacks) + len(plug.faults)
    assert all(row.zh and row.en for row in plug.rows().values())
    assert {Operation.CREATE, Operation.QUERY, Operation.REFUND} <= set(plug.operations.values())


def test_a_description_without_a_port_is_refused(tmp_path: Path) -> None:
    (tmp_path / "simulator.toml").write_text('title = "A bank"\n')
    with pytest.raises(KeyError, match="port"):
        described(tmp_path)
