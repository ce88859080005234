"""Refunds and undos, and what became of them."""

from dataclasses import replace

import pytest

from paycenter.ports.channel import Account, Outcome, RefundAnswer, RefundRequest, RefundStatus
from paycenter.ports.transport import HttpResponse, NoAnswer, NotSent
from paychannels.unionpay import codes, refund, refund_query
from paychannels.unionpay.refund import same_settlement_day
from tests.unit.channels.scripted import NOW, ScriptedTransport, StandingClock
from tests.unit.channels.unionpay.acquirer import (
    ACCOUNT,
    MONEY,
    PAYMENT,
    QUERY_ID,
    REFUND,
    SETTINGS,
    fields_of,
    refund_answer,
    verify_ours,
)

type Step = HttpResponse | NotSent | NoAnswer
UNDOING = replace(ACCOUNT, settings={**SETTINGS, "same_day_refund": "undo"})
WHOLE = replace(REFUND, amount=REFUND.total)
HOUR = 3600
OWN_ID = "262603010900000000002"


def _refund(
    step: Step, wanted: RefundRequest = REFUND, account: Account = ACCOUNT
) -> tuple[RefundAnswer, dict[str, str]]:
    transport = ScriptedTransport([step])
    result = refund.strategy(transport, StandingClock()).execute(account, wanted)
    return result, fields_of(transport.sent[0])


def _query(step: Step) -> RefundAnswer:
    transport = ScriptedTransport([step])
    return refund_query.strategy(transport, StandingClock()).execute(ACCOUNT, REFUND)


def test_a_refund_has_its_own_number_and_moment_and_names_the_payment() -> None:
    result, fields = _refund(refund_answer("04", queryId=OWN_ID))
    verify_ours(fields)
    assert {name: value for name, value in fields.items() if name != "signature"} == {
        "version": "5.1.0",
        "encoding": "UTF-8",
        "signMethod": "01",
        "certId": SETTINGS["cert_id"],
        "txnType": "04",
        "txnSubType": "00",
        "bizType": "000201",
        "channelType": "07",
        "accessType": "0",
        "merId": SETTINGS["mer_id"],
        "orderId": REFUND.refund_no,
        "txnTime": "20260301090000",
        "txnAmt": "350",
        "currencyCode": "156",
        "backUrl": REFUND.notify_url,
        "origQryId": QUERY_ID,
    }
    assert (result.outcome, result.status) == (Outcome.DONE, RefundStatus.PROCESSING)
    assert (result.channel_refund_no, result.code) == (OWN_ID, "00")


@pytest.mark.parametrize(
    ("product", "business", "device"),
    [("gateway", "000201", "07"), ("wap", "000201", "08"), ("qr", "000000", "08")],
)
def test_a_refund_goes_the_way_of_its_payment(product: str, business: str, device: str) -> None:
    _, fields = _refund(refund_answer("04"), replace(REFUND, product=product))
    assert (fields["bizType"], fields["channelType"]) == (business, device)


def test_a_repeat_is_the_same_refund() -> None:
    assert _refund(refund_answer("04"))[1] == _refund(refund_answer("04"))[1]


@pytest.mark.parametrize(
    ("step", "outcome"),
    [
        (NotSent(), Outcome.NOT_EXECUTED),
        (NoAnswer(), Outcome.UNKNOWN),
        (HttpResponse(status=502, headers={}, body=b"<html>"), Outcome.UNKNOWN),
        *(
            (refund_answer("04", respCode=code), Outcome.UNKNOWN)
            for code in ("01", "03", "04", "05", "12", "34", "60", "99", "ZZ", "-")
        ),
        *(
            (refund_answer("04", respCode=code), Outcome.NOT_EXECUTED)
            for code in ("02", "06", "37", "39")
        ),
        *((refund_answer("04", respCode=code), Outcome.REFUSED) for code in sorted(codes.REFUSED)),
        (refund_answer("04", certificate="member_cert", key="other_member"), Outcome.UNKNOWN),
        (refund_answer("04", respCode="36", orderId="OTHER"), Outcome.UNKNOWN),
        (refund_answer("04", respCode="36", txnTime="20260301090001"), Outcome.UNKNOWN),
        (refund_answer("31", respCode="36"), Outcome.UNKNOWN),
    ],
)
def test_only_documented_refusals_end_a_refund(step: Step, outcome: Outcome) -> None:
    result, _ = _refund(step)
    assert (result.outcome, result.status) == (outcome, None)


def test_imperfect_success_is_accepted_too() -> None:
    result, _ = _refund(refund_answer("04", respCode="A6"))
    assert (result.outcome, result.status) == (Outcome.DONE, RefundStatus.PROCESSING)


