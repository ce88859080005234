"""What became of a payment, and closing it."""

from typing import Any

import pytest

from paycenter.domain.settlement import Receipt
from paycenter.ports.channel import ChannelStatus, CloseAnswer, Outcome, QueryAnswer
from paycenter.ports.transport import HttpResponse, NoAnswer, NotSent
from paychannels.alipay import close, query
from tests.unit.channels.scripted import (
    ACCOUNT,
    NOW,
    PAYMENT,
    ScriptedTransport,
    StandingClock,
    answer,
    failure,
    parameters_of,
)

QUERY, CLOSE = "alipay.trade.query", "alipay.trade.close"
TRADE_NO = "2026030122001400000000000077"
PAID: dict[str, Any] = {
    "code": "10000",
    "out_trade_no": PAYMENT.payment_no,
    "trade_no": TRADE_NO,
    "trade_status": "TRADE_SUCCESS",
    "total_amount": "128.00",
    "send_pay_date": "2026-03-01 08:05:00",
}
type Step = HttpResponse | NotSent | NoAnswer


def _query(step: Step) -> QueryAnswer:
    return query.strategy(ScriptedTransport([step]), StandingClock()).execute(ACCOUNT, PAYMENT)


def _close(step: Step) -> CloseAnswer:
    return close.strategy(ScriptedTransport([step]), StandingClock()).execute(ACCOUNT, PAYMENT)


@pytest.mark.parametrize(
    ("ask", "method"), [(query.strategy, QUERY), (close.strategy, CLOSE)], ids=["query", "close"]
)
def test_a_payment_is_asked_for_by_our_number(ask: Any, method: str) -> None:  # noqa: ANN401 - two makers
    transport = ScriptedTransport([failure(method, "ACQ.TRADE_NOT_EXIST")])
    ask(transport, StandingClock()).execute(ACCOUNT, PAYMENT)
    params = parameters_of(transport.sent[0])
    assert params["method"] == method
    assert params["biz_content"] == f'{{"out_trade_no":"{PAYMENT.payment_no}"}}'
    assert not {"notify_url", "return_url"} & params.keys()


@pytest.mark.parametrize("status", ["TRADE_SUCCESS", "TRADE_FINISHED"])
def test_a_paid_trade_brings_its_receipt(status: str) -> None:
    result = _query(answer(QUERY, **{**PAID, "trade_status": status}))
    assert (result.outcome, result.status) == (Outcome.DONE, ChannelStatus.PAID)
    assert result.receipt == Receipt(
        payment_no=PAYMENT.payment_no,
        amount=12800,
        currency="CNY",
        channel_transaction_no=TRADE_NO,
        paid_at=NOW + 300,
    )
    assert len(result.digest) == 64


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("WAIT_BUYER_PAY", ChannelStatus.PENDING),
        ("TRADE_CLOSED", ChannelStatus.CLOSED),
        ("TRADE_DREAMING", ChannelStatus.PENDING),
        ("trade_success", ChannelStatus.PENDING),
        ("", ChannelStatus.PENDING),
        (None, ChannelStatus.PENDING),
        (["TRADE_SUCCESS"], ChannelStatus.PENDING),
    ],
)
def test_only_the_words_for_paid_are_paid(word: object, status: ChannelStatus) -> None:
    result = _query(answer(QUERY, **{**PAID, "trade_status": word}))
    assert (result.outcome, result.status, result.receipt) == (Outcome.DONE, status, None)


def test_another_amount_is_reported_as_it_is() -> None:
    result = _query(answer(QUERY, **{**PAID, "total_amount": "0.01"}))
    assert result.receipt is not None
    assert result.receipt.amount == 1


@pytest.mark.parametrize(
    "amount", ["", "-1.00", "+1.00", "1e2", "128.000", "１28.00", "1,280.00", 128, 128.0, None]
)
def test_an_unreadable_amount_is_unknown(amount: object) -> None:
    result = _query(answer(QUERY, **{**PAID, "total_amount": amount}))
    assert (result.outcome, result.status, result.receipt) == (Outcome.UNKNOWN, None, None)
    assert result.code == "unreadable_receipt"


@pytest.mark.parametrize("trade_no", ["", "a b", "x" * 65, 7])
def test_a_paid_trade_without_a_number_is_unknown(trade_no: object) -> None:
    assert _query(answer(QUERY, **{**PAID, "trade_no": trade_no})).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize("moment", ["", "yesterday", None])
