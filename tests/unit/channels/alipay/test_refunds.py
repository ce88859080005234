"""Giving money back, and what became of it. Holds I03, I13, C14, C15: only what is known to be final ends a refund."""

import json
from dataclasses import replace
from typing import Any

import pytest

from paycenter.ports.channel import (
    CallbackFact,
    FactKind,
    Outcome,
    RefundAnswer,
    RefundFact,
    RefundStatus,
)
from paycenter.ports.transport import HttpResponse, NoAnswer, NotSent
from paychannels.alipay import callbacks, query_refund, refund
from tests.unit.channels.alipay.otherside import REFUND, SIDES, TRADE_NO
from tests.unit.channels.scripted import (
    ACCOUNT,
    NOW,
    ScriptedTransport,
    StandingClock,
    answer,
    failure,
    notice,
    parameters_of,
)

REFUNDING, ASKING = "alipay.trade.refund", "alipay.trade.fastpay.refund.query"
NUMBER: dict[str, Any] = {"out_trade_no": REFUND.payment_no}
TAKEN: dict[str, Any] = {"code": "10000", **NUMBER, "trade_no": TRADE_NO, "refund_fee": "99.00"}
RETURNED: dict[str, Any] = {
    "code": "10000",
    **NUMBER,
    "out_request_no": REFUND.refund_no,
    "refund_status": "REFUND_SUCCESS",
    "refund_amount": "3.50",
    "total_amount": "128.00",
    "gmt_refund_pay": "2026-03-01 08:20:00",
}
type Step = HttpResponse | NotSent | NoAnswer


def _refund(step: Step) -> RefundAnswer:
    return refund.strategy(ScriptedTransport([step]), StandingClock()).execute(ACCOUNT, REFUND)


def _ask(step: Step) -> RefundAnswer:
    transport = ScriptedTransport([step])
    return query_refund.strategy(transport, StandingClock()).execute(ACCOUNT, REFUND)


def test_money_that_moved_is_a_success_without_an_amount_of_its_own() -> None:
    said = _refund(
        answer(REFUNDING, **TAKEN, fund_change="Y", gmt_refund_pay="2026-03-01 08:20:00")
    )
    assert (said.outcome, said.status) == (Outcome.DONE, RefundStatus.SUCCEEDED)
    # `refund_fee` is the sum of all refunds of the trade.
    assert said.amount is None
    assert said.refunded_at == NOW + 1200
    assert len(said.digest) == 64


@pytest.mark.parametrize("moment", ["", "soon", None])
def test_money_that_moved_at_no_stated_moment_moved_by_now(moment: object) -> None:
    said = _refund(answer(REFUNDING, **TAKEN, fund_change="Y", gmt_refund_pay=moment))
    assert (said.status, said.refunded_at) == (RefundStatus.SUCCEEDED, NOW)


@pytest.mark.parametrize("change", ["N", "y", "YES", "", None, True])
def test_a_success_of_the_call_alone_is_not_one_of_the_refund(change: object) -> None:
    said = _refund(answer(REFUNDING, **TAKEN, fund_change=change))
    assert (said.outcome, said.status) == (Outcome.DONE, RefundStatus.PROCESSING)
    assert said.refunded_at == 0


def test_a_repeat_asks_for_the_same_refund() -> None:
    transport = ScriptedTransport([NoAnswer(), answer(REFUNDING, **TAKEN, fund_change="N")])
    for moment in (NOW, NOW + 3600):
        refund.strategy(transport, StandingClock(moment)).execute(ACCOUNT, REFUND)
    first, second = (parameters_of(request)["biz_content"] for request in transport.sent)
    assert first == second
    assert json.loads(first)["out_request_no"] == REFUND.refund_no


@pytest.mark.parametrize(
    ("reason", "sent"),
    [("退票 🎫", "退票 🎫"), ("a/b&c=d\r\n", "a b c d"), ("长" * 400, "长" * 127), ("", None)],
)
def test_any_reason_survives_the_wire(reason: str, sent: str | None) -> None:
    transport = ScriptedTransport([answer(REFUNDING, **TAKEN, fund_change="Y")])
    refund.strategy(transport, StandingClock()).execute(ACCOUNT, replace(REFUND, reason=reason))
    content = json.loads(parameters_of(transport.sent[0])["biz_content"])
    assert content.get("refund_reason") == sent


