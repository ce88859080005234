"""Calls tell the breakers of their container how they went. Holds C17, and I13: unknown is a failure of the call alone."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from paycenter.adapters.breakers import Breakers, WatchedChannels
from paycenter.domain.health import FAILURES_TO_OPEN
from paycenter.ports.channel import (
    CloseAnswer,
    CreateAnswer,
    Outcome,
    PaymentRequest,
    QueryAnswer,
    RefundAnswer,
    RefundRequest,
)
from paycenter.usecases.money import payment_request
from tests.fakes.channel import BogusChannel, Operation, ScriptedChannels
from tests.fakes.clock import FrozenClock
from tests.fakes.samples import PUBLIC_URL, a_manifest, a_payment, an_account, an_order

ACCOUNT = an_account()


def request_of(product: str) -> PaymentRequest:
    order = an_order()
    return payment_request(order, a_payment(order, product=product), PUBLIC_URL)


@pytest.fixture
def breakers() -> Breakers:
    return Breakers(FrozenClock())


@pytest.fixture
def bogus() -> BogusChannel:
    return BogusChannel(a_manifest(), FrozenClock())


@pytest.fixture
def channels(breakers: Breakers, bogus: BogusChannel) -> WatchedChannels:
    return WatchedChannels(ScriptedChannels({"bogus": bogus}), breakers)


def failures(breakers: Breakers) -> int:
    return breakers.known[ACCOUNT.id].failures if ACCOUNT.id in breakers.known else 0


@pytest.mark.parametrize("operation", ["create", "query", "close"])
@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_call_counts_and_only_a_verified_answer_is_a_success(
    operation: str,
    outcome: Outcome,
    breakers: Breakers,
    bogus: BogusChannel,
    channels: WatchedChannels,
) -> None:
    kind: Any = {"create": CreateAnswer, "query": QueryAnswer, "close": CloseAnswer}[operation]
    answers: list[Any] = getattr(bogus, f"{operation}_answers")
    answers += [kind(outcome=Outcome.UNKNOWN), kind(outcome=outcome, code="as it was")]
    strategy = getattr(channels, operation)("bogus")
    strategy.execute(ACCOUNT, request_of("qr"))
    assert failures(breakers) == 1
    # What the channel said is passed on untouched.
    assert strategy.execute(ACCOUNT, request_of("qr")).code == "as it was"
    assert failures(breakers) == (0 if outcome in {Outcome.DONE, Outcome.REFUSED} else 2)


def test_what_is_signed_here_says_nothing_of_the_channel(
    breakers: Breakers, channels: WatchedChannels
) -> None:
    breakers.note(ACCOUNT.id, Outcome.UNKNOWN)
    assert channels.create("bogus").execute(ACCOUNT, request_of("page")).outcome is Outcome.DONE
    assert failures(breakers) == 1


@pytest.mark.parametrize("operation", ["refund", "query_refund"])
def test_calls_about_refunds_count_too(
    operation: str, breakers: Breakers, channels: WatchedChannels, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = Operation[Any, Any](lambda *_: RefundAnswer(outcome=Outcome.UNKNOWN))

    class Refund:
        def execute(self, account: Any, refund: Any) -> RefundAnswer:  # noqa: ANN401 - passed on
            answer: RefundAnswer = lost.execute(account, refund)
            return answer

    monkeypatch.setattr(ScriptedChannels, operation, lambda *_: Refund())
    refund = RefundRequest(
        refund_no="R",
        payment_no="P",
        product="qr",
        amount=1,
        total=1,
        currency="CNY",
        reason="",
        created_at=0,
        payment_created_at=0,
        channel_transaction_no="",
        notify_url="",
    )
    getattr(channels, operation)("bogus").execute(ACCOUNT, refund)
    assert failures(breakers) == 1


def test_each_account_version_has_a_breaker_of_its_own(breakers: Breakers) -> None:
    for _ in range(FAILURES_TO_OPEN):
        breakers.note("bogus-main~1", Outcome.UNKNOWN)
    assert breakers.is_open("bogus-main~1")
    assert not breakers.is_open("bogus-main~2")


def test_jobs_of_a_batch_that_fail_at_once_are_all_counted(breakers: Breakers) -> None:
    with ThreadPoolExecutor(10) as pool:
        list(pool.map(lambda _: breakers.note(ACCOUNT.id, Outcome.UNKNOWN), range(200)))
    assert failures(breakers) == 200


def test_all_else_is_the_channels_own(channels: WatchedChannels, bogus: BogusChannel) -> None:
    assert channels.names() == ("bogus",)
    assert channels.known("bogus")
    assert not channels.known("nobody")
    assert channels.manifest("bogus") is bogus.manifest
    assert channels.material("bogus") is None
    assert channels.callbacks("bogus").acknowledge(accepted=True).body == b"yes"
    for operation in (channels.bills, channels.identification):
        with pytest.raises(KeyError):
            operation("bogus")
