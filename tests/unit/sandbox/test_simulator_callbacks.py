"""Callbacks of any simulated channel: when they come, how often, and what is wrong with them."""

import httpx
import pytest

from tests.unit.sandbox.simulator_bench import NOTIFY_URL, NUMBER
from tests.unit.sandbox.toy_bench import ToyBench


def paid(toy: ToyBench, fault: str = "") -> list[dict[str, object]]:
    """Pay, with a fault armed, and return what was told at once."""
    page = toy.create()
    if fault:
        toy.arm(fault)
    toy.pay(page)
    return toy.told()


def signatures(toy: ToyBench) -> list[str | None]:
    return [request.headers.get("signed") for request in toy.received]


def test_a_payment_is_told_once_signed_and_to_the_address_of_the_order(toy: ToyBench) -> None:
    (told,) = paid(toy)
    assert (told["event"], told["number"], told["amount"]) == ("paid", NUMBER, 500)
    assert signatures(toy) == ["own 1"]
    assert str(toy.received[0].url) == f"{NOTIFY_URL}?from=toy"
    toy.pass_time(10_000)
    assert len(toy.received) == 1


def test_repeats_follow_the_channels_schedule_and_then_stop(toy: ToyBench) -> None:
    toy.callback_answers = [httpx.Response(500), httpx.ConnectError("no route")] * 5
    paid(toy)
    toy.pass_time(10_000)
    attempts = toy.view()["callbacks"][0]["attempts"]
    assert [one["at"][14:19] for one in attempts] == ["00:00", "01:00", "03:00"]
    assert [one["outcome"] for one in attempts] == ["refused", "unreachable", "refused"]
    assert len({told["id"] for told in toy.told()}) == 1


def test_a_channel_keeps_quiet_about_events_it_does_not_tell(toy: ToyBench) -> None:
    toy.create()
    toy.call("close")
    assert (toy.told(), toy.view()["callbacks"]) == ([], [])


def test_lost_and_doubled_and_delayed(toy: ToyBench) -> None:
    assert paid(toy, "lose_callbacks") == []
    toy.arm("clear")
    toy.arm("double_callbacks")
    toy.pass_time(60)
    assert toy.told()[0] == toy.told()[1]
    assert toy.outcomes() == ["lost", "acknowledged", "acknowledged"]


def test_a_delayed_callback_comes_once_and_late(toy: ToyBench) -> None:
    assert paid(toy, "delay_callbacks") == []
    toy.pass_time(119)
    assert toy.told() == []
    toy.pass_time(1)
    assert len(toy.told()) == 1


def test_a_callback_can_come_after_the_one_that_follows_it(toy: ToyBench) -> None:
    assert paid(toy, "reorder_callbacks") == []
    toy.call("refund", refund="R1", amount=100, notify_url=NOTIFY_URL)
    toy.pass_time(5)
    assert [told["event"] for told in toy.told()] == ["refunded", "paid"]
    toy.pass_time(10_000)
    assert len(toy.received) == 2


def test_a_held_callback_that_nothing_follows_comes_ten_minutes_late(toy: ToyBench) -> None:
    assert paid(toy, "reorder_callbacks") == []
    toy.pass_time(599)
    assert toy.told() == []
    toy.pass_time(1)
    assert [told["event"] for told in toy.told()] == ["paid"]


@pytest.mark.parametrize(
    ("fault", "signed"), [("forge_callback", "stranger"), ("unsigned_callback", None)]
)
def test_a_callback_under_another_signature(toy: ToyBench, fault: str, signed: str | None) -> None:
    (told,) = paid(toy, fault)
    assert (told["status"], signatures(toy)) == ("PAID", [signed])


@pytest.mark.parametrize(
    ("fault", "field", "value"),
    [
        ("wrong_amount", "amount", 499),
        ("wrong_merchant", "merchant", "other"),
        ("odd_callback", "status", "ODD"),
        ("unknown_order", "number", "B" + NUMBER[1:]),
    ],
)
def test_a_wrong_callback_is_validly_signed(
    toy: ToyBench, fault: str, field: str, value: object
) -> None:
    (told,) = paid(toy, fault)
    assert told[field] == value
    assert signatures(toy) == ["own 1"]
    assert toy.view()["amount_fen"] == 500, "the books hold the truth"


def test_the_smallest_amount_can_be_wrong_too(toy: ToyBench) -> None:
    page = toy.create(amount=1)
    toy.arm("wrong_amount")
    toy.pay(page)
    assert toy.told()[0]["amount"] == 2


def test_a_channel_has_rows_of_its_own_and_lacks_others(toy: ToyBench) -> None:
    names = [row["fault"] for row in toy.get("/sandbox/faults").json()["faults"]]
    assert "shout" in names
    assert "slow_answer" not in names
    page = toy.create()
    toy.arm("shout")
    toy.pay(page)
    toy.pass_time(0)
    assert b'"EVENT": "PAID"' in toy.received[0].content


def test_a_forger_needs_no_payment_and_moves_nothing(toy: ToyBench) -> None:
    toy.create()
    toy.post(f"/sandbox/trades/{NUMBER}/callbacks", json={"fault": "forge_callback"})
    assert (toy.told()[0]["status"], toy.state()) == ("PAID", "waiting")
    toy.pass_time(1_000)
    assert len(toy.received) == 1


def test_what_is_told_is_what_was_true_at_the_event(toy: ToyBench) -> None:
    assert paid(toy, "delay_callbacks") == []
    toy.call("refund", refund="R1", amount=500)
    toy.pass_time(120)
    assert toy.view()["status"] == "BACK"
    assert toy.told()[0]["status"] == "PAID"


def test_callbacks_are_signed_with_the_key_of_their_time(toy: ToyBench) -> None:
    toy.callback_answers = [httpx.Response(500)]
    paid(toy)
    assert toy.post("/sandbox/keys/rotate").json() == {"key": "2"}
    toy.pass_time(60)
    assert signatures(toy) == ["own 1", "own 2"]
    assert toy.call("query").headers["signed"] == "own 2"
