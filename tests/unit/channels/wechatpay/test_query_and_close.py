"""What became of a payment, and closing it."""

from dataclasses import replace
from typing import Any

import pytest

from paycenter.domain.settlement import Receipt
from paycenter.ports.channel import ChannelStatus, CloseAnswer, Outcome, QueryAnswer
from paycenter.ports.transport import HttpResponse, NoAnswer, NotSent
from paychannels.wechatpay import close, query
from tests.unit.channels.scripted import NOW, ScriptedTransport, StandingClock
from tests.unit.channels.wechatpay.counterpart import (
    ACCOUNT,
    NATIVE,
    PAID,
    answer,
    authorized,
    failure,
    nothing,
)

type Step = HttpResponse | NotSent | NoAnswer
RECEIPT = Receipt(
    payment_no=NATIVE.payment_no,
    amount=12800,
    currency="CNY",
    channel_transaction_no="4200000000202603010000000077",
    paid_at=NOW + 300,
)


def _query(step: Step) -> QueryAnswer:
    return query.strategy(ScriptedTransport([step]), StandingClock()).execute(ACCOUNT, NATIVE)


def _close(step: Step) -> CloseAnswer:
    return close.strategy(ScriptedTransport([step]), StandingClock()).execute(ACCOUNT, NATIVE)


def _amount(**changes: object) -> dict[str, Any]:
    amount = {**PAID["amount"], **changes}
    return {**PAID, "amount": {name: value for name, value in amount.items() if value != "-"}}


def test_a_payment_is_asked_for_by_our_number() -> None:
    transport = ScriptedTransport([answer(PAID)])
    payment = replace(NATIVE, payment_no="A|B*C@01")
    query.strategy(transport, StandingClock()).execute(ACCOUNT, payment)
    request = transport.sent[0]
    # Encoded once, and signed as it is sent.
    assert request.url.endswith("/out-trade-no/A%7CB%2AC%4001?mchid=1900000077")
    assert (request.method, request.body) == ("GET", b"")
    authorized(request)


def test_a_close_names_the_merchant() -> None:
    transport = ScriptedTransport([nothing()])
    close.strategy(transport, StandingClock()).execute(ACCOUNT, NATIVE)
    request = transport.sent[0]
    assert request.url.endswith(f"/out-trade-no/{NATIVE.payment_no}/close")
    assert (request.method, request.body) == ("POST", b'{"mchid":"1900000077"}')
    authorized(request)


@pytest.mark.parametrize("state", ["SUCCESS", "REFUND"])
def test_a_paid_transaction_brings_its_receipt_whatever_a_coupon_paid(state: str) -> None:
    result = _query(answer({**PAID, "trade_state": state}))
    assert (result.outcome, result.status) == (Outcome.DONE, ChannelStatus.PAID)
    assert result.receipt == RECEIPT
    assert len(result.digest) == 64


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("NOTPAY", ChannelStatus.PENDING),
        ("USERPAYING", ChannelStatus.PENDING),
        ("ACCEPT", ChannelStatus.PENDING),
        ("CLOSED", ChannelStatus.CLOSED),
        ("REVOKED", ChannelStatus.CLOSED),
        ("PAYERROR", ChannelStatus.CLOSED),
        ("DREAMING", ChannelStatus.PENDING),
        ("success", ChannelStatus.PENDING),
        ("", ChannelStatus.PENDING),
        (None, ChannelStatus.PENDING),
        (["SUCCESS"], ChannelStatus.PENDING),
    ],
)
def test_only_the_words_for_paid_are_paid(word: object, status: ChannelStatus) -> None:
    result = _query(answer({**PAID, "trade_state": word}))
    assert (result.outcome, result.status, result.receipt) == (Outcome.DONE, status, None)


def test_another_amount_is_reported_as_it_is() -> None:
    result = _query(answer(_amount(total=1)))
    assert result.receipt is not None
    assert result.receipt.amount == 1


@pytest.mark.parametrize(
    "fields",
    [
        *[_amount(total=total) for total in ("12800", 12800.0, -1, True, None, "-", 1e3)],
        {**PAID, "amount": 12800},
        {name: value for name, value in PAID.items() if name != "amount"},
        *[{**PAID, "transaction_id": number} for number in ("", "a b", "x" * 65, 7, None)],
    ],
    ids=str,
)
def test_paid_without_a_readable_receipt_is_unknown(fields: dict[str, Any]) -> None:
    result = _query(answer(fields))
    assert (result.outcome, result.status, result.receipt) == (Outcome.UNKNOWN, None, None)
    assert result.code == "unreadable_receipt"


