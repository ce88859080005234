"""Giving money back, and asking what became of that."""

import json
from dataclasses import replace
from typing import Any

import pytest

from paycenter.ports.channel import Outcome, RefundAnswer, RefundRequest, RefundStatus
from paycenter.ports.transport import HttpResponse, NoAnswer, NotSent
from paychannels.wechatpay import refund
from tests.unit.channels.scripted import NOW, ScriptedTransport, StandingClock
from tests.unit.channels.wechatpay.counterpart import (
    ACCOUNT,
    REFUND,
    REFUNDED,
    answer,
    authorized,
    failure,
)

type Step = HttpResponse | NotSent | NoAnswer
BOTH = pytest.mark.parametrize(
    "make", [refund.create_strategy, refund.query_strategy], ids=["refund", "query"]
)


def _ask(make: Any, step: Step, request: RefundRequest = REFUND) -> RefundAnswer:  # noqa: ANN401 - two makers
    result: RefundAnswer = make(ScriptedTransport([step]), StandingClock()).execute(
        ACCOUNT, request
    )
    return result


def _body(request: RefundRequest) -> bytes:
    transport = ScriptedTransport([answer(REFUNDED)])
    refund.create_strategy(transport, StandingClock()).execute(ACCOUNT, request)
    sent = transport.sent[0]
    authorized(sent)
    assert (sent.method, sent.url) == (
        "POST",
        "https://wechat.example/v3/refund/domestic/refunds",
    )
    return sent.body


def test_a_refund_is_described_whole() -> None:
    assert json.loads(_body(REFUND)) == {
        "out_trade_no": REFUND.payment_no,
        "out_refund_no": REFUND.refund_no,
        "reason": "Rain 下雨",
        "notify_url": REFUND.notify_url,
        "amount": {"refund": 300, "total": 12800, "currency": "CNY"},
    }


def test_a_repeat_has_the_same_members_whatever_was_learnt_between() -> None:
    assert _body(REFUND) == _body(replace(REFUND, channel_transaction_no=""))


@pytest.mark.parametrize(
    ("reason", "sent"),
    [("", None), ("\x00", None), ("雨" * 100, "雨" * 80), ("a\nb", "a b"), ("🌧", "🌧")],
)
def test_a_reason_is_short_or_left_out(reason: str, sent: str | None) -> None:
    assert json.loads(_body(replace(REFUND, reason=reason))).get("reason") == sent


def test_a_refund_is_asked_for_by_our_number() -> None:
    transport = ScriptedTransport([answer(REFUNDED)])
    request = replace(REFUND, refund_no="A|B*@")
    refund.query_strategy(transport, StandingClock()).execute(ACCOUNT, request)
    sent = transport.sent[0]
    assert (sent.method, sent.body) == ("GET", b"")
    assert sent.url.endswith("/v3/refund/domestic/refunds/A%7CB%2A%40")
    authorized(sent)


@BOTH
@pytest.mark.parametrize(
    ("word", "status", "stuck"),
    [
        ("SUCCESS", RefundStatus.SUCCEEDED, False),
        ("CLOSED", RefundStatus.FAILED, False),
        ("PROCESSING", RefundStatus.PROCESSING, False),
        ("ABNORMAL", RefundStatus.PROCESSING, True),
        ("DREAMING", RefundStatus.PROCESSING, False),
        ("success", RefundStatus.PROCESSING, False),
        (None, RefundStatus.PROCESSING, False),
    ],
)
def test_accepted_is_not_refunded(
    make: Any,  # noqa: ANN401 - two makers
    word: object,
    status: RefundStatus,
    stuck: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    result = _ask(make, answer({**REFUNDED, "status": word}))
    assert result == RefundAnswer(
        outcome=Outcome.DONE,
        status=status,
        amount=300,
        channel_refund_no="50000000002026030100000000077",
        refunded_at=NOW + 360,
        stuck=stuck,
        digest=result.digest,
    )
    assert len(result.digest) == 64


@BOTH
@pytest.mark.parametrize(
    "change",
    [
        {"out_refund_no": "OTHER"},
        {"out_refund_no": REFUND.refund_no.lower()},
        {"out_trade_no": "OTHER"},
        {"out_trade_no": None},
    ],
)
def test_an_answer_about_another_refund_is_unknown(make: Any, change: dict[str, Any]) -> None:  # noqa: ANN401 - two makers
    result = _ask(make, answer({**REFUNDED, **change}))
    assert (result.outcome, result.status, result.code) == (Outcome.UNKNOWN, None, "other_refund")


@BOTH
@pytest.mark.parametrize(
    "change",
    [
        {"amount": None},
        {"amount": {"refund": "300"}},
        {"amount": {"refund": 300.0}},
        {"refund_id": ""},
    ],
)
def test_an_unreadable_refund_is_unknown(make: Any, change: dict[str, Any]) -> None:  # noqa: ANN401 - two makers
    result = _ask(make, answer({**REFUNDED, **change}))
    assert (result.outcome, result.status) == (Outcome.UNKNOWN, None)
    assert result.code == "unreadable_refund"


@BOTH
def test_another_amount_is_reported_as_it_is(make: Any) -> None:  # noqa: ANN401 - two makers
    changed = {**REFUNDED, "amount": {**REFUNDED["amount"], "refund": 301}}
    assert _ask(make, answer(changed)).amount == 301


def test_a_refund_that_was_never_taken_is_not_found_by_its_query_alone() -> None:
    absent = failure("RESOURCE_NOT_EXISTS", 404)
    asked = _ask(refund.query_strategy, absent)
    assert (asked.outcome, asked.status) == (Outcome.DONE, RefundStatus.NOT_FOUND)
    # To the refund itself it says that there is no such payment.
    assert _ask(refund.create_strategy, absent).outcome is Outcome.REFUSED
    forged = failure("RESOURCE_NOT_EXISTS", 404, key="wechat.stranger")
    assert _ask(refund.query_strategy, forged).outcome is Outcome.UNKNOWN


@BOTH
@pytest.mark.parametrize(
    ("step", "outcome"),
    [
        # The merchant's balance is too small now: the same refund may work later.
        (failure("NOT_ENOUGH", 403), Outcome.NOT_EXECUTED),
        (failure("FREQUENCY_LIMITED", 429), Outcome.NOT_EXECUTED),
        (failure("SYSTEM_ERROR", 500), Outcome.UNKNOWN),
        (failure("USER_ACCOUNT_ABNORMAL", 403), Outcome.REFUSED),
        (failure("INVALID_REQUEST", 400), Outcome.REFUSED),
        (failure("PARAM_ERROR", 400), Outcome.REFUSED),
        (failure("SIGN_ERROR", 401), Outcome.REFUSED),
        (failure("WHATEVER", 400), Outcome.UNKNOWN),
        (NotSent(), Outcome.NOT_EXECUTED),
        (NoAnswer(), Outcome.UNKNOWN),
        (HttpResponse(status=503, headers={}, body=b"<html>"), Outcome.UNKNOWN),
        (answer(REFUNDED, key="wechat.stranger"), Outcome.UNKNOWN),
        (replace(answer(REFUNDED), body=b"{}"), Outcome.UNKNOWN),
    ],
)
def test_what_was_not_answered_says_how_sure_that_is(
    make: Any,  # noqa: ANN401 - two makers
    step: Step,
    outcome: Outcome,
) -> None:
    result = _ask(make, step)
    assert (result.outcome, result.status, result.amount) == (outcome, None, None)
    assert result.code
