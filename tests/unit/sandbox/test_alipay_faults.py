"""Every way in which the simulated Alipay can misbehave on request."""

import base64
import json

import httpx
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from sandbox.alipay.channel import Alipay
from tests.unit.sandbox.bench import (
    CLOSE,
    PRECREATE,
    PRODUCTS,
    QUERY,
    REFUND,
    REFUND_QUERY,
    Bench,
    notice_verifies,
    order,
    platform_key,
    rsa2_verifies,
    sorted_text,
    verified_answer,
)
from tests.unit.sandbox.simulator_bench import NUMBER

ASK = {"out_trade_no": NUMBER}


def pay_with(bench: Bench, fault: str, times: int | None = None) -> list[dict[str, str]]:
    """Arm a fault, pay, and return what arrived in the first second."""
    bench.arm(fault, times=times)
    bench.pay(bench.open_page())
    bench.pass_time(1)
    return bench.callbacks


def test_lost_callbacks_never_leave_and_the_money_is_booked_all_the_same(bench: Bench) -> None:
    pay_with(bench, "lose_callbacks")
    bench.pass_time(200_000)
    assert bench.callbacks == []
    attempts = bench.view()["callbacks"][0]["attempts"]
    assert [attempt["outcome"] for attempt in attempts] == ["lost"] * 8
    assert bench.status() == "TRADE_SUCCESS"


def test_a_fault_can_last_for_some_attempts_only(bench: Bench) -> None:
    assert pay_with(bench, "lose_callbacks", times=2) == []
    bench.pass_time(1_000)
    attempts = bench.view()["callbacks"][0]["attempts"]
    assert [attempt["outcome"] for attempt in attempts] == ["lost", "lost", "acknowledged"]


def test_a_delayed_callback_comes_two_minutes_late(bench: Bench) -> None:
    assert pay_with(bench, "delay_callbacks") == []
    bench.pass_time(120)
    (fields,) = bench.callbacks
    assert (fields["gmt_payment"][11:], fields["notify_time"][11:]) == ("12:00:00", "12:02:00")


def test_doubled_callbacks_are_the_same_notice_twice(bench: Bench) -> None:
    first, second = pay_with(bench, "double_callbacks")
    assert first == second
    assert notice_verifies({name: value for name, value in first.items() if name})


def test_a_forged_callback_does_not_verify(bench: Bench) -> None:
    (fields,) = pay_with(bench, "forge_callback")
    assert fields["trade_status"] == "TRADE_SUCCESS"
    assert not notice_verifies(fields)


def test_a_downgraded_callback_is_truly_signed_with_sha1(bench: Bench) -> None:
    (fields,) = pay_with(bench, "sha1_callback")
    assert fields["sign_type"] == "RSA"
    assert not notice_verifies(fields)
    text = sorted_text({name: fields[name] for name in fields if name}, "sign", "sign_type")
    signature = base64.b64decode(fields["sign"])
    platform_key().verify(signature, text.encode(), padding.PKCS1v15(), hashes.SHA1())


@pytest.mark.parametrize(
    ("fault", "field", "value"),
    [
        ("wrong_amount", "total_amount", "127.99"),
        ("wrong_app", "app_id", "2021999999999999"),
        ("wrong_seller", "seller_id", "2088999999999999"),
        ("unknown_order", "out_trade_no", "B" + NUMBER[1:]),
        ("stale_callback", "trade_status", "WAIT_BUYER_PAY"),
        ("odd_callback", "trade_status", "TRADE_UNHEARD_OF"),
        ("finished", "trade_status", "TRADE_FINISHED"),
    ],
)
def test_a_wrong_callback_is_validly_signed(
    bench: Bench, fault: str, field: str, value: str
) -> None:
    (fields,) = pay_with(bench, fault)
    assert notice_verifies(fields)
    assert fields[field] == value
    assert bench.view()["callbacks"][0]["attempts"][0]["fault"] == fault


