"""Answers, trades and refunds of any simulated channel: the truth, and what each fault makes of it."""

import httpx
import pytest

from sandbox.simulator import replies
from sandbox.simulator.running import SimulatorControl, running_simulator
from tests.unit.sandbox.simulator_bench import NUMBER
from tests.unit.sandbox.toy_bench import ToyBench
from tests.unit.sandbox.toy_channel import LIFE_SECONDS, Toy

NOT_EXECUTED = [
    ("answer_500", 500, "系统繁忙"),
    ("answer_html", 200, "系统繁忙"),
    ("throttle", 200, "slow_down"),
]
EXECUTED = [
    ("error_after_effect", '{"code": "trouble"}', "own 1"),
    ("truncated_answer", '{"code"', "own 1"),
    ("unsigned_answer", '{"code": "ok"}', None),
    ("forged_answer", '{"code": "ok"}', "stranger"),
]


def test_without_a_fault_the_truth_is_answered_signed(toy: ToyBench) -> None:
    toy.create()
    answer = toy.call("query")
    assert answer.json() == {"code": "ok", "state": "waiting", "paid": 0}
    assert answer.headers["signed"] == "own 1"


@pytest.mark.parametrize(("fault", "status", "text"), NOT_EXECUTED)
def test_an_answer_that_executed_nothing(toy: ToyBench, fault: str, status: int, text: str) -> None:
    toy.create()
    toy.arm(fault, times=1)
    answer = toy.call("close")
    assert (answer.status_code, text in answer.text) == (status, True)
    assert toy.state() == "waiting"


@pytest.mark.parametrize(("fault", "text", "signed"), EXECUTED)
def test_an_answer_that_hides_what_was_executed(
    toy: ToyBench, fault: str, text: str, signed: str | None
) -> None:
    toy.create()
    toy.arm(fault)
    answer = toy.call("close")
    assert answer.text.startswith(text)
    assert len(answer.text) <= len('{"code": "trouble"}')
    assert answer.headers.get("signed") == signed
    assert toy.state() == "closed"


def test_throttling_lasts_for_three_calls_of_any_kind(toy: ToyBench) -> None:
    toy.create()
    toy.arm("throttle")
    methods = ["query", "close", "query", "query"]
    codes = [toy.call(method).json()["code"] for method in methods]
    assert codes == ["slow_down", "slow_down", "slow_down", "ok"]


def test_a_call_may_hang_until_its_client_gives_up(
    toy: ToyBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replies, "HANG_LIMIT_SECONDS", 0.2)
    toy.create()
    toy.arm("timeout_after_effect")
    assert toy.call("close").status_code == 504
    assert toy.state() == "closed"


def test_a_connection_can_be_cut_in_the_middle_of_an_answer() -> None:
    order = {"number": NUMBER, "amount": 1}
    with running_simulator(Toy()) as url, SimulatorControl(url) as control:
        with httpx.Client(base_url=url, trust_env=False) as client:
            control.arm("cut_after_effect")
            with pytest.raises(httpx.RemoteProtocolError):
                client.post("/toy/create", json=order)
            assert client.post("/toy/create", json=order).json()["code"] == "ok"
        assert [trade["state"] for trade in control.trades()] == ["waiting"]


