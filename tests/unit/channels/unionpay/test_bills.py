"""UnionPay's settlement file: fetched, unpacked, and read in bytes."""

import base64
import io
import json
import zipfile
import zlib
from typing import Any

import pytest

from paycenter.ports.bills import (
    BillAnswer,
    BillKind,
    BillRow,
    BillStatus,
    BillTotals,
    OddRow,
    RowKind,
    RowStatus,
)
from paycenter.ports.channel import Outcome
from paycenter.ports.transport import HttpResponse, NoAnswer, NotSent
from paychannels.unionpay import bills, settlement
from tests.unit.channels.scripted import VECTORS, ScriptedTransport, StandingClock
from tests.unit.channels.unionpay.acquirer import (
    ACCOUNT,
    SETTINGS,
    fields_of,
    plain,
    told,
    verify_ours,
)

CASE: Any = json.loads((VECTORS / "unionpay_bill.json").read_text(encoding="utf-8"))["cases"][0]
PACKED: str = CASE["answer_fields"]["fileContent"]
CONTENT = zlib.decompress(base64.b64decode(PACKED))
MER_ID = SETTINGS["mer_id"]
TRADES = f"INN26010188ZM_{MER_ID}"
READER = bills.strategy(ScriptedTransport(), StandingClock())


def _file(**changes: str) -> HttpResponse:
    fields = {
        "txnSubType": "01",
        "bizType": "000000",
        "settleDate": "0101",
        "fileName": f"{MER_ID}_20260101.zip",
        "fileContent": PACKED,
        "orderId": "-",
        "txnTime": "-",
        **changes,
    }
    return plain(told("76", **fields))


def _download(
    *script: HttpResponse | NotSent | NoAnswer, kind: BillKind = BillKind.TRADES
) -> tuple[BillAnswer, ScriptedTransport]:
    transport = ScriptedTransport([*script])
    strategy = bills.strategy(transport, StandingClock())
    return strategy.download(ACCOUNT, "2026-01-01", kind), transport


def _zip(**members: bytes) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return whole.getvalue()


def _line(**changes: str) -> bytes:
    row = {**CASE["expect"]["rows"][0], **{name[1:]: value for name, value in changes.items()}}
    cells = [row.get(str(number), "") for number in range(1, len(settlement.TRADE_WIDTHS) + 1)]
    return b" ".join(
        cell.encode("gbk").ljust(width)
        for cell, width in zip(cells, settlement.TRADE_WIDTHS, strict=True)
    )


def test_a_file_is_asked_for_by_day_without_a_year() -> None:
    answer, transport = _download(_file())
    [request] = transport.sent
    fields = fields_of(request)
    verify_ours(fields)
    assert request.url == SETTINGS["file_gateway"]
    assert request.maximum_bytes > 1 << 20
    assert {name: value for name, value in fields.items() if name != "signature"} == {
        "version": "5.1.0",
        "encoding": "UTF-8",
        "signMethod": "01",
        "certId": SETTINGS["cert_id"],
        "txnType": "76",
        "txnSubType": "01",
        "bizType": "000000",
        "accessType": "0",
        "merId": MER_ID,
        "settleDate": "0101",
        "txnTime": "20260301080000",
        "fileType": "00",
    }
    assert (answer.outcome, answer.status, answer.content) == (
        Outcome.DONE,
        BillStatus.READY,
        CONTENT,
    )


@pytest.mark.parametrize(
    ("step", "outcome", "status", "code"),
    [
        (NotSent(), Outcome.NOT_EXECUTED, None, "not_sent"),
        (NoAnswer(), Outcome.UNKNOWN, None, "no_answer"),
        # Not ready, or no trade: UnionPay says the same of both.
        (_file(respCode="98", fileContent="-"), Outcome.DONE, BillStatus.NOT_READY, "98"),
        (_file(respCode="05"), Outcome.UNKNOWN, None, "05"),
        (_file(respCode="39"), Outcome.NOT_EXECUTED, None, "39"),
        (_file(respCode="31"), Outcome.REFUSED, None, "31"),
        (_file(settleDate="0102"), Outcome.UNKNOWN, None, "other_transaction"),
        (_file(fileName=f"{MER_ID}_20250101.zip"), Outcome.UNKNOWN, None, "other_file"),
        (_file(fileName="777290058110098_20260101.zip"), Outcome.UNKNOWN, None, "other_file"),
        (_file(fileName="-"), Outcome.UNKNOWN, None, "other_file"),
        (_file(fileContent="-"), Outcome.UNKNOWN, None, "unreadable_file"),
        (_file(fileContent="AAAA"), Outcome.UNKNOWN, None, "unreadable_file"),
        (_file(fileContent="not base64"), Outcome.UNKNOWN, None, "unreadable_file"),
        (_file(fileContent=PACKED[:-40]), Outcome.UNKNOWN, None, "unreadable_file"),
        (_file(certificate="member_cert", key="other_member"), Outcome.UNKNOWN, None, "unverified"),
    ],
)
def test_a_download_has_four_outcomes(
    step: HttpResponse | NotSent | NoAnswer,
    outcome: Outcome,
    status: BillStatus | None,
    code: str,
) -> None:
    answer, _ = _download(step)
    assert (answer.outcome, answer.status, answer.code) == (outcome, status, code)
    assert answer.content == b""


