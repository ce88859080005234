"""The life of a trade at the simulated Alipay: it comes into being with its payer and ends once."""

import pytest

from tests.unit.sandbox.bench import (
    CLOSE,
    PAGE,
    PRECREATE,
    PRODUCTS,
    QUERY,
    REFUND,
    REFUND_QUERY,
    WAP,
    Bench,
    order,
    verified_answer,
)
from tests.unit.sandbox.simulator_bench import NUMBER

ASK = {"out_trade_no": NUMBER}
CODE_ORDER = order(product_code=PRODUCTS[PRECREATE])


@pytest.mark.parametrize("method", [PAGE, WAP])
def test_a_browser_trade_exists_only_once_its_page_was_opened(bench: Bench, method: str) -> None:
    assert bench.status() == "ACQ.TRADE_NOT_EXIST"
    assert bench.call(CLOSE, ASK)["sub_code"] == "ACQ.TRADE_NOT_EXIST"
    assert bench.open_page(method).status_code == 302
    assert bench.status() == "WAIT_BUYER_PAY"


def test_a_paid_trade_answers_its_money(bench: Bench) -> None:
    bench.pay(bench.open_page())
    answer = bench.call(QUERY, ASK)
    assert answer["trade_status"] == "TRADE_SUCCESS"
    assert answer["total_amount"] == answer["receipt_amount"] == "128.00"
    assert answer["send_pay_date"] == "2026-01-01 12:00:00"
    assert (len(answer["trade_no"]), answer["trade_no"][:8]) == (28, "20260101")


def test_the_channels_own_number_wins_in_a_query(bench: Bench) -> None:
    bench.open_page()
    bench.open_page(out_trade_no="OTHER1")
    trade_no = bench.view("OTHER1")["trade_no"]
    answer = bench.call(QUERY, {"out_trade_no": NUMBER, "trade_no": trade_no})
    assert answer["out_trade_no"] == "OTHER1"
    assert bench.call(QUERY, {"trade_no": "1"})["sub_code"] == "ACQ.TRADE_NOT_EXIST"
    assert bench.call(QUERY, {})["sub_code"] == "ACQ.INVALID_PARAMETER"


def test_the_ledger_sums_what_was_paid_and_given_back(bench: Bench) -> None:
    for number in ("A1", "A2", "A3"):
        page = bench.open_page(out_trade_no=number)
        if number != "A3":
            bench.pay(page)
    bench.call(REFUND, {"out_trade_no": "A1", "refund_amount": "0.30", "out_request_no": "R1"})
    assert bench.get("/sandbox/ledger").json() == {
        "trades": 3,
        "paid_fen": 25_600,
        "refunded_fen": 30,
        "net_fen": 25_570,
        "by_status": {"TRADE_SUCCESS": 2, "WAIT_BUYER_PAY": 1},
    }


def test_the_same_order_opens_the_same_trade_again(bench: Bench) -> None:
    first, second = bench.open_page(), bench.open_page()
    assert first.headers["location"] == second.headers["location"]


@pytest.mark.parametrize("change", [{"total_amount": "0.01"}, {"subject": "another"}])
def test_another_order_under_the_same_number_is_inconsistent(
    bench: Bench, change: dict[str, str]
) -> None:
    bench.open_page()
    assert "ACQ.CONTEXT_INCONSISTENT" in bench.open_page(**change).text


def test_a_code_is_no_trade_until_it_is_opened(bench: Bench) -> None:
    answer = bench.call(PRECREATE, CODE_ORDER)
    assert answer["qr_code"].startswith("http://alipay.example/qr/")
    assert (bench.status(), bench.view()["status"]) == ("ACQ.TRADE_NOT_EXIST", "NOT_OPENED")
    assert "128.00" in bench.get(answer["qr_code"]).text
    assert bench.status() == "WAIT_BUYER_PAY"


def test_answers_are_sent_and_signed_with_escaped_slashes(bench: Bench) -> None:
    answer = bench.send(bench.params(PRECREATE, CODE_ORDER))
    assert '"qr_code":"http:\\/\\/alipay.example\\/qr\\/' in answer.text
    assert verified_answer(PRECREATE, answer.text)["qr_code"].startswith("http://")


def test_a_code_is_answered_again_for_the_same_order_alone(bench: Bench) -> None:
    first = bench.call(PRECREATE, CODE_ORDER)
    assert bench.call(PRECREATE, CODE_ORDER)["qr_code"] == first["qr_code"]
    other = bench.call(PRECREATE, CODE_ORDER | {"total_amount": "1.00"})
    assert other["sub_code"] == "ACQ.CONTEXT_INCONSISTENT"
    assert "ACQ.CONTEXT_INCONSISTENT" in bench.open_page(total_amount="1.00").text


