"""What became of a payment; and that UnionPay has no close."""

from dataclasses import replace

import pytest

from paycenter.domain.settlement import Receipt
from paycenter.ports.channel import ChannelStatus, CloseAnswer, Outcome, QueryAnswer
from paycenter.ports.transport import HttpResponse, NoAnswer, NotSent
from paychannels.unionpay import close, codes, query
from tests.unit.channels.scripted import NOW, ScriptedTransport, StandingClock
from tests.unit.channels.unionpay.acquirer import (
    ACCOUNT,
    MONEY,
    PAYMENT,
    QUERY_ID,
    SETTINGS,
    answer,
    fields_of,
    verify_ours,
)

type Step = HttpResponse | NotSent | NoAnswer
LATER = PAYMENT.deadline + 1


def _query(step: Step, *, now: int = NOW, product: str = "gateway") -> QueryAnswer:
    transport = ScriptedTransport([step])
    payment = replace(PAYMENT, product=product)
    return query.strategy(transport, StandingClock(now)).execute(ACCOUNT, payment)


@pytest.mark.parametrize(
    ("product", "business"),
    [("gateway", "000201"), ("wap", "000201"), ("app", "000201"), ("qr", "000000")],
)
def test_a_payment_is_asked_for_by_number_and_moment(product: str, business: str) -> None:
    transport = ScriptedTransport([answer(respCode="34")])
    query.strategy(transport, StandingClock(LATER)).execute(
        ACCOUNT, replace(PAYMENT, product=product)
    )
    [request] = transport.sent
    fields = fields_of(request)
    verify_ours(fields)
    assert request.url == f"{SETTINGS['gateway']}queryTrans.do"
    assert {name: value for name, value in fields.items() if name != "signature"} == {
        "version": "5.1.0",
        "encoding": "UTF-8",
        "signMethod": "01",
        "certId": SETTINGS["cert_id"],
        "txnType": "00",
        "txnSubType": "00",
        "bizType": business,
        "accessType": "0",
        "merId": SETTINGS["mer_id"],
        "orderId": PAYMENT.payment_no,
        "txnTime": "20260301080000",
    }


@pytest.mark.parametrize("original", ["00", "A6"])
@pytest.mark.parametrize("now", [NOW, LATER])
@pytest.mark.parametrize("product", ["gateway", "qr"])
def test_a_payment_brings_its_receipt_before_and_after_its_deadline(
    original: str, now: int, product: str
) -> None:
    result = _query(answer(origRespCode=original, **MONEY), now=now, product=product)
    assert (result.outcome, result.status) == (Outcome.DONE, ChannelStatus.PAID)
    assert result.receipt == Receipt(
        payment_no=PAYMENT.payment_no,
        amount=12800,
        currency="CNY",
        channel_transaction_no=QUERY_ID,
        paid_at=NOW + 65,
    )
    assert len(result.digest) == 64


@pytest.mark.parametrize("product", ["gateway", "wap", "app", "qr"])
@pytest.mark.parametrize(
    "original",
    ["01", "03", "04", "05", "12", "30", "34", "42", "60", "64", "77", "99", "ZZ", "", "-"],
)
def test_before_the_deadline_everything_else_is_pending(product: str, original: str) -> None:
    result = _query(answer(origRespCode=original), now=PAYMENT.deadline, product=product)
    assert (result.outcome, result.status, result.receipt) == (
        Outcome.DONE,
        ChannelStatus.PENDING,
        None,
    )


@pytest.mark.parametrize("original", sorted(codes.FAILED))
def test_after_the_deadline_a_documented_failure_is_final(original: str) -> None:
    result = _query(answer(origRespCode=original), now=LATER)
    assert (result.outcome, result.status) == (Outcome.DONE, ChannelStatus.CLOSED)


@pytest.mark.parametrize(
    "original",
    # 42: debited after the deadline, goes back by itself. ZZ: nobody knows what it means.
    ["03", "04", "05", "12", "34", "42", "98", "99", "ZZ", "", "-"],
)
def test_after_the_deadline_what_is_open_stays_open(original: str) -> None:
    result = _query(answer(origRespCode=original), now=LATER)
    assert (result.outcome, result.status) == (Outcome.DONE, ChannelStatus.PENDING)