def test_a_slow_answer_is_overtaken_by_its_callback(monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow(Toy):
        lacks = frozenset()

    toy = ToyBench(Slow())
    toy.create()
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        if seconds:
            await toy.world.agenda.run_due()

    monkeypatch.setattr("sandbox.simulator.replies.asyncio.sleep", sleep)
    toy.arm("close_says_paid", method="close")
    toy.call("close")
    toy.arm("slow_answer")
    assert toy.call("query").json()["paid"] == 500
    assert slept[-1] == 1.5
    assert [told["event"] for told in toy.told()] == ["paid"]
    toy.close()


def test_what_is_not_let_in_is_counted_and_executes_nothing(toy: ToyBench) -> None:
    for body in (b"{", b"[]", b'{"a":1,"a":2}', b"x" * 70_000):
        assert toy.post("/toy/create", content=body).status_code == 400
    assert toy.get("/sandbox/calls").json() == {
        "counts": {},
        "by_trade": {},
        "refused": {"malformed": 4},
    }


def test_queries_of_a_paid_trade_contradict_each_other(toy: ToyBench) -> None:
    page = toy.create()
    toy.arm("contradict_queries")
    assert toy.state() == "waiting", "before the payment there is nothing to contradict"
    toy.pay(page)
    assert [toy.state() for _ in range(4)] == ["paid", "waiting", "paid", "paid"]
    assert toy.view()["faults"] == []


def test_queries_can_stay_behind_the_books(toy: ToyBench) -> None:
    toy.pay(toy.create())
    toy.arm("stay_waiting")
    assert [toy.call("query").json()["paid"] for _ in range(3)] == [0, 0, 0]
    assert toy.call("refund", refund="R1", amount=1).json()["code"] == "ok"


def test_a_close_loses_against_a_payer(toy: ToyBench) -> None:
    toy.create()
    toy.arm("close_says_paid")
    assert toy.call("close").json() == {"code": "close_paid"}
    assert toy.state() == "paid"
    assert toy.call("close").json() == {"code": "close_paid"}


def test_money_may_come_after_close_and_after_the_deadline(toy: ToyBench) -> None:
    toy.create()
    toy.arm("pay_after_close", times=0)
    toy.call("close")
    toy.pass_time(5)
    assert toy.state() == "paid"
    toy.create("SECOND1")
    toy.arm("pay_after_close", "SECOND1")
    toy.pass_time(LIFE_SECONDS + 4)
    assert toy.state("SECOND1") == "closed"
    toy.pass_time(1)
    assert toy.state("SECOND1") == "paid"


def test_money_that_was_booked_meanwhile_does_not_come_a_second_time(toy: ToyBench) -> None:
    toy.create()
    toy.arm("pay_after_close")
    toy.call("close")
    toy.post(f"/sandbox/trades/{NUMBER}/pay")
    toy.pass_time(10)
    assert len(toy.told()) == 1


def test_a_number_stands_for_one_order(toy: ToyBench) -> None:
    page = toy.create()
    assert toy.create() == page
    assert toy.call("create", amount=501).json()["code"] == "open_other_order"
    assert toy.call("create", amount=500, subject="other").json()["code"] == "open_other_order"
    toy.pay(page)
    assert toy.call("create", amount=500).json()["code"] == "open_paid"


def refund(toy: ToyBench, amount: int, number: str = "R1") -> dict[str, object]:
    fields: dict[str, object] = toy.call(
        "refund", refund=number, amount=amount, notify_url="http://pay.example/refunds"
    ).json()
    return fields


def refund_word(toy: ToyBench, number: str = "R1") -> str:
    answer: dict[str, str] = toy.call("query_refund", refund=number).json()
    return answer.get("refund") or answer["code"]


def test_a_refund_settles_when_its_channel_says_and_is_told_where_it_said(toy: ToyBench) -> None:
    toy.pay(toy.create())
    assert refund(toy, 500) == {"code": "ok", "refund": "processing", "moved": False}
    toy.pass_time(5)
    assert refund_word(toy) == "settled"
    assert toy.view()["status"] == "BACK"
    told = toy.told()[-1]
    assert (told["event"], told["refund"], told["status"]) == ("refunded", "R1", "BACK")
    assert str(toy.received[-1].url) == "http://pay.example/refunds?from=toy"


def test_a_refund_settles_later_than_asked(toy: ToyBench) -> None:
    toy.pay(toy.create())
    toy.arm("refund_later")
    refund(toy, 500)
    toy.pass_time(59)
    assert refund_word(toy) == "processing"
    toy.pass_time(1)
    assert refund_word(toy) == "settled"


def test_a_refund_fails_later_and_gives_its_reservation_back(toy: ToyBench) -> None:
    toy.pay(toy.create())
    toy.arm("refund_fails")
    assert refund(toy, 400)["refund"] == "processing"
    assert refund(toy, 101, "R2")["code"] == "refund_too_much"
    toy.pass_time(60)
    assert refund_word(toy) == "failed"
    assert toy.told()[-1]["event"] == "refund_failed"
    assert refund(toy, 400) == {"code": "ok", "refund": "failed", "moved": False}
    assert refund(toy, 500, "R2")["code"] == "ok"
    toy.pass_time(5)
    assert (toy.view()["refunded_fen"], refund_word(toy, "R2")) == (500, "settled")


@pytest.mark.parametrize(
    ("amount", "code"), [(500, "ok"), (501, "refund_too_much"), (499, "refund_other_amount")]
)
def test_a_refund_number_stands_for_one_amount_within_what_is_left(
    toy: ToyBench, amount: int, code: str
) -> None:
    toy.pay(toy.create())
    if code == "refund_other_amount":
        refund(toy, 500)
    assert refund(toy, amount)["code"] == code


def test_an_unpaid_trade_gives_nothing_back_and_an_unknown_refund_is_none(toy: ToyBench) -> None:
    toy.create()
    assert refund(toy, 1)["code"] == "refund_unpaid"
    assert refund_word(toy) == "unknown"


def test_a_bill_can_be_made_of_what_moved(toy: ToyBench) -> None:
    toy.pay(toy.create())
    start = toy.clock.moment
    toy.pass_time(10)
    refund(toy, 200)
    toy.create("UNPAID1")
    toy.pass_time(100)
    moved = toy.world.ledger.movements(start, start + 100)
    assert [(one.at - start, one.refund.number if one.refund else "") for one in moved] == [
        (0, ""),
        (15, "R1"),
    ]
    assert toy.world.ledger.movements(start, start + 15) == moved[:1]


def test_a_close_may_claim_a_payment_that_nobody_made(toy: ToyBench) -> None:
    toy.create()
    toy.arm("close_claims_paid")
    assert toy.call("close").json() == {"code": "close_paid"}
    assert toy.state() == "waiting"
    assert toy.call("close").json() == {"code": "ok"}


def test_a_server_error_may_hide_an_effect(toy: ToyBench) -> None:
    toy.create()
    toy.arm("answer_500_after_effect")
    assert toy.call("close").status_code == 500
    assert toy.state() == "closed"


def test_a_query_may_answer_a_state_that_nobody_has_heard_of(toy: ToyBench) -> None:
    toy.pay(toy.create())
    toy.arm("odd_status", times=2)
    assert [toy.state() for _ in range(3)] == ["odd", "odd", "paid"]