@pytest.mark.parametrize(
    ("amount", "text"), [(1, "0.01"), (10, "0.10"), (10_000_000_000, "100000000.00")]
)
def test_a_refund_has_two_decimals(amount: int, text: str) -> None:
    transport = ScriptedTransport([answer(REFUNDING, **TAKEN, fund_change="Y")])
    refund.strategy(transport, StandingClock()).execute(ACCOUNT, replace(REFUND, amount=amount))
    assert json.loads(parameters_of(transport.sent[0])["biz_content"])["refund_amount"] == text


NEVER = [
    "TRADE_NOT_EXIST",
    "TRADE_HAS_FINISHED",
    "TRADE_NOT_ALLOW_REFUND",
    "REFUND_FEE_ERROR",
    "REASON_TRADE_REFUND_FEE_ERR",
    "REFUND_AMT_NOT_EQUAL_TOTAL",
    "TRADE_STATUS_ERROR",
    "TRADE_HAS_CLOSE",
    "INVALID_PARAMETER",
    "DISCORDANT_REPEAT_REQUEST",
    "BUYER_NOT_EXIST",
    "BUYER_ERROR",
    "BUYER_ENABLE_STATUS_FORBID",
]
LATER = ["SELLER_BALANCE_NOT_ENOUGH", "REASON_TRADE_BEEN_FREEZEN"]
NOBODY_KNOWS = ["SYSTEM_ERROR", "UNKNOWN_ERROR", "SOMETHING_NEW", "TRADE_NOT_EXIST_MAYBE"]
OUTCOMES = [
    *((word, Outcome.REFUSED) for word in NEVER),
    *((word, Outcome.NOT_EXECUTED) for word in LATER),
    *((word, Outcome.UNKNOWN) for word in NOBODY_KNOWS),
]


@pytest.mark.parametrize("dialect", ["v2 key", "v3 key", "v3 certificate aes"])
@pytest.mark.parametrize(("word", "outcome"), OUTCOMES)
def test_a_refused_refund_has_one_outcome(dialect: str, word: str, outcome: Outcome) -> None:
    side = SIDES[dialect]
    transport = ScriptedTransport([side.refuses(REFUNDING, word)])
    said = refund.strategy(transport, StandingClock()).execute(side.account, REFUND)
    assert (said.outcome, said.status) == (outcome, None)
    assert said.code.endswith(word)


@pytest.mark.parametrize(
    ("step", "outcome"),
    [
        (NotSent(), Outcome.NOT_EXECUTED),
        (NoAnswer(), Outcome.UNKNOWN),
        (HttpResponse(status=502, headers={}, body=b"<html>"), Outcome.UNKNOWN),
        (failure(REFUNDING, "isp.unknow-error", "20000"), Outcome.UNKNOWN),
        (failure(REFUNDING, "isv.app-call-limited", "40005"), Outcome.NOT_EXECUTED),
        (failure(REFUNDING, "isv.invalid-signature", "40002"), Outcome.REFUSED),
        (failure(REFUNDING, "isv.insufficient-isv-permissions", "40006"), Outcome.REFUSED),
        # The word alone is not enough: an outcome that is open stays open.
        (failure(REFUNDING, "ACQ.TRADE_HAS_CLOSE", "20000"), Outcome.UNKNOWN),
        (answer(REFUNDING, key="alipay.stranger", **TAKEN, fund_change="Y"), Outcome.UNKNOWN),
        (answer(REFUNDING, **{**TAKEN, "out_trade_no": "X"}, fund_change="Y"), Outcome.UNKNOWN),
        (answer(REFUNDING, code="10000", fund_change="Y"), Outcome.UNKNOWN),
        (
            answer(REFUNDING, code="40004", sub_code="ACQ.TRADE_HAS_CLOSE", out_trade_no="X"),
            Outcome.UNKNOWN,
        ),
    ],
)
def test_a_refund_without_a_plain_answer_says_what_is_known(step: Step, outcome: Outcome) -> None:
    said = _refund(step)
    assert (said.outcome, said.status) == (outcome, None)