@pytest.mark.parametrize(
    ("original", "status"),
    [
        ("01", ChannelStatus.PENDING),
        ("60", ChannelStatus.PENDING),
        ("61", ChannelStatus.CLOSED),
    ],
)
def test_a_code_is_patient_with_more_words(original: str, status: ChannelStatus) -> None:
    assert _query(answer(origRespCode=original), now=LATER, product="qr").status is status


@pytest.mark.parametrize("now", [NOW, LATER])
def test_what_nobody_has_opened_is_not_found(now: int) -> None:
    result = _query(answer(respCode="34", respMsg="查无此交易[3400034]"), now=now)
    assert (result.outcome, result.status, result.receipt) == (
        Outcome.DONE,
        ChannelStatus.NOT_FOUND,
        None,
    )


def test_another_amount_or_currency_is_reported_as_it_is() -> None:
    money = {**MONEY, "txnAmt": "1", "currencyCode": "840"}
    receipt = _query(answer(origRespCode="00", **money)).receipt
    assert receipt is not None
    assert (receipt.amount, receipt.currency) == (1, "840")


@pytest.mark.parametrize(
    "changes",
    [
        {"txnAmt": "-"},
        {"txnAmt": ""},
        {"txnAmt": "128.00"},
        {"txnAmt": "-1"},
        {"txnAmt": "１２８００"},
        {"txnAmt": "1" * 13},
        {"queryId": "-"},
        {"queryId": "a b"},
        {"queryId": "1" * 65},
    ],
)
def test_a_payment_that_cannot_be_read_is_unknown(changes: dict[str, str]) -> None:
    result = _query(answer(origRespCode="00", **{**MONEY, **changes}))
    assert (result.outcome, result.status, result.receipt) == (Outcome.UNKNOWN, None, None)
    assert result.code == "unreadable_receipt"


@pytest.mark.parametrize("moment", ["-", "", "yesterday", "1301000000", "0230000000"])
def test_money_is_booked_even_where_its_moment_is_missing(moment: str) -> None:
    receipt = _query(answer(origRespCode="00", **{**MONEY, "traceTime": moment})).receipt
    assert receipt is not None
    assert receipt.paid_at == NOW


def test_the_year_of_a_payment_is_the_closest_one() -> None:
    # Made at 23:59:30 on the last day of 2026 in Beijing, paid 31 seconds later.
    made_at = 1_798_732_770
    money = {**MONEY, "traceTime": "0101000001"}
    transport = ScriptedTransport([answer(txnTime="20261231235930", origRespCode="00", **money)])
    payment = replace(PAYMENT, created_at=made_at, deadline=made_at + 600)
    receipt = query.strategy(transport, StandingClock()).execute(ACCOUNT, payment).receipt
    assert receipt is not None
    assert receipt.paid_at == made_at + 31


@pytest.mark.parametrize(
    ("step", "outcome"),
    [
        (NotSent(), Outcome.NOT_EXECUTED),
        (NoAnswer(), Outcome.UNKNOWN),
        (HttpResponse(status=502, headers={}, body=b"<html>"), Outcome.UNKNOWN),
        (HttpResponse(status=200, headers={}, body=b"<html>"), Outcome.UNKNOWN),
        *((answer(respCode=code), Outcome.UNKNOWN) for code in ("03", "04", "05", "99", "ZZ", "-")),
        *((answer(respCode=code), Outcome.NOT_EXECUTED) for code in ("06", "37", "39")),
        *((answer(respCode=code), Outcome.REFUSED) for code in ("10", "11", "13", "31", "32")),
        (answer(certificate="member_cert", key="other_member", respCode="34"), Outcome.UNKNOWN),
    ],
)
@pytest.mark.parametrize("now", [NOW, LATER])
def test_a_query_without_an_answer_says_nothing_of_the_payment(
    step: Step, outcome: Outcome, now: int
) -> None:
    result = _query(step, now=now)
    assert (result.outcome, result.status, result.receipt) == (outcome, None, None)


def test_there_is_no_close_and_nobody_is_asked() -> None:
    transport = ScriptedTransport()
    result = close.strategy(transport, StandingClock()).execute(ACCOUNT, PAYMENT)
    assert result == CloseAnswer(outcome=Outcome.REFUSED, code="no_close")
    assert transport.sent == []