@pytest.mark.parametrize(("stated", "currency"), [("-", "CNY"), ("USD", "USD"), (7, "")])
def test_the_currency_is_the_stated_one(stated: object, currency: str) -> None:
    receipt = _query(answer(_amount(currency=stated))).receipt
    assert receipt is not None
    assert receipt.currency == currency


@pytest.mark.parametrize(
    "moment", ["", "yesterday", None, "2026-03-01 08:05:00", "2026-13-01T08:05:00Z"]
)
def test_money_is_booked_even_where_its_moment_is_missing(moment: object) -> None:
    receipt = _query(answer({**PAID, "success_time": moment})).receipt
    assert receipt is not None
    assert receipt.paid_at == NOW


@pytest.mark.parametrize("moment", ["2026-03-01T00:05:00Z", "2026-02-28T19:05:00.123-05:00"])
def test_a_moment_of_any_offset_is_read(moment: str) -> None:
    assert _query(answer({**PAID, "success_time": moment})).receipt == RECEIPT


@pytest.mark.parametrize(
    "change",
    [
        *[{"out_trade_no": number} for number in ("OTHER", NATIVE.payment_no.lower(), "", None)],
        {"mchid": "1900009999"},
        {"appid": "wx0000000000009999"},
        {"mchid": 1900000077},
    ],
    ids=str,
)
def test_an_answer_about_another_transaction_is_unknown(change: dict[str, Any]) -> None:
    result = _query(answer({**PAID, **change}))
    assert (result.outcome, result.status) == (Outcome.UNKNOWN, None)
    assert result.code == "other_transaction"


@pytest.mark.parametrize("code", ["ORDER_NOT_EXIST", "RESOURCE_NOT_EXISTS"])
def test_a_transaction_that_is_not_there_is_not_found(code: str) -> None:
    result = _query(failure(code, 404))
    assert (result.outcome, result.status) == (Outcome.DONE, ChannelStatus.NOT_FOUND)


def test_nobody_but_wechat_says_that_it_is_not_there() -> None:
    result = _query(failure("ORDER_NOT_EXIST", 404, key="wechat.stranger"))
    assert (result.outcome, result.status) == (Outcome.UNKNOWN, None)


FAILURES: list[tuple[Step, Outcome]] = [
    (failure("SIGN_ERROR", 401), Outcome.REFUSED),
    (failure("NO_AUTH", 403), Outcome.REFUSED),
    (failure("FREQUENCY_LIMITED", 429), Outcome.NOT_EXECUTED),
    (failure("SYSTEM_ERROR", 500), Outcome.UNKNOWN),
    (failure("BANK_ERROR", 500), Outcome.UNKNOWN),
    (failure("WHATEVER", 400), Outcome.UNKNOWN),
    (NotSent(), Outcome.NOT_EXECUTED),
    (NoAnswer(), Outcome.UNKNOWN),
    (HttpResponse(status=200, headers={}, body=b"{}"), Outcome.UNKNOWN),
    (answer(PAID, key="wechat.stranger"), Outcome.UNKNOWN),
]


@pytest.mark.parametrize(("step", "outcome"), FAILURES)
def test_a_query_that_was_not_answered_says_nothing_of_the_payment(
    step: Step, outcome: Outcome
) -> None:
    result = _query(step)
    assert (result.outcome, result.status, result.receipt) == (outcome, None, None)
    assert result.code


def test_a_verified_empty_answer_closes() -> None:
    result = _close(nothing())
    assert result.outcome is Outcome.DONE
    assert len(result.digest) == 64


def test_what_is_closed_already_is_closed() -> None:
    assert _close(failure("ORDER_CLOSED")).outcome is Outcome.DONE
    assert _close(failure("ORDER_CLOSED", key="wechat.stranger")).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(
    ("step", "outcome"),
    [
        (failure("ORDER_PAID"), Outcome.UNKNOWN),
        (failure("TRADE_ERROR", 403), Outcome.UNKNOWN),
        (failure("INVALID_REQUEST", finer="268449538"), Outcome.UNKNOWN),
        (failure("INVALID_REQUEST", finer="268498689"), Outcome.UNKNOWN),
        (failure("INVALID_REQUEST"), Outcome.REFUSED),
        (failure("ORDER_NOT_EXIST", 404), Outcome.REFUSED),
        (nothing(key="wechat.stranger"), Outcome.UNKNOWN),
        (HttpResponse(status=204, headers={}, body=b""), Outcome.UNKNOWN),
        *[(step, outcome) for step, outcome in FAILURES if not isinstance(step, HttpResponse)],
    ],
)
def test_anything_else_proves_no_payment_unpaid(step: Step, outcome: Outcome) -> None:
    result = _close(step)
    assert result.outcome is outcome
    assert result.code
