"""WeChat's bills: asked for, fetched, held against their digest, read row by row."""

import base64
import gzip
import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest

from paycenter.ports.bills import (
    BillAnswer,
    BillKind,
    BillRow,
    BillStatus,
    OddRow,
    RowKind,
    RowStatus,
)
from paycenter.ports.channel import Outcome
from paycenter.ports.transport import HttpResponse, NoAnswer, NotSent
from paychannels.wechatpay import bills, statements
from tests.unit.channels.scripted import NOW, VECTORS, ScriptedTransport, StandingClock
from tests.unit.channels.wechatpay.counterpart import ACCOUNT, answer, authorized, failure

type Step = HttpResponse | NotSent | NoAnswer
_CASES = json.loads((VECTORS / "wechat_bill.json").read_text(encoding="utf-8"))["cases"]
BILL: bytes = base64.b64decode(_CASES[0]["raw_base64"])
EMPTY: bytes = base64.b64decode(_CASES[2]["raw_base64"])
FILE_URL = "https://files.example/v3/billdownload/file?token=AbC_dEf-0&tartype=gzip"
DAY = "2026-03-01"


def _place(content: bytes = BILL, **changes: object) -> HttpResponse:
    digest = hashlib.sha1(content, usedforsecurity=False).hexdigest()
    fields = {"hash_type": "SHA1", "hash_value": digest, "download_url": FILE_URL, **changes}
    return answer(fields)


def _file(body: bytes, status: int = 200) -> HttpResponse:
    return HttpResponse(status=status, headers={}, body=body)


def _download(
    *script: Step, kind: BillKind = BillKind.TRADES
) -> tuple[BillAnswer, ScriptedTransport]:
    transport = ScriptedTransport([*script])
    return bills.strategy(transport, StandingClock()).download(ACCOUNT, DAY, kind), transport


@pytest.mark.parametrize(
    ("kind", "target"),
    [
        (BillKind.TRADES, "/v3/bill/tradebill?bill_date=2026-03-01&bill_type=ALL&tar_type=GZIP"),
        (
            BillKind.FUNDS,
            "/v3/bill/fundflowbill?bill_date=2026-03-01&account_type=BASIC&tar_type=GZIP",
        ),
    ],
)
@pytest.mark.parametrize("body", [gzip.compress(BILL), BILL], ids=["gzip", "plain"])
def test_a_bill_is_fetched_in_two_signed_steps(kind: BillKind, target: str, body: bytes) -> None:
    result, transport = _download(_place(), _file(body), kind=kind)
    assert result == BillAnswer(
        outcome=Outcome.DONE,
        status=BillStatus.READY,
        content=BILL,
        digest=hashlib.sha256(BILL).hexdigest(),
    )
    asked, fetched = transport.sent
    assert asked.url == f"https://wechat.example{target}"
    assert fetched.url == FILE_URL
    assert fetched.maximum_bytes > asked.maximum_bytes
    for request in (asked, fetched):
        assert (request.method, request.body) == ("GET", b"")
        authorized(request)


@pytest.mark.parametrize(
    ("code", "status"),
    [("NO_STATEMENT_EXIST", BillStatus.EMPTY), ("STATEMENT_CREATING", BillStatus.NOT_READY)],
)
def test_a_bill_that_is_not_there_says_why(code: str, status: BillStatus) -> None:
    result, _ = _download(failure(code))
    assert (result.outcome, result.status, result.content) == (Outcome.DONE, status, b"")
    forged, _ = _download(failure(code, key="wechat.stranger"))
    assert (forged.outcome, forged.status) == (Outcome.UNKNOWN, None)


@pytest.mark.parametrize(
    ("script", "outcome", "code"),
    [
        ([failure("PARAM_ERROR")], Outcome.REFUSED, "PARAM_ERROR"),
        ([failure("FREQUENCY_LIMITED", 429)], Outcome.NOT_EXECUTED, "FREQUENCY_LIMITED"),
        ([failure("SYSTEM_ERROR", 500)], Outcome.UNKNOWN, "SYSTEM_ERROR"),
        ([NotSent()], Outcome.NOT_EXECUTED, "not_sent"),
        ([NoAnswer()], Outcome.UNKNOWN, "no_answer"),
        ([_place(hash_type="MD5")], Outcome.UNKNOWN, "unreadable_answer"),
        ([_place(download_url="")], Outcome.UNKNOWN, "unreadable_answer"),
        ([_place(download_url="file:///etc/passwd")], Outcome.UNKNOWN, "unreadable_answer"),
        ([replace(_place(), headers={})], Outcome.UNKNOWN, "unverified"),
        ([_place(), NotSent()], Outcome.NOT_EXECUTED, "not_sent"),
        ([_place(), NoAnswer()], Outcome.UNKNOWN, "no_answer"),
        ([_place(), _file(b"", 403)], Outcome.UNKNOWN, "http_403"),
        ([_place(), _file(b"")], Outcome.UNKNOWN, "other_file"),
        ([_place(), _file(BILL + b" ")], Outcome.UNKNOWN, "other_file"),
        ([_place(), _file(b"<html>")], Outcome.UNKNOWN, "other_file"),
        ([_place(hash_value=7), _file(BILL)], Outcome.UNKNOWN, "other_file"),
        ([_place(), _file(gzip.compress(BILL)[:-9])], Outcome.UNKNOWN, "unreadable_file"),
        ([_place(), _file(b"\x1f\x8bnothing")], Outcome.UNKNOWN, "unreadable_file"),
    ],
)
def test_no_other_file_is_taken_for_the_bill(
    script: list[Step], outcome: Outcome, code: str
) -> None:
    result, _ = _download(*script)
    assert (result.outcome, result.status, result.code) == (outcome, None, code)
    assert result.content == b""