def test_empty_fields_come_signed_or_not(bench: Bench) -> None:
    (signed,) = pay_with(bench, "empty_signed")
    assert signed["body"] == ""
    assert notice_verifies(signed)
    assert not notice_verifies(signed, without_empty=True)
    bench.arm("clear")
    bench.arm("empty_unsigned")
    bench.run(bench.world.callbacks.send_odd(bench.world.ledger.trades[NUMBER], "empty_unsigned"))
    unsigned = bench.callbacks[-1]
    assert unsigned["body"] == ""
    assert notice_verifies(unsigned, without_empty=True)
    assert not notice_verifies(unsigned)


def test_an_odd_callback_can_be_sent_at_once_before_any_payment(bench: Bench) -> None:
    bench.open_page()
    bench.callback_answers = [httpx.Response(400, text="failure")]
    answer = bench.post(f"/sandbox/trades/{NUMBER}/callbacks", json={"fault": "forge_callback"})
    assert answer.json()["attempts"][0]["answer"] == "failure"
    (fields,) = bench.callbacks
    assert (fields["trade_status"], fields["receipt_amount"]) == ("TRADE_SUCCESS", "128.00")
    bench.pass_time(100_000)
    assert bench.status() == "TRADE_CLOSED", "a forger must not move the ledger"
    assert [f["trade_status"] for f in bench.callbacks] == ["TRADE_SUCCESS", "TRADE_CLOSED"]


@pytest.mark.parametrize("fault", ["answer_html", "no_such_fault"])
def test_only_a_fault_of_callbacks_can_be_sent(bench: Bench, fault: str) -> None:
    bench.open_page()
    answer = bench.post(f"/sandbox/trades/{NUMBER}/callbacks", json={"fault": fault})
    assert (answer.status_code, bench.callbacks) == (400, [])


def ask_raw(bench: Bench, method: str = QUERY) -> httpx.Response:
    return bench.send(bench.params(method, ASK))


def test_an_html_answer_executes_nothing(bench: Bench) -> None:
    bench.open_page()
    bench.arm("answer_html")
    answer = ask_raw(bench, CLOSE)
    assert (answer.status_code, answer.text[:6]) == (200, "<html>")
    assert bench.status() == "WAIT_BUYER_PAY"


def test_a_500_executes_nothing_and_happens_once(bench: Bench) -> None:
    bench.open_page()
    bench.arm("answer_500")
    assert ask_raw(bench, CLOSE).status_code == 500
    assert bench.call(CLOSE, ASK)["code"] == "10000"


def test_an_unsigned_answer_carries_the_truth_without_a_proof(bench: Bench) -> None:
    bench.open_page()
    bench.arm("unsigned_answer")
    body = json.loads(ask_raw(bench).text)
    assert list(body) == ["alipay_trade_query_response"]
    assert body["alipay_trade_query_response"]["trade_status"] == "WAIT_BUYER_PAY"


def test_an_answer_signed_by_a_stranger_does_not_verify(bench: Bench) -> None:
    bench.open_page()
    bench.arm("forged_answer")
    with pytest.raises(AssertionError):
        verified_answer(QUERY, ask_raw(bench).text)


def test_a_system_error_may_hide_an_effect(bench: Bench) -> None:
    bench.open_page()
    bench.arm("error_after_effect")
    assert bench.call(CLOSE, ASK)["code"] == "20000"
    assert bench.status() == "TRADE_CLOSED"


def test_a_query_can_stay_behind_the_ledger(bench: Bench) -> None:
    pay_with(bench, "stay_waiting")
    for _ in range(3):
        answer = bench.call(QUERY, ASK)
        assert (answer["trade_status"], answer["receipt_amount"]) == ("WAIT_BUYER_PAY", "0.00")
        assert "send_pay_date" not in answer
    assert bench.view()["status"] == "TRADE_SUCCESS"
    bench.arm("clear")
    assert bench.status() == "TRADE_SUCCESS"