def test_a_whole_refund_on_its_own_day_is_undone_where_the_account_says_so() -> None:
    result, fields = _refund(refund_answer("31", queryId=OWN_ID), WHOLE, UNDOING)
    verify_ours(fields)
    assert (fields["txnType"], fields["txnAmt"], fields["origQryId"]) == ("31", "12800", QUERY_ID)
    assert "currencyCode" not in fields
    assert (result.outcome, result.status) == (Outcome.DONE, RefundStatus.PROCESSING)


@pytest.mark.parametrize(
    ("account", "wanted"),
    [
        (ACCOUNT, WHOLE),
        (UNDOING, REFUND),
        (UNDOING, replace(WHOLE, created_at=NOW + 24 * HOUR)),
        (UNDOING, replace(WHOLE, created_at=NOW + 15 * HOUR)),
    ],
    ids=["not wanted", "a part", "the next day", "after the cut"],
)
def test_everything_else_is_a_refund(account: Account, wanted: RefundRequest) -> None:
    _, fields = _refund(refund_answer("04"), wanted, account)
    assert fields["txnType"] == "04"


# 2026-03-01 00:00:00 in Beijing.
MIDNIGHT = NOW - 8 * HOUR


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        (0, 22.4, True),
        (-0.5, 22.4, True),
        (-0.6, 1, False),
        (8, 22.5, False),
        (8, 23.2, False),
        (22.6, 22.7, False),
        (22.7, 23.4, False),
        (23.6, 24.1, True),
        (0, 24, False),
        (0, 47, False),
    ],
)
def test_a_settlement_day_ends_about_eleven_in_the_evening(
    first: float,
    second: float,
    same: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    moments = (MIDNIGHT + int(first * HOUR), MIDNIGHT + int(second * HOUR))
    assert same_settlement_day(*moments) is same


def test_a_refund_is_asked_for_by_its_own_number_and_moment() -> None:
    transport = ScriptedTransport([refund_answer(respCode="34")])
    result = refund_query.strategy(transport, StandingClock()).execute(ACCOUNT, REFUND)
    [request] = transport.sent
    fields = fields_of(request)
    verify_ours(fields)
    assert request.url == f"{SETTINGS['gateway']}queryTrans.do"
    assert (fields["txnType"], fields["orderId"], fields["txnTime"]) == (
        "00",
        REFUND.refund_no,
        "20260301090000",
    )
    assert (result.outcome, result.status) == (Outcome.DONE, RefundStatus.NOT_FOUND)


@pytest.mark.parametrize("original", ["00", "A6"])
def test_a_finished_refund_says_how_much_and_when(original: str) -> None:
    money = {**MONEY, "queryId": OWN_ID, "txnAmt": "350", "traceTime": "0301090001"}
    result = _query(refund_answer(origRespCode=original, **money))
    assert (result.outcome, result.status) == (Outcome.DONE, RefundStatus.SUCCEEDED)
    assert (result.amount, result.channel_refund_no) == (350, OWN_ID)
    assert result.refunded_at == REFUND.created_at + 1


@pytest.mark.parametrize(
    ("original", "status"),
    [
        *((code, RefundStatus.FAILED) for code in sorted(codes.FAILED)),
        *(
            (code, RefundStatus.PROCESSING)
            for code in ("03", "04", "05", "12", "34", "37", "42", "98", "99", "ZZ", "", "-")
        ),
    ],
)
def test_only_documented_failures_are_failures(original: str, status: RefundStatus) -> None:
    result = _query(refund_answer(origRespCode=original, origRespMsg="原因[3300033]"))
    assert (result.outcome, result.status, result.amount) == (Outcome.DONE, status, None)
    assert result.detail == "原因[3300033]"


@pytest.mark.parametrize("amount", ["-", "", "3.50", "-350", "三"])
def test_a_success_without_a_readable_amount_is_unknown(amount: str) -> None:
    result = _query(refund_answer(origRespCode="00", txnAmt=amount))
    assert (result.outcome, result.status, result.code) == (
        Outcome.UNKNOWN,
        None,
        "unreadable_amount",
    )


@pytest.mark.parametrize(
    ("step", "outcome"),
    [
        (NotSent(), Outcome.NOT_EXECUTED),
        (NoAnswer(), Outcome.UNKNOWN),
        (refund_answer(respCode="05"), Outcome.UNKNOWN),
        (refund_answer(respCode="37"), Outcome.NOT_EXECUTED),
        # The question was refused, not the refund.
        *((refund_answer(respCode=code), Outcome.UNKNOWN) for code in sorted(codes.REFUSED)),
        (refund_answer(orderId=PAYMENT.payment_no, origRespCode="00"), Outcome.UNKNOWN),
    ],
)
def test_a_query_without_an_answer_says_nothing_of_the_refund(step: Step, outcome: Outcome) -> None:
    result = _query(step)
    assert (result.outcome, result.status) == (outcome, None)
