"""Bills of the simulated Alipay: when they are there, how they are packed, and that they say what the books say."""

import io
import zipfile

import pytest

from tests.unit.sandbox.bench import REFUND, Bench
from tests.unit.sandbox.simulator_bench import NUMBER

BILL = "alipay.data.dataservice.bill.downloadurl.query"
TODAY = "2026-01-01"
UNTIL_READY = 21 * 3_600


def ask(bench: Bench, date: str = TODAY, kind: str = "trade") -> dict[str, str]:
    return bench.call(BILL, {"bill_type": kind, "bill_date": date})


def members(bench: Bench, address: str) -> dict[str, str]:
    """Unpack as a merchant does: names and texts are GBK, and nothing says so."""
    with zipfile.ZipFile(io.BytesIO(bench.get(address).content)) as archive:
        assert not [entry for entry in archive.infolist() if entry.flag_bits & 0x800]
        return {
            entry.filename.encode("cp437").decode("gbk"): archive.read(entry).decode("gbk")
            for entry in archive.infolist()
        }


def rows(text: str) -> list[dict[str, str]]:
    lines = [line.split(",") for line in text.split("\r\n") if line and line[0] != "#"]
    return [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]


def test_a_bill_is_made_at_nine_the_next_morning(bench: Bench) -> None:
    bench.pass_time(UNTIL_READY - 1)
    assert ask(bench)["sub_code"] == "ACQ.BILL_NOT_EXIST"
    bench.pass_time(1)
    assert ask(bench)["code"] == "10000"


def test_a_bill_lists_what_was_paid_and_given_back(bench: Bench) -> None:
    bench.pay(bench.open_page())
    bench.call(REFUND, {"out_trade_no": NUMBER, "refund_amount": "3.50", "out_request_no": "R1"})
    bench.open_page(out_trade_no="UNPAID1")
    bench.pass_time(UNTIL_READY)
    detail, summary = members(bench, ask(bench)["bill_download_url"]).items()
    assert detail[0] == "20880000000000010156_20260101_业务明细.csv"
    assert summary[0] == "20880000000000010156_20260101_业务明细(汇总).csv"
    paid, given = rows(detail[1])
    trade_no = bench.view()["trade_no"]
    assert (paid["支付宝交易号"], paid["商户订单号"]) == (f"{trade_no}\t", f"{NUMBER}\t")
    assert (paid["业务类型"], paid["订单金额（元）"], paid["服务费（元）"]) == (
        "交易",
        "128.00",
        "-0.77",
    )
    assert (given["业务类型"], given["订单金额（元）"], given["服务费（元）"]) == (
        "退款",
        "-3.50",
        "0.02",
    )
    assert given["退款批次号/请求号"] == "R1\t"
    (total,) = rows(summary[1])
    counts = (total["交易订单总笔数"], total["退款订单总笔数"])
    amounts = (total["订单金额（元）"], total["服务费（元）"], total["实收净额（元）"])
    assert (counts, amounts) == (("1", "1"), ("124.50", "-0.75", "123.75"))
    assert "#交易合计：1笔，商家实收共128.00元" in detail[1]


def test_a_day_without_trades_has_a_file_that_says_so(bench: Bench) -> None:
    answer = ask(bench, "2025-12-31")
    assert answer["bill_file_code"] == "EMPTY_DATA_WITH_BILL_FILE"
    detail, _ = members(bench, answer["bill_download_url"]).values()
    assert rows(detail) == []


def test_an_address_lives_for_thirty_seconds(bench: Bench) -> None:
    address = ask(bench, "2025-12-31")["bill_download_url"]
    bench.pass_time(30)
    assert bench.get(address).status_code == 200
    bench.pass_time(1)
    assert bench.get(address).status_code == 404
    assert bench.get("/bills/unknown").status_code == 404


def test_a_subject_that_gbk_can_not_hold_still_gives_a_bill(bench: Bench) -> None:
    bench.pay(bench.open_page(subject="票🎫"))
    bench.pass_time(UNTIL_READY)
    detail, _ = members(bench, ask(bench)["bill_download_url"]).values()
    assert rows(detail)[0]["商品名称"] == "票?"


@pytest.mark.parametrize(
    ("date", "kind", "code"),
    [
        ("2025-12-31", "signcustomer", "TYPE_NOT_SUPPORTED"),
        ("2025-12", "trade", "INVAILID_ARGUMENTS"),
        ("2025-13-01", "trade", "INVAILID_ARGUMENTS"),
        ("", "trade", "INVALID_PARAMETER"),
    ],
)
def test_other_bills_are_refused(bench: Bench, date: str, kind: str, code: str) -> None:
    assert ask(bench, date, kind)["sub_code"] == f"ACQ.{code}"


def test_a_bill_can_be_late(bench: Bench) -> None:
    bench.arm("bill_late", "*every*")
    assert ask(bench, "2025-12-31")["sub_code"] == "ACQ.BILL_NOT_EXIST"
    assert ask(bench, "2025-12-31")["code"] == "10000"