def test_a_refund_that_arrived_is_told_with_its_own_amount() -> None:
    said = _ask(answer(ASKING, **RETURNED))
    assert said == RefundAnswer(
        outcome=Outcome.DONE,
        status=RefundStatus.SUCCEEDED,
        amount=350,
        refunded_at=NOW + 1200,
        digest=said.digest,
        code="10000",
    )


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"refund_status": None}, RefundStatus.NOT_FOUND),
        ({"refund_status": ""}, RefundStatus.NOT_FOUND),
        ({"refund_status": "REFUND_PROCESSING"}, RefundStatus.PROCESSING),
        ({"refund_status": "REFUND_FAIL"}, RefundStatus.PROCESSING),
        ({"refund_status": "refund_success"}, RefundStatus.PROCESSING),
    ],
)
def test_only_the_word_for_success_is_one(changes: dict[str, Any], status: RefundStatus) -> None:
    said = _ask(answer(ASKING, **{**RETURNED, **changes}))
    assert (said.outcome, said.status, said.amount) == (Outcome.DONE, status, None)


def test_a_refund_that_alipay_does_not_know_is_to_be_repeated() -> None:
    unnamed: dict[str, Any] = {"code": "10000"}
    for fields in (unnamed, {**unnamed, **NUMBER}):
        said = _ask(answer(ASKING, **fields))
        assert (said.outcome, said.status) == (Outcome.DONE, RefundStatus.NOT_FOUND)


@pytest.mark.parametrize(
    "changes",
    [
        {"out_trade_no": "X"},
        {"out_request_no": "X"},
        {"out_request_no": REFUND.refund_no.lower()},
        {"out_request_no": None},
        {"out_trade_no": "X", "refund_status": ""},
    ],
)
def test_an_answer_about_another_refund_is_unknown(changes: dict[str, Any]) -> None:
    said = _ask(answer(ASKING, **{**RETURNED, **changes}))
    assert (said.outcome, said.status, said.code) == (Outcome.UNKNOWN, None, "other_refund")


@pytest.mark.parametrize("amount", ["", "-3.50", "3.5e0", "３.50", 3.5, None])
def test_an_unreadable_amount_is_unknown(amount: object) -> None:
    said = _ask(answer(ASKING, **{**RETURNED, "refund_amount": amount}))
    assert (said.outcome, said.status, said.code) == (
        Outcome.UNKNOWN,
        None,
        "unreadable_amount",
    )


def test_another_amount_is_reported_as_it_is() -> None:
    assert _ask(answer(ASKING, **{**RETURNED, "refund_amount": "0.01"})).amount == 1


def test_an_amount_that_is_not_stated_is_none() -> None:
    fields = {name: value for name, value in RETURNED.items() if name != "refund_amount"}
    said = _ask(answer(ASKING, **fields))
    assert (said.status, said.amount) == (RefundStatus.SUCCEEDED, None)


@pytest.mark.parametrize("word", ["TRADE_NOT_EXIST", "INVALID_PARAMETER", "SYSTEM_ERROR"])
def test_a_refused_query_never_ends_a_refund(word: str) -> None:
    said = _ask(failure(ASKING, f"ACQ.{word}"))
    assert (said.outcome, said.status) == (Outcome.UNKNOWN, None)
    assert said.code == f"ACQ.{word}"


@pytest.mark.parametrize("status", ["TRADE_SUCCESS", "TRADE_CLOSED"])
def test_a_notice_of_a_refund_is_a_hint(status: str) -> None:
    taker = callbacks.strategy(StandingClock())
    raw = notice(
        trade_status=status,
        refund_fee="99.00",
        gmt_refund="2026-03-01 08:20:00.123",
        out_biz_no=REFUND.refund_no,
    )
    fact = taker.translate(ACCOUNT, taker.verify(ACCOUNT, raw))
    assert fact == CallbackFact(
        kind=FactKind.REFUND,
        payment_no=REFUND.payment_no,
        receipt=fact.receipt,
        channel_transaction_no=TRADE_NO,
        refund=RefundFact(refund_no=REFUND.refund_no, refunded_at=NOW + 1200),
    )
    assert fact.refund is not None
    assert (fact.refund.status, fact.refund.amount) == (None, None)


def test_a_notice_of_a_refund_may_name_the_payment_alone() -> None:
    taker = callbacks.strategy(StandingClock())
    fact = taker.translate(ACCOUNT, taker.verify(ACCOUNT, notice(refund_fee="1.00")))
    assert fact.refund == RefundFact(refund_no="")