def test_a_close_can_lose_against_a_payment_in_the_same_second(bench: Bench) -> None:
    bench.open_page()
    bench.arm("close_says_paid")
    assert bench.call(CLOSE, ASK)["sub_code"] == "ACQ.TRADE_STATUS_ERROR"
    bench.pass_time(1)
    assert bench.status() == "TRADE_SUCCESS"
    assert [fields["trade_status"] for fields in bench.callbacks] == ["TRADE_SUCCESS"]


def test_money_can_arrive_after_the_close(bench: Bench) -> None:
    bench.arm("pay_after_close")
    bench.open_page()
    bench.pass_time(1_804)
    assert bench.status() == "TRADE_CLOSED"
    bench.pass_time(1)
    assert bench.status() == "TRADE_SUCCESS"
    told = [fields["trade_status"] for fields in bench.callbacks]
    assert told == ["TRADE_CLOSED", "TRADE_SUCCESS"]
    assert bench.get("/sandbox/ledger").json()["paid_fen"] == 12_800


def test_a_refund_can_settle_a_minute_later(bench: Bench) -> None:
    bench.pay(bench.open_page())
    bench.arm("refund_later")
    content = ASK | {"refund_amount": "28.00", "out_request_no": "R1"}
    answer = bench.call(REFUND, content)
    assert (answer["fund_change"], answer["refund_fee"]) == ("N", "0.00")
    too_much = ASK | {"refund_amount": "100.01", "out_request_no": "R2"}
    assert bench.call(REFUND, too_much)["sub_code"] == "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL"
    assert "refund_status" not in bench.call(REFUND_QUERY, ASK | {"out_request_no": "R1"})
    bench.pass_time(60)
    answer = bench.call(REFUND_QUERY, ASK | {"out_request_no": "R1"})
    assert answer["refund_status"] == "REFUND_SUCCESS"
    assert bench.view()["refunded_fen"] == 2_800


def test_a_fault_can_wait_for_one_method(bench: Bench) -> None:
    bench.arm("answer_500", method=CLOSE)
    bench.open_page()
    assert bench.status() == "WAIT_BUYER_PAY"
    assert ask_raw(bench, CLOSE).status_code == 500


def test_the_next_trade_takes_over_what_was_armed_for_it(bench: Bench) -> None:
    bench.open_page(out_trade_no="EARLIER1")
    bench.arm("answer_500", number="*next*")
    assert bench.status("EARLIER1") == "WAIT_BUYER_PAY"
    content = order(product_code=PRODUCTS[PRECREATE])
    assert bench.send(bench.params(PRECREATE, content)).status_code == 500
    assert bench.call(PRECREATE, content)["code"] == "10000"
    assert bench.get("/sandbox/faults").json()["next"] == []


@pytest.mark.parametrize(
    "body",
    [
        {"fault": "lose_callbacks"},
        {"out_trade_no": "A1"},
        {"out_trade_no": "A1", "fault": "no_such_fault"},
        {"out_trade_no": "A1", "fault": "lose_callbacks", "times": -1},
        {"out_trade_no": "A1", "fault": "lose_callbacks", "times": "many"},
        {"out_trade_no": 7, "fault": "lose_callbacks"},
        [],
    ],
)
def test_an_order_for_a_fault_that_makes_no_sense_is_refused(bench: Bench, body: object) -> None:
    assert bench.post("/sandbox/faults", json=body).status_code == 400


def test_every_fault_is_offered_in_both_languages(bench: Bench) -> None:
    panel = bench.get("/sandbox").text
    for row in bench.get("/sandbox/faults").json()["faults"]:
        assert row["zh"] in panel
        assert row["en"] in panel
    assert len(Alipay.rows()) > 30


def test_half_an_answer_can_not_be_read(bench: Bench) -> None:
    bench.open_page()
    bench.arm("truncated_answer")
    with pytest.raises(json.JSONDecodeError):
        json.loads(ask_raw(bench).text)


def test_a_throttled_call_says_so_signed_and_executes_nothing(bench: Bench) -> None:
    bench.open_page()
    bench.arm("throttle", times=1)
    assert bench.call(CLOSE, ASK)["sub_code"] == "isv.app-call-limited"
    assert bench.status() == "WAIT_BUYER_PAY"


