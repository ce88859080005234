"""Daily bills: fetched at once, unpacked, read by the names of columns. Holds C21: odd lines are set aside, not lost."""

import hashlib
from dataclasses import replace

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
from paycenter.ports.channel import Account, Outcome
from paycenter.ports.transport import HttpRequest, HttpResponse, NoAnswer, NotSent
from paychannels.alipay import bills
from tests.unit.channels.alipay import packing
from tests.unit.channels.alipay.otherside import SIDES
from tests.unit.channels.alipay.packing import PAYMENT, REFUND, archive, bill, line
from tests.unit.channels.scripted import (
    ACCOUNT,
    NOW,
    ScriptedTransport,
    StandingClock,
    answer,
    failure,
)

METHOD = "alipay.data.dataservice.bill.downloadurl.query"
ADDRESS = "https://dwbillcenter.alipay.example/downloadBillFile.resource?bizType=trade&token=abc"
BILL = bill(line(PAYMENT), line(REFUND))
HTML = {"content-type": "text/html"}
type Step = HttpResponse | NotSent | NoAnswer


def _file(content: bytes, status: int = 200) -> HttpResponse:
    return HttpResponse(status=status, headers={}, body=content)


def _address(url: object = ADDRESS, code: str = "") -> HttpResponse:
    return answer(METHOD, code="10000", bill_download_url=url, bill_file_code=code)


def _download(
    *script: Step, account: Account = ACCOUNT, kind: BillKind = BillKind.TRADES
) -> tuple[BillAnswer, list[HttpRequest]]:
    transport = ScriptedTransport([*script])
    strategy = bills.strategy(transport, StandingClock())
    return strategy.download(account, "2026-03-01", kind), transport.sent


def _rows(content: bytes) -> list[BillRow | OddRow]:
    return list(bills.strategy(ScriptedTransport(), StandingClock()).rows(content))


def _totals(content: bytes) -> BillTotals:
    return bills.strategy(ScriptedTransport(), StandingClock()).totals(content)


@pytest.mark.parametrize("mode", SIDES)
def test_a_bill_is_asked_for_and_got_at_once_without_a_signature(mode: str) -> None:
    side = SIDES[mode]
    said, sent = _download(
        side.says(METHOD, {"bill_download_url": ADDRESS}), _file(BILL), account=side.account
    )
    assert said == BillAnswer(
        outcome=Outcome.DONE,
        status=BillStatus.READY,
        content=BILL,
        digest=hashlib.sha256(BILL).hexdigest(),
    )
    assert side.content(sent[0]) == {"bill_type": "trade", "bill_date": "2026-03-01"}
    assert (sent[1].method, sent[1].url, sent[1].body) == ("GET", ADDRESS, b"")
    assert not {"authorization", "cookie"} & sent[1].headers.keys()
    assert sent[1].maximum_bytes > 1 << 20


def test_the_statement_of_the_balance_has_a_type_of_its_own() -> None:
    ledger = archive({"账务明细.csv": b"#"})
    said, sent = _download(_address(), _file(ledger), kind=BillKind.FUNDS)
    assert (said.status, said.content) == (BillStatus.READY, ledger)
    assert SIDES["v2 key"].content(sent[0])["bill_type"] == "signcustomer"


def test_a_day_without_trades_is_empty() -> None:
    said, sent = _download(_address(code="EMPTY_DATA_WITH_BILL_FILE"))
    assert (said.outcome, said.status, said.content) == (Outcome.DONE, BillStatus.EMPTY, b"")
    assert len(sent) == 1


@pytest.mark.parametrize("word", ["NO_BILL_DATA", "BILL_NOT_EXIST"])
@pytest.mark.parametrize("mode", ["v2 key", "v3 certificate"])
def test_a_bill_that_is_not_there_yet_is_asked_for_later(word: str, mode: str) -> None:
    side = SIDES[mode]
    said, _ = _download(side.refuses(METHOD, word), account=side.account)
    assert (said.outcome, said.status) == (Outcome.DONE, BillStatus.NOT_READY)
    assert said.code.endswith(word)


