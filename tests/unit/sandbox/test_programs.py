"""The sandbox's programs as they really run: sockets, threads, signals, clocks that run fast."""

import asyncio
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.alipay.running import running_alipay
from sandbox.business_clock import BusinessClock, beijing_text
from sandbox.serving import serving_in_thread
from sandbox.simulator.agenda import Agenda
from tests.unit.sandbox.bench import PAGE, QUERY, Bench, order
from tests.unit.sandbox.simulator_bench import NUMBER, FakeClock

WAIT_LIMIT_SECONDS = 10.0


@contextmanager
def merchant(answers: list[int]) -> Iterator[tuple[str, list[str]]]:
    """A merchant's notify address that records bodies."""
    received: list[str] = []

    async def notify(request: Request) -> Response:
        received.append((await request.body()).decode())
        status = answers.pop(0) if answers else 200
        return Response("success", status_code=status)

    with serving_in_thread(Starlette(routes=[Route("/n", notify, methods=["POST"])])) as url:
        yield f"{url}/n", received


def wait_for(count: int, received: list[str]) -> None:
    limit = time.monotonic() + WAIT_LIMIT_SECONDS
    while len(received) < count and time.monotonic() < limit:
        time.sleep(0.01)
    assert len(received) >= count


def test_a_payment_over_real_sockets_with_a_clock_a_thousand_times_faster(bench: Bench) -> None:
    clock = BusinessClock(rate=1_000, anchor=time.time() - 1)
    bench.clock.moment = clock.now()
    with merchant([500]) as (notify_url, received), running_alipay(clock) as alipay:
        bench.clock.moment = clock.now()
        content = order(time_expire="")
        params = bench.params(PAGE, content, notify_url=notify_url, return_url="http://shop/r")
        answer = alipay.pay(str(httpx.URL(alipay.gateway_url, params=params)))
        assert answer.status_code == 303
        # The repeat comes after four minutes of business time: a quarter of a second.
        wait_for(2, received)
        assert alipay.ledger()["paid_fen"] == 12_800
        assert [t["status"] for t in alipay.trades()] == ["TRADE_SUCCESS"]


def test_an_unpaid_trade_expires_by_itself_on_the_programs_own_clock(bench: Bench) -> None:
    clock = BusinessClock(rate=1_000, anchor=time.time())
    with merchant([]) as (notify_url, received), running_alipay(clock) as alipay:
        bench.clock.moment = clock.now()
        content = order(time_expire=beijing_text(clock.now() + 300))
        params = bench.params(PAGE, content, notify_url=notify_url)
        httpx.get(alipay.gateway_url, params=params, trust_env=False)
        wait_for(1, received)
        assert "TRADE_CLOSED" in received[0]


@pytest.mark.parametrize(
    ("fault", "status"),
    [("timeout_after_effect", "TRADE_CLOSED"), ("timeout_before", "WAIT_BUYER_PAY")],
)
def test_a_call_without_an_answer_is_executed_or_not(bench: Bench, fault: str, status: str) -> None:
    clock = BusinessClock()
    with running_alipay(clock) as alipay:
        bench.clock.moment = clock.now()
        params = bench.params(PAGE, order(time_expire=""))
        httpx.post(alipay.gateway_url, data=params, trust_env=False)
        alipay.arm(fault, NUMBER)
        close = bench.params("alipay.trade.close", {"out_trade_no": NUMBER})
        with pytest.raises(httpx.ReadTimeout):
            httpx.post(alipay.gateway_url, data=close, timeout=0.3, trust_env=False)
        query = bench.params(QUERY, {"out_trade_no": NUMBER})
        assert status in httpx.post(alipay.gateway_url, data=query, trust_env=False).text


def test_the_control_client_does_all_that_the_interface_offers(bench: Bench) -> None:
    clock = BusinessClock()
    with merchant([]) as (notify_url, received), running_alipay(clock) as alipay:
        bench.clock.moment = clock.now()
        params = bench.params(PAGE, order(time_expire=""), notify_url=notify_url)
        alipay.arm("lose_callbacks")
        httpx.post(alipay.gateway_url, data=params, trust_env=False)
        alipay.clear(NUMBER)
        alipay.send_odd(NUMBER, "wrong_amount")
        assert alipay.book(NUMBER)["status"] == "TRADE_SUCCESS"
        wait_for(2, received)
        assert "total_amount=127.99" in received[0]
        assert "total_amount=128.00" in received[1]
        assert alipay.trade(NUMBER)["paid_fen"] == 12_800
        assert alipay.calls()["counts"] == {PAGE: 1}


def start(module: str, *flags: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", module, *flags]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("module", ["sandbox.alipay", "sandbox.shop"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_program_says_its_address_and_stops_cleanly(module: str, number: int) -> None:
    with start(module, "--port", "0") as program:
        assert program.stdout is not None
        assert "http://127.0.0.1:" in program.stdout.readline()
        # The line comes when the address is bound; a signal may come at once and must still be obeyed.
        program.send_signal(number)
        _, errors = program.communicate(timeout=WAIT_LIMIT_SECONDS)
    assert (program.returncode, errors) == (0, "")


@pytest.mark.parametrize("module", ["sandbox.alipay", "sandbox.shop"])
def test_a_taken_port_is_one_clear_sentence(module: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = str(holder.getsockname()[1])
        with start(module, "--port", port) as program:
            _, errors = program.communicate(timeout=WAIT_LIMIT_SECONDS)
    assert program.returncode == 2
    assert errors.count("\n") == 1
    assert port in errors


@pytest.mark.parametrize(
    ("module", "flag"), [("sandbox.alipay", "--keys"), ("sandbox.shop", "--config")]
)
def test_a_missing_file_is_one_clear_sentence(module: str, flag: str) -> None:
    with start(module, "--port", "0", flag, "no-such-place") as program:
        _, errors = program.communicate(timeout=WAIT_LIMIT_SECONDS)
    assert program.returncode == 2
    assert "no-such-place" in errors
    assert errors.count("\n") == 1


def test_the_clock_runs_at_its_rate_from_its_anchor() -> None:
    anchor = time.time() - 10
    clock = BusinessClock(rate=60, anchor=anchor)
    assert clock.now() - anchor == pytest.approx(600, abs=30)
    assert clock.real_seconds(120) == 2
    assert BusinessClock(anchor=anchor).now() == pytest.approx(time.time(), abs=1)
    with pytest.raises(ValueError, match="above 0"):
        BusinessClock(rate=0)


def test_one_failing_action_stops_no_other(capsys: pytest.CaptureFixture[str]) -> None:
    async def fail() -> None:
        raise RuntimeError("a defect of the simulator")

    async def both() -> None:
        agenda, done = Agenda(FakeClock(100.0)), asyncio.Event()

        async def work() -> None:
            done.set()

        agenda.at(90, fail)
        agenda.at(95, work)
        running = asyncio.create_task(agenda.run_forever())
        await done.wait()
        running.cancel()

    asyncio.run(asyncio.wait_for(both(), WAIT_LIMIT_SECONDS))
    assert "a defect of the simulator" in capsys.readouterr().err