def test_queries_can_contradict_each_other(bench: Bench) -> None:
    pay_with(bench, "contradict_queries")
    told = [bench.call(QUERY, ASK) for _ in range(4)]
    assert [(one["trade_status"], one["receipt_amount"]) for one in told] == [
        ("TRADE_SUCCESS", "128.00"),
        ("WAIT_BUYER_PAY", "0.00"),
        ("TRADE_SUCCESS", "128.00"),
        ("TRADE_SUCCESS", "128.00"),
    ]


def test_another_merchants_callback_is_validly_signed(bench: Bench) -> None:
    (fields,) = pay_with(bench, "wrong_merchant")
    assert notice_verifies(fields)
    assert (fields["app_id"], fields["seller_id"]) == ("2021999999999999", "2088999999999999")
    assert fields["out_trade_no"] == NUMBER


def test_a_callback_may_carry_no_signature(bench: Bench) -> None:
    (fields,) = pay_with(bench, "unsigned_callback")
    assert fields["trade_status"] == "TRADE_SUCCESS"
    assert not {"sign", "sign_type"} & set(fields)


def test_a_refund_that_fails_never_shows_and_may_be_tried_again(bench: Bench) -> None:
    bench.pay(bench.open_page())
    bench.arm("refund_fails")
    content = ASK | {"refund_amount": "128.00", "out_request_no": "R1"}
    assert bench.call(REFUND, content)["fund_change"] == "N"
    bench.pass_time(60)
    assert "refund_status" not in bench.call(REFUND_QUERY, ASK | {"out_request_no": "R1"})
    assert bench.status() == "TRADE_SUCCESS"
    assert bench.call(REFUND, content)["fund_change"] == "Y"
    told = [fields.get("out_biz_no") for fields in bench.callbacks]
    assert told == [None], "nobody is told of a refund that failed"


def test_after_a_rotation_everything_is_signed_with_the_new_key(bench: Bench) -> None:
    bench.open_page()
    answer = bench.post("/sandbox/keys/rotate").json()
    new_key = load_pem_public_key(answer["alipay_public_key"].encode())
    assert isinstance(new_key, RSAPublicKey)
    raw = ask_raw(bench).text
    signed = raw[raw.index("{", 1) : raw.index('},"sign":"') + 1]
    assert rsa2_verifies(new_key, signed, json.loads(raw)["sign"])
    with pytest.raises(AssertionError):
        verified_answer(QUERY, raw)


def test_a_paid_trade_may_be_finished_or_in_a_state_unheard_of(bench: Bench) -> None:
    page = bench.open_page()
    bench.arm("finished")
    assert bench.status() == "WAIT_BUYER_PAY"
    bench.pay(page)
    assert bench.status() == "TRADE_FINISHED"
    bench.arm("clear")
    bench.arm("odd_status")
    assert bench.status() == "TRADE_UNHEARD_OF"


@pytest.mark.parametrize(
    ("fault", "code"),
    [("no_balance", "SELLER_BALANCE_NOT_ENOUGH"), ("refund_too_late", "TRADE_HAS_FINISHED")],
)
def test_a_refund_may_be_refused_once_and_moves_nothing(
    bench: Bench, fault: str, code: str
) -> None:
    bench.pay(bench.open_page())
    bench.arm(fault)
    content = ASK | {"refund_amount": "128.00", "out_request_no": "R1"}
    assert bench.call(REFUND, content)["sub_code"] == f"ACQ.{code}"
    assert bench.view()["refunds"] == []
    assert bench.call(REFUND, content)["fund_change"] == "Y"


def test_a_precreate_may_be_refused(bench: Bench) -> None:
    bench.arm("forbidden_word")
    content = order(product_code=PRODUCTS[PRECREATE])
    assert bench.call(PRECREATE, content)["sub_code"] == "ACQ.EXIST_FORBIDDEN_WORD"
    assert bench.get("/sandbox/trades").json()["trades"] == []