@pytest.mark.parametrize(
    ("step", "outcome"),
    [
        (failure(METHOD, "INVAILID_ARGUMENTS"), Outcome.REFUSED),
        (failure(METHOD, "isv.BILL_DATE_BEFORE_REGISTRATION"), Outcome.REFUSED),
        (failure(METHOD, "TYPE_NOT_SUPPORTED"), Outcome.REFUSED),
        (failure(METHOD, "UNKNOWN_ERROR"), Outcome.UNKNOWN),
        (failure(METHOD, "BILL_NOT_EXIST", "20000"), Outcome.UNKNOWN),
        (failure(METHOD, "isv.app-call-limited", "40005"), Outcome.NOT_EXECUTED),
        (NotSent(), Outcome.NOT_EXECUTED),
        (NoAnswer(), Outcome.UNKNOWN),
        (answer(METHOD, key="alipay.stranger", code="10000"), Outcome.UNKNOWN),
    ],
)
def test_without_an_address_nothing_is_got(step: Step, outcome: Outcome) -> None:
    said, sent = _download(step)
    assert (said.outcome, said.status, said.content) == (outcome, None, b"")
    assert len(sent) == 1


@pytest.mark.parametrize(
    "url",
    [
        "",
        None,
        7,
        "file:///etc/passwd",
        "http://dwbillcenter.alipay.example/x",
        "https:///x",
        "https://user@host.example/x",
        "https://host.example/a b",
        "https://host.example/\r\nX: y",
        "https://[::1/",
        "https://主机.example/x",
        "//host.example/x",
        "gopher://host.example/x",
    ],
)
def test_a_strange_address_is_not_called(url: object) -> None:
    said, sent = _download(_address(url))
    assert (said.outcome, said.code) == (Outcome.UNKNOWN, "unreadable_address")
    assert len(sent) == 1


def test_plain_http_is_called_only_where_the_gateway_is_plain_too() -> None:
    plain = replace(
        ACCOUNT, settings={**ACCOUNT.settings, "gateway": "http://127.0.0.1:8082/gateway.do"}
    )
    said, sent = _download(_address("http://127.0.0.1:8082/bills/x"), _file(BILL), account=plain)
    assert said.status is BillStatus.READY
    assert sent[1].url == "http://127.0.0.1:8082/bills/x"


@pytest.mark.parametrize(
    ("step", "code"),
    [
        (_file(BILL, 404), "http_404"),
        (_file(b"", 302), "http_302"),
        (_file(b"<html>"), "unreadable_bill"),
        (_file(b""), "unreadable_bill"),
        (_file(BILL[:-30]), "unreadable_bill"),
        (_file(BILL[:60] + b"\x00" * 20 + BILL[80:]), "unreadable_bill"),
        (_file(archive({packing.NAMES[0]: b"#\r\n"})), "unreadable_bill"),
        (_file(archive({"a": b"", "b汇总": b""})), "unreadable_bill"),
        (_file(bill(columns=["a", "b"])), "unreadable_bill"),
        (_file(bill(columns=[*packing.COLUMNS, packing.COLUMNS[0]])), "unreadable_bill"),
        (_file(bill(summary="#\r\n")), "unreadable_bill"),
        (_file(bill(summary=packing.SUMMARY.replace("合计", "小计"))), "unreadable_bill"),
        (_file(bill(summary=packing.SUMMARY.replace(",1,1,", ",one,1,"))), "unreadable_bill"),
        (_file(archive({str(n): b"" for n in range(17)})), "unreadable_bill"),
        (_file(archive({"a": b"x"}, declared=1 << 30)), "unreadable_bill"),
        (NoAnswer(), "no_answer"),
        (NotSent(), "no_answer"),
    ],
)
def test_what_is_no_bill_is_unknown(step: Step, code: str) -> None:
    said, _ = _download(_address(), step)
    assert (said.outcome, said.status, said.content, said.code) == (
        Outcome.UNKNOWN,
        None,
        b"",
        code,
    )


