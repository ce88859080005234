"""The payer's pages: the password, the payment, the signed way back."""

from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.unit.sandbox.bench import PRECREATE, PRODUCTS, WAP, Bench, notice_verifies, order
from tests.unit.sandbox.simulator_bench import NUMBER


def test_the_page_shows_whom_what_and_how_much(bench: Bench) -> None:
    page = bench.get(bench.open_page().headers["location"]).text
    for text in (
        "沙箱商户",
        "云岭山成人票 adult",
        "128.00",
        NUMBER,
        "2026-01-01 12:30:00",
        "123456",
    ):
        assert text in page
    assert 'name="password"' in page


def test_the_page_escapes_what_a_merchant_sends(bench: Bench) -> None:
    opened = bench.open_page(subject="<b>&quot;</b>".replace("&", "").replace("/", ""))
    page = bench.get(opened.headers["location"]).text
    assert "<b>quot;" not in page
    assert "&lt;b&gt;quot;" in page


def test_pages_load_nothing_from_elsewhere(bench: Bench) -> None:
    for path in (bench.open_page().headers["location"], "/sandbox"):
        page = bench.get(path)
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert " src=" not in page.text
        assert "<link" not in page.text


@pytest.mark.parametrize("password", ["", "123457", "１２３４５６", "123456 "])
def test_a_wrong_password_pays_nothing_and_says_so(bench: Bench, password: str) -> None:
    page = bench.open_page()
    answer = bench.pay(page, password)
    assert answer.status_code == 403
    assert "Wrong password" in answer.text
    assert bench.status() == "WAIT_BUYER_PAY"
    assert bench.callbacks == []


def test_the_right_password_pays_and_leads_back_signed(bench: Bench) -> None:
    answer = bench.pay(bench.open_page())
    assert answer.status_code == 303
    address = urlsplit(answer.headers["location"])
    assert (address.netloc, address.path) == ("pay.example", "/return")
    fields = dict(parse_qsl(address.query))
    assert fields.pop("kept") == "1", "the merchant's own parameter was lost"
    assert notice_verifies(fields)
    assert fields["out_trade_no"] == NUMBER
    assert (fields["total_amount"], fields["sign_type"]) == ("128.00", "RSA2")
    assert "trade_status" not in fields, "a return proves nothing"


def test_a_second_submission_pays_no_second_time(bench: Bench) -> None:
    page = bench.open_page()
    bench.pay(page)
    assert "Paid" in bench.pay(page).text
    bench.pass_time(1)
    assert bench.view()["paid_fen"] == 12_800
    assert len(bench.callbacks) == 1


def test_a_code_is_paid_on_its_own_page_and_leads_nowhere(bench: Bench) -> None:
    qr_code = bench.call(PRECREATE, order(product_code=PRODUCTS[PRECREATE]))["qr_code"]
    answer = bench.pay(qr_code)
    assert answer.status_code == 303
    page = bench.get(answer.headers["location"])
    assert "支付成功" in page.text
    assert "Back to the merchant" not in page.text


def test_a_phone_payer_can_leave_without_paying(bench: Bench) -> None:
    opened = bench.open_page(WAP, quit_url="http://pay.example/left")
    assert 'href="http://pay.example/left"' in bench.get(opened.headers["location"]).text


@pytest.mark.parametrize("path", ["/pay/unknown", "/qr/unknown"])
def test_an_unknown_address_is_not_found(bench: Bench, path: str) -> None:
    assert bench.get(path).status_code == 404