def test_money_is_booked_even_where_its_moment_is_missing(moment: object) -> None:
    result = _query(answer(QUERY, **{**PAID, "send_pay_date": moment}))
    assert result.receipt is not None
    assert result.receipt.paid_at == NOW


@pytest.mark.parametrize("number", ["OTHER", PAYMENT.payment_no.lower(), "", None])
def test_an_answer_about_another_trade_is_unknown(number: object) -> None:
    for fields in (
        {**PAID, "out_trade_no": number},
        {"code": "40004", "sub_code": "ACQ.TRADE_NOT_EXIST"},
    ):
        result = _query(answer(QUERY, **{**fields, "out_trade_no": number}))
        assert (result.outcome, result.status, result.code) == (
            Outcome.UNKNOWN,
            None,
            "other_trade",
        )


def test_an_answer_about_no_trade_is_unknown() -> None:
    fields = {name: value for name, value in PAID.items() if name != "out_trade_no"}
    assert _query(answer(QUERY, **fields)).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize("sub_code", ["ACQ.TRADE_NOT_EXIST", "TRADE_NOT_EXIST"])
def test_a_trade_that_nobody_opened_is_not_found(sub_code: str) -> None:
    result = _query(failure(QUERY, sub_code))
    assert (result.outcome, result.status, result.receipt) == (
        Outcome.DONE,
        ChannelStatus.NOT_FOUND,
        None,
    )


_FAILURES = [
    (NotSent(), Outcome.NOT_EXECUTED),
    (NoAnswer(), Outcome.UNKNOWN),
    (HttpResponse(status=502, headers={}, body=b"<html>"), Outcome.UNKNOWN),
    (HttpResponse(status=200, headers={}, body=b"<html>"), Outcome.UNKNOWN),
]


@pytest.mark.parametrize(
    ("step", "outcome"),
    [
        *_FAILURES,
        (failure(QUERY, "ACQ.SYSTEM_ERROR"), Outcome.UNKNOWN),
        (failure(QUERY, "isp.unknow-error", "20000"), Outcome.UNKNOWN),
        (failure(QUERY, "isv.app-call-limited", "40005"), Outcome.NOT_EXECUTED),
        (failure(QUERY, "ACQ.INVALID_PARAMETER"), Outcome.REFUSED),
        (failure(QUERY, "isv.invalid-app-id", "40002"), Outcome.REFUSED),
        # The word alone is not enough: an outcome that is open stays open.
        (failure(QUERY, "ACQ.TRADE_NOT_EXIST", "20000"), Outcome.UNKNOWN),
        (answer(QUERY, key="alipay.stranger", **PAID), Outcome.UNKNOWN),
        (answer("alipay.trade.close", **PAID), Outcome.UNKNOWN),
    ],
)
def test_a_query_without_an_answer_says_nothing_of_the_payment(
    step: Step, outcome: Outcome
) -> None:
    result = _query(step)
    assert (result.outcome, result.status, result.receipt) == (outcome, None, None)


@pytest.mark.parametrize(
    ("step", "outcome"),
    [
        *_FAILURES,
        (
            answer(CLOSE, code="10000", out_trade_no=PAYMENT.payment_no, trade_no=TRADE_NO),
            Outcome.DONE,
        ),
        (answer(CLOSE, code="10000"), Outcome.DONE),
        (answer(CLOSE, code="10000", out_trade_no="OTHER"), Outcome.UNKNOWN),
        (answer(CLOSE, key="alipay.stranger", code="10000"), Outcome.UNKNOWN),
        (failure(CLOSE, "ACQ.TRADE_NOT_EXIST"), Outcome.REFUSED),
        (failure(CLOSE, "ACQ.TRADE_STATUS_ERROR"), Outcome.REFUSED),
        (failure(CLOSE, "ACQ.REASON_TRADE_STATUS_INVALID"), Outcome.REFUSED),
        (failure(CLOSE, "ACQ.REASON_ILLEGAL_STATUS"), Outcome.REFUSED),
        (failure(CLOSE, "ACQ.INVALID_PARAMETER"), Outcome.REFUSED),
        (failure(CLOSE, "ACQ.SYSTEM_ERROR"), Outcome.UNKNOWN),
        (failure(CLOSE, "isp.unknow-error", "20000"), Outcome.UNKNOWN),
        (failure(CLOSE, "isp.method-call-limited", "40005"), Outcome.NOT_EXECUTED),
    ],
)
def test_only_a_plain_success_is_a_close(step: Step, outcome: Outcome) -> None:
    assert _close(step).outcome is outcome
