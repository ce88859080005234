"""The control interface: what it shows, and money booked by hand."""

from tests.unit.sandbox.bench import CLOSE, PRECREATE, PRODUCTS, QUERY, Bench, order
from tests.unit.sandbox.simulator_bench import NUMBER

PANEL_FORM = {"accept": "text/html,*/*"}


def test_a_trade_is_shown_with_its_callbacks_and_faults(bench: Bench) -> None:
    bench.arm("double_callbacks")
    bench.pay(bench.open_page())
    bench.pass_time(1)
    view = bench.view()
    assert view["status"] == "TRADE_SUCCESS"
    assert (view["amount_fen"], view["paid_fen"], view["refunded_fen"]) == (12_800, 12_800, 0)
    assert view["faults"] == [{"fault": "double_callbacks", "times": "always", "method": "any"}]
    (notice,) = view["callbacks"]
    assert (notice["event"], notice["acknowledged"], notice["next_at"]) == ("paid", True, None)
    assert notice["attempts"][0] == {
        "number": 1,
        "at": "2026-01-01T04:00:00Z",
        "outcome": "acknowledged",
        "http_status": 200,
        "answer": "success",
        "fault": "double_callbacks",
    }


def test_trades_come_newest_first_with_codes_among_them(bench: Bench) -> None:
    bench.open_page(out_trade_no="A1")
    bench.pass_time(1)
    bench.call(PRECREATE, order("A2", product_code=PRODUCTS[PRECREATE]))
    bench.pass_time(1)
    bench.open_page(out_trade_no="A3")
    trades = bench.get("/sandbox/trades").json()["trades"]
    assert [t["out_trade_no"] for t in trades] == ["A3", "A2", "A1"]
    assert [t["status"] for t in trades] == ["WAIT_BUYER_PAY", "NOT_OPENED", "WAIT_BUYER_PAY"]
    assert trades[1]["qr_path"].startswith("/qr/")


def test_calls_are_counted_by_method_and_by_trade(bench: Bench) -> None:
    bench.open_page()
    bench.status()
    bench.status()
    bench.status("OTHER1")
    calls = bench.get("/sandbox/calls").json()
    assert calls["counts"] == {"alipay.trade.page.pay": 1, QUERY: 3}
    assert calls["by_trade"][NUMBER] == {"alipay.trade.page.pay": 1, QUERY: 2}


def test_money_can_be_booked_although_the_trade_is_closed(bench: Bench) -> None:
    bench.open_page()
    bench.call(CLOSE, {"out_trade_no": NUMBER})
    answer = bench.post(f"/sandbox/trades/{NUMBER}/pay")
    assert (answer.status_code, answer.json()["status"]) == (200, "TRADE_SUCCESS")
    bench.pass_time(1)
    assert bench.callbacks[-1]["trade_status"] == "TRADE_SUCCESS"
    assert bench.status() == "TRADE_SUCCESS"
    assert bench.post(f"/sandbox/trades/{NUMBER}/pay").status_code == 409
    assert bench.get("/sandbox/ledger").json()["paid_fen"] == 12_800


def test_a_trade_that_nobody_opened_can_not_be_paid_or_shown(bench: Bench) -> None:
    assert bench.get("/sandbox/trades/UNKNOWN").status_code == 404
    assert bench.post("/sandbox/trades/UNKNOWN/pay").status_code == 404


def test_the_panels_forms_come_back_to_the_panel(bench: Bench) -> None:
    bench.open_page()
    form = {"out_trade_no": NUMBER, "fault": "lose_callbacks"}
    answer = bench.post("/sandbox/faults", data=form, headers=PANEL_FORM)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sandbox")
    answer = bench.post(f"/sandbox/trades/{NUMBER}/pay", data=form, headers=PANEL_FORM)
    assert answer.status_code == 303
    bench.pass_time(1)
    panel = bench.get("/sandbox").text
    for text in ("lose_callbacks", NUMBER, "TRADE_SUCCESS", "lost", "¥128.00"):
        assert text in panel


def test_the_home_page_leads_to_the_panel(bench: Bench) -> None:
    assert bench.get("/").headers["location"] == "/sandbox"
    assert bench.get("/sandbox/health").json() == {
        "program": "alipay",
        "now": "2026-01-01T04:00:00Z",
    }