def test_there_is_no_statement_of_the_balance() -> None:
    answer, transport = _download(kind=BillKind.FUNDS)
    assert (answer.outcome, answer.code, transport.sent) == (Outcome.REFUSED, "no_such_bill", [])


def test_rows_are_payments_refunds_undos_and_what_a_person_must_see() -> None:
    rows = list(READER.rows(CONTENT))
    first = rows[0]
    assert first == BillRow(
        kind=RowKind.PAYMENT,
        status=RowStatus.SUCCEEDED,
        payment_no=CASE["expect"]["rows"][0]["12"],
        refund_no="",
        channel_transaction_no=CASE["expect"]["rows"][0]["10"],
        channel_refund_no="",
        amount=12800,
        currency="CNY",
        fee_thousandths=77_000,
        # The settlement day is the first of January; this was the evening before, in another year.
        at=1_767_193_500,
    )
    assert rows[2] == BillRow(
        kind=RowKind.REFUND,
        status=RowStatus.SUCCEEDED,
        payment_no="",
        refund_no=CASE["expect"]["rows"][2]["12"],
        channel_transaction_no=CASE["expect"]["rows"][2]["27"],
        channel_refund_no=CASE["expect"]["rows"][2]["10"],
        amount=350,
        currency="CNY",
        fee_thousandths=-2_000,
        at=1_767_250_800,
    )
    kinds = [row.kind if isinstance(row, BillRow) else row.reason for row in rows]
    assert kinds == [
        RowKind.PAYMENT,
        RowKind.PAYMENT,
        RowKind.REFUND,
        RowKind.REFUND,
        "error trade",
    ]


def test_widths_count_bytes_and_not_characters() -> None:
    [record] = settlement.records(_line(_31="纸上商店", _35="门票＆导览"), settlement.TRADE_WIDTHS)
    assert (record.fields[31], record.fields[35]) == ("纸上商店", "门票＆导览")


def test_another_kind_of_trade_is_neither_payment_nor_refund() -> None:
    [row] = READER.rows(_zip(**{TRADES: _line(_20="77")}))
    assert isinstance(row, BillRow)
    assert row.kind is RowKind.OTHER


@pytest.mark.parametrize(
    "line",
    [
        b"S22 short",
        _line() + b" ",
        _line()[:3] + b"x" + _line()[4:],
        _line(_7="00000000012a"),
        _line(_7="-00000012800"),
        _line(_16="X000000000077"),
        _line(_16="000000000077"),
        _line(_5="1301000000"),
        _line(_12=""),
        _line(_20=""),
        b"\xff" * 607,
    ],
)
def test_a_line_that_cannot_be_read_is_kept_and_the_others_are_read(line: bytes) -> None:
    first, odd, last = READER.rows(_zip(**{TRADES: b"\r\n".join((_line(), line, _line(), b""))}))
    assert isinstance(odd, OddRow)
    assert (odd.line, odd.reason[:10]) == (2, "unreadable")
    assert isinstance(first, BillRow)
    assert first == last


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04",
        b"<html>",
        CONTENT[:200],
        _zip(**{"readme.txt": b"x"}),
        _zip(**{f"INN26010188ZM_{number}": b"" for number in range(30)}),
    ],
)
def test_what_is_no_settlement_file_raises(content: bytes) -> None:
    with pytest.raises(ValueError, match="settlement file"):
        list(READER.rows(content))
    with pytest.raises(ValueError, match="settlement file"):
        READER.totals(content)


def test_a_file_that_swells_beyond_measure_is_not_unpacked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(settlement, "_MAXIMUM_BYTES", 10_000)
    with pytest.raises(ValueError, match="too large"):
        settlement.unpack(base64.b64encode(zlib.compress(b"\0" * 20_000)).decode())
    with pytest.raises(ValueError, match="too large"):
        settlement.members(_zip(**{TRADES: b"\0" * 20_000}))


def test_the_printed_summary_is_for_people() -> None:
    assert READER.totals(CONTENT) == BillTotals(
        texts={f"RD201026010101_{MER_ID}": "纸上商店汇总表\r\n"}
    )


@pytest.mark.parametrize(
    ("text", "fen"),
    [("C000000000350", 350), ("D000000000350", -350), ("000000000000", 0), (" 000000000000", 0)],
)
def test_figures_have_a_side(text: str, fen: int) -> None:
    assert settlement.signed_fen(text) == fen