def test_the_digest_has_no_case() -> None:
    digest = hashlib.sha1(BILL, usedforsecurity=False).hexdigest().upper()
    assert bills.checked(BILL, digest).status is BillStatus.READY


def test_rows_are_read_by_the_names_of_their_columns() -> None:
    payment, refund, changed = statements.rows(BILL)
    assert payment == BillRow(
        kind=RowKind.PAYMENT,
        status=RowStatus.SUCCEEDED,
        payment_no="ABCDEFGHIJKLMNOPQRSTUVWXYZP01",
        refund_no="",
        channel_transaction_no="4200000000202603010000000077",
        channel_refund_no="",
        amount=12800,
        currency="CNY",
        fee_thousandths=77_000,
        at=NOW,
    )
    assert refund == BillRow(
        kind=RowKind.REFUND,
        status=RowStatus.SUCCEEDED,
        payment_no="ABCDEFGHIJKLMNOPQRSTUVWXYZP01",
        refund_no="ABCDEFGHIJKLMNOPQRSTUVWXYZR001",
        channel_transaction_no="4200000000202603010000000077",
        channel_refund_no="50000000002026030100000000077",
        amount=300,
        currency="CNY",
        fee_thousandths=-1_800,
        at=NOW + 3600,
    )
    # WeChat could not give it back and waits for somebody: neither done nor failed.
    assert isinstance(changed, BillRow)
    assert changed.status is RowStatus.PROCESSING


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("SUCCESS", RowStatus.SUCCEEDED),
        ("FAIL", RowStatus.FAILED),
        ("PROCESSING", RowStatus.PROCESSING),
        ("CHANGE", RowStatus.PROCESSING),
        ("DREAMING", RowStatus.PROCESSING),
        ("", RowStatus.PROCESSING),
    ],
)
def test_the_status_of_a_refund(word: str, status: RowStatus) -> None:
    content = BILL.replace(b"ORIGINAL,`SUCCESS", f"ORIGINAL,`{word}".encode())
    row = list(statements.rows(content))[1]
    assert isinstance(row, BillRow)
    assert row.status is status


def test_a_row_of_another_kind_is_kept_apart() -> None:
    row = next(statements.rows(BILL.replace(b"`SUCCESS,`OTHERS", b"`REVOKED,`OTHERS")))
    assert isinstance(row, BillRow)
    assert row.kind is RowKind.OTHER


def test_what_a_bill_says_of_itself() -> None:
    totals = statements.totals(BILL)
    assert (totals.paid, totals.refunded, totals.fee_thousandths) == (12800, 700, 72_800)
    # Its count is of both kinds together.
    assert (totals.payments, totals.refunds) == (None, None)
    assert totals.texts["总交易单数"] == "3"


def test_a_day_without_trades_has_no_rows() -> None:
    assert list(statements.rows(EMPTY)) == []
    assert statements.totals(EMPTY).paid == 0


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"<html>",
        "交易时间\n".encode(),
        b"\n".join(BILL.split(b"\r\n")[:-3]),
        BILL.replace("总交易单数,".encode(), b""),
        BILL.replace("交易时间".encode(), "时间".encode()),
    ],
)
def test_what_is_no_bill_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"bill|decode|backtick"):
        statements.rows(content)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("`门票, 成人", "`门票,`成人"),
        (",`0.77000,", ",`0.770001,"),
        (",`0.77000,", ",`+0.77,"),
        ("`2026-03-01 08:00:00", "`yesterday"),
        ("`CNY", "`USD"),
        ("`2026-03-01 08:00:00", "2026-03-01 08:00:00"),
        (",`128.00,`0.00,`\r", ",`1e2,`0.00,`\r"),
    ],
)
def test_a_line_that_can_not_be_read_is_kept_for_a_person(old: str, new: str) -> None:
    assert old.encode() in BILL
    rows = list(statements.rows(BILL.replace(old.encode(), new.encode(), 1)))
    assert isinstance(rows[0], OddRow)
    assert (rows[0].line, bool(rows[0].reason)) == (2, True)
    assert isinstance(rows[1], BillRow)


def test_a_bill_of_funds_is_cut_but_is_no_bill_of_trades() -> None:
    funds = "记账时间,资金流水单号\r\n`2026-03-01 08:00:00,`1\r\n资金流水总笔数,收入金额\r\n`1,`128.00\r\n"
    assert statements.read(funds.encode()).columns == ("记账时间", "资金流水单号")
    assert statements.totals(funds.encode()).texts["收入金额"] == "128.00"
    assert statements.totals(funds.encode()).paid is None
    with pytest.raises(ValueError, match="trades"):
        statements.rows(funds.encode())


def test_the_port_reads_what_it_downloads() -> None:
    taker: Any = bills.strategy(ScriptedTransport(), StandingClock())
    assert list(taker.rows(BILL)) == list(statements.rows(BILL))
    assert taker.totals(BILL) == statements.totals(BILL)