def test_a_code_says_what_became_of_its_trade(bench: Bench) -> None:
    bench.pay(bench.call(PRECREATE, CODE_ORDER)["qr_code"])
    assert bench.status() == "TRADE_SUCCESS"
    assert bench.call(PRECREATE, CODE_ORDER)["sub_code"] == "ACQ.TRADE_HAS_SUCCESS"
    closed = CODE_ORDER | {"out_trade_no": "CLOSED1"}
    bench.get(bench.call(PRECREATE, closed)["qr_code"])
    bench.call(CLOSE, {"out_trade_no": "CLOSED1"})
    assert bench.call(PRECREATE, closed)["sub_code"] == "ACQ.TRADE_HAS_CLOSE"


def test_a_code_opened_after_its_deadline_makes_no_trade(bench: Bench) -> None:
    qr_code = bench.call(PRECREATE, CODE_ORDER)["qr_code"]
    bench.pass_time(1_800)
    assert "NOW_TIME_AFTER_EXPIRE_TIME_ERROR" in bench.get(qr_code).text
    assert bench.status() == "ACQ.TRADE_NOT_EXIST"


def test_only_an_unpaid_trade_can_be_closed(bench: Bench) -> None:
    page = bench.open_page()
    assert bench.call(CLOSE, ASK)["code"] == "10000"
    assert bench.status() == "TRADE_CLOSED"
    assert bench.call(CLOSE, ASK)["sub_code"] == "ACQ.REASON_TRADE_STATUS_INVALID"
    assert "ACQ.TRADE_HAS_CLOSE" in bench.open_page().text
    assert "Closed" in bench.pay(page).text
    assert bench.view()["paid_fen"] == 0


def test_a_paid_trade_can_not_be_closed(bench: Bench) -> None:
    bench.pay(bench.open_page())
    assert bench.call(CLOSE, ASK)["sub_code"] == "ACQ.TRADE_STATUS_ERROR"
    assert bench.status() == "TRADE_SUCCESS"


def test_an_unpaid_trade_closes_by_itself_at_its_deadline(bench: Bench) -> None:
    page = bench.open_page()
    bench.pass_time(1_799)
    assert bench.status() == "WAIT_BUYER_PAY"
    bench.pass_time(1)
    assert bench.view()["closed_at"] == "2026-01-01T04:30:00Z"
    assert bench.status() == "TRADE_CLOSED"
    assert "Closed" in bench.pay(page).text
    assert [fields["trade_status"] for fields in bench.callbacks] == ["TRADE_CLOSED"]


def test_a_reader_at_the_deadline_sees_the_trade_closed_before_the_agenda_does(
    bench: Bench,
) -> None:
    page = bench.open_page()
    bench.clock.moment += 1_800
    assert "Closed" in bench.pay(page).text
    bench.pass_time(60)
    assert len(bench.callbacks) == 1, "two lookers closed it twice"


def test_a_signed_address_opened_after_its_deadline_is_refused(bench: Bench) -> None:
    bench.clock.moment += 1_800
    assert "NOW_TIME_AFTER_EXPIRE_TIME_ERROR" in bench.open_page().text
    assert bench.status() == "ACQ.TRADE_NOT_EXIST"


def refund(bench: Bench, amount: str, number: str = "R1") -> dict[str, str]:
    content = ASK | {"refund_amount": amount, "out_request_no": number}
    return bench.call(REFUND, content)


def refund_status(bench: Bench, number: str = "R1") -> str | None:
    return bench.call(REFUND_QUERY, ASK | {"out_request_no": number}).get("refund_status")


def test_a_refund_happens_once_per_number_and_counts_up(bench: Bench) -> None:
    bench.pay(bench.open_page())
    assert refund_status(bench) is None
    first = refund(bench, "28.00")
    assert (first["fund_change"], first["refund_fee"]) == ("Y", "28.00")
    again = refund(bench, "28.00")
    assert (again["fund_change"], again["refund_fee"]) == ("N", "28.00")
    assert refund(bench, "28.01")["sub_code"] == "ACQ.DISCORDANT_REPEAT_REQUEST"
    assert refund(bench, "1.00", "R2")["refund_fee"] == "29.00"
    assert refund(bench, "99.01", "R3")["sub_code"] == "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL"
    assert (refund_status(bench), refund_status(bench, "R3")) == ("REFUND_SUCCESS", None)
    assert bench.status() == "TRADE_SUCCESS"


def test_a_full_refund_closes_the_trade(bench: Bench) -> None:
    bench.pay(bench.open_page())
    answer = bench.call(REFUND, ASK | {"refund_amount": "128.00"})
    assert answer["fund_change"] == "Y"
    assert bench.status() == "TRADE_CLOSED"
    assert bench.call(REFUND_QUERY, ASK)["out_request_no"] == NUMBER


@pytest.mark.parametrize("amount", ["0.00", "1", "", "-1.00"])
def test_a_refund_of_no_amount_is_refused(bench: Bench, amount: str) -> None:
    bench.pay(bench.open_page())
    assert refund(bench, amount)["sub_code"] == "ACQ.INVALID_PARAMETER"


def test_an_unpaid_or_unknown_trade_gives_nothing_back(bench: Bench) -> None:
    assert refund(bench, "1.00")["sub_code"] == "ACQ.TRADE_NOT_EXIST"
    bench.open_page()
    assert refund(bench, "1.00")["sub_code"] == "ACQ.TRADE_STATUS_ERROR"