def test_rows_are_read_in_our_words() -> None:
    assert _rows(BILL) == [
        BillRow(
            kind=RowKind.PAYMENT,
            status=RowStatus.SUCCEEDED,
            payment_no="ABCDEFGHIJKLMNOPQRSTUVWXYZP01",
            refund_no="",
            channel_transaction_no="2026030122001400000000000077",
            channel_refund_no="",
            amount=12800,
            currency="CNY",
            fee_thousandths=77_000,
            at=NOW + 60,
        ),
        BillRow(
            kind=RowKind.REFUND,
            status=RowStatus.SUCCEEDED,
            payment_no="ABCDEFGHIJKLMNOPQRSTUVWXYZP01",
            refund_no="ABCDEFGHIJKLMNOPQRSTUVWXYZR001",
            channel_transaction_no="2026030122001400000000000077",
            channel_refund_no="",
            amount=350,
            currency="CNY",
            fee_thousandths=-2_000,
            at=NOW + 3600,
        ),
    ]


def test_totals_are_those_of_the_summary() -> None:
    totals = _totals(BILL)
    assert (totals.payments, totals.refunds, totals.net) == (1, 1, 12450)
    assert (totals.paid, totals.refunded) == (None, None)
    assert totals.fee_thousandths == 75_000
    assert totals.texts["实收净额（元）"] == "123.75"


def test_columns_are_found_by_their_names() -> None:
    columns = [*reversed(packing.COLUMNS), "新列"]
    shuffled = bill(line(PAYMENT, columns), line(REFUND, columns), columns=columns)
    assert _rows(shuffled) == _rows(BILL)


def test_members_are_found_in_any_order_and_under_names_in_utf_8() -> None:
    texts = (packing.detail(line(PAYMENT)), packing.SUMMARY)
    members = dict(zip(packing.NAMES, (text.encode("gbk") for text in texts), strict=True))
    for packed in (
        archive(dict(reversed(members.items()))),
        archive(members, flags=0x800),
    ):
        assert len(_rows(packed)) == 1
        assert _totals(packed).net == 12450


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"商品名称": "门票, 两张"}, "26 columns in place of 25"),
        ({"订单金额（元）": "1,280.00"}, "26 columns in place of 25"),
        ({"订单金额（元）": ""}, "not an amount"),
        ({"订单金额（元）": "１28.00"}, "not an amount"),
        ({"订单金额（元）": "1e2"}, "not an amount"),
        ({"订单金额（元）": "1.2.3"}, "not an amount"),
        ({"服务费（元）": "free"}, "not an amount"),
        ({"完成时间": "yesterday"}, "not a moment"),
        ({"订单金额（元）": "-128.00"}, "the wrong sign"),
        ({"业务类型": "退款"}, "the wrong sign"),
    ],
)
def test_a_line_that_can_not_be_read_is_set_aside(changes: dict[str, str], reason: str) -> None:
    odd, good = _rows(bill(line({**PAYMENT, **changes}), line(PAYMENT)))
    assert isinstance(odd, OddRow)
    assert odd.line == 4
    assert odd.reason.startswith(reason)
    assert "2026030122001400000000000077" in odd.text
    assert isinstance(good, BillRow)


def test_another_kind_of_row_is_kept_as_such() -> None:
    [row] = _rows(bill(line({**PAYMENT, "业务类型": "分账", "订单金额（元）": "-1.00"})))
    assert isinstance(row, BillRow)
    assert (row.kind, row.amount) == (RowKind.OTHER, 100)


def test_bytes_outside_gbk_spoil_nothing_but_their_own_text() -> None:
    text = packing.detail(line(PAYMENT), line(PAYMENT)).encode("gbk")
    first = text.index("拿铁".encode("gbk"))
    broken = text[:first] + b"\xff\xff" + text[first + 2 :]
    packed = archive({packing.NAMES[0]: broken, packing.NAMES[1]: packing.SUMMARY.encode("gbk")})
    rows = _rows(packed)
    assert [type(row) for row in rows] == [BillRow, BillRow]


def test_a_long_line_is_shown_in_part() -> None:
    [odd] = _rows(bill("x" * 5000))
    assert isinstance(odd, OddRow)
    assert len(odd.text) == 1024


def test_what_is_no_bill_is_a_value_error() -> None:
    for content in (b"", b"PK", archive({"a": b"x"})):
        with pytest.raises(ValueError):  # noqa: PT011 - from the archive or from its members
            _rows(content)
        with pytest.raises(ValueError):  # noqa: PT011 - as above
            _totals(content)
