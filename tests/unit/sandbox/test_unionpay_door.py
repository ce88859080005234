"""What the simulated UnionPay lets in, and how it opens payments."""

import base64

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from tests.unit.sandbox.simulator_bench import NUMBER, RETURN_URL
from tests.unit.sandbox.unionpay_bench import (
    API,
    MER_ID,
    UnionBench,
    holds,
    merchant,
    purchase,
    qr,
    split,
    text_of,
)


def test_a_form_opens_the_payers_page_and_the_payer_comes_back_by_a_post(
    union: UnionBench,
) -> None:
    assert union.state() == "query 34"
    opened = union.open_page()
    assert opened.status_code == 302
    page = union.get(opened.headers["location"])
    assert "云岭山成人票 adult" in page.text
    assert "128.00" in page.text
    assert union.state() == "05"
    left = union.pay(opened)
    assert left.status_code == 200
    assert f'action="{RETURN_URL}"' in left.text
    assert 'name="signature"' in left.text
    assert union.state() == "00"
    notice = union.told()
    assert holds({name: value for name, value in notice.items() if name})
    assert (notice["orderId"], notice["txnTime"], notice["txnAmt"], notice["respCode"]) == (
        NUMBER,
        "20260101120000",
        "12800",
        "00",
    )


def test_the_same_form_again_is_the_same_payment(union: UnionBench) -> None:
    assert union.open_page().headers["location"] == union.open_page().headers["location"]
    union.pay(union.open_page())
    refused = union.open_page()
    assert 'data-code="12"' in refused.text


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"txnTime": "20260101114900"}, "10"),
        ({"txnTime": "20260101121100"}, "10"),
        ({"txnTime": "2026-01-01 12:00"}, "10"),
        ({"payTimeout": "20260101120000"}, "10"),
        ({"txnAmt": "128.00"}, "10"),
        ({"txnAmt": "0"}, "10"),
        ({"txnAmt": ""}, "10"),
        ({"currencyCode": "840"}, "10"),
        ({"orderId": "A-B_C12345"}, "10"),
        ({"orderId": "SHORT12"}, "10"),
        ({"orderId": "X" * 41}, "10"),
        ({"backUrl": "notify"}, "10"),
        ({"backUrl": ""}, "10"),
        ({"frontUrl": "javascript:alert(1)"}, "10"),
        ({"riskRateInfo": "{commodityName=a&b}"}, "10"),
        ({"bizType": "000000"}, "10"),
        ({"channelType": "05"}, "10"),
        ({"txnSubType": "07"}, "10"),
        ({"version": "5.0.0"}, "10"),
        ({"encoding": "GBK"}, "10"),
        ({"merId": "777290058119999"}, "31"),
        ({"signMethod": "11"}, "11"),
        ({"certId": "1"}, "11"),
    ],
)
def test_a_form_that_is_wrong_opens_nothing(
    union: UnionBench, changes: dict[str, str], code: str
) -> None:
    page = union.open_page(**changes)
    assert page.status_code == 400
    assert f'data-code="{code}"' in page.text
    assert union.world.ledger.trades == {}
    assert union.world.calls.refused == {code: 1}


def _signed_once() -> dict[str, str]:
    # The classic mistake: the text itself, not the hex of its hash.
    key, cert_id = merchant()
    fields = {"certId": cert_id, **purchase()}
    signature = key.sign(text_of(fields).encode(), padding.PKCS1v15(), hashes.SHA256())
    return {"signature": base64.b64encode(signature).decode(), **fields}


def test_only_our_signature_lets_in(union: UnionBench) -> None:
    good = union.sign(purchase())
    for fields in (
        _signed_once(),
        {**good, "txnAmt": "1"},
        {**good, "extra": "1"},
        {name: value for name, value in good.items() if name != "backUrl"},
        {**good, "signature": "AAAA"},
        {name: value for name, value in good.items() if name != "signature"},
    ):
        assert 'data-code="11"' in union.send(f"{API}/frontTransReq.do", fields).text
        answer = split(union.send(f"{API}/appTransReq.do", fields).text)
        assert (answer["respCode"], holds(answer)) == ("11", True)
    blank = union.send(f"{API}/frontTransReq.do", {**good, "reserved": ""})
    assert 'data-code="10"' in blank.text
    assert union.world.ledger.trades == {}


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"{}", "application/json"),
        (b"a=1&a=2", "application/x-www-form-urlencoded"),
        (b"a=%ff", "application/x-www-form-urlencoded"),
        (b"a", "application/x-www-form-urlencoded"),
        (b"a=" + b"x" * 70_000, "application/x-www-form-urlencoded"),
    ],
)
def test_what_is_no_form_is_malformed(union: UnionBench, body: bytes, kind: str) -> None:
    answer = union.post(f"{API}/queryTrans.do", content=body, headers={"content-type": kind})
    assert split(answer.text)["respCode"] == "10"


def test_an_app_is_given_a_number_once(union: UnionBench) -> None:
    app = purchase(channelType="08", frontUrl="")
    answer = union.call("appTransReq", app)
    assert (answer["respCode"], len(answer["tn"])) == ("00", 21)
    assert answer["merId"] == MER_ID
    assert union.call("appTransReq", app)["respCode"] == "12"
    assert union.state() == "05"
    union.pay(str(union.view()["pay_path"]))
    assert union.state() == "00"


def test_a_code_makes_a_payment_when_somebody_scans_it(union: UnionBench) -> None:
    answer = union.call("backTransReq", qr())
    assert answer["qrCode"].startswith("http://unionpay.example/qr/")
    assert union.call("backTransReq", qr())["respCode"] == "12"
    assert union.state() == "query 34"
    path = answer["qrCode"].removeprefix("http://unionpay.example")
    assert union.get(path).status_code == 200
    assert union.state() == "05"
    assert union.pay(path).status_code == 303
    notice = union.told()
    assert (notice["txnSubType"], notice["bizType"]) == ("07", "000000")


@pytest.mark.parametrize(
    ("address", "fields"),
    [
        ("appTransReq", qr()),
        ("backTransReq", purchase()),
        ("queryTrans", purchase()),
        ("closeTrans", purchase()),
        ("/file", purchase()),
    ],
)
def test_a_transaction_at_the_wrong_address_is_malformed(
    union: UnionBench, address: str, fields: dict[str, str]
) -> None:
    assert union.call(address, fields)["respCode"] == "10"


def test_another_moment_is_another_payment(union: UnionBench) -> None:
    union.open_page()
    assert union.query(txnTime="20260101120001")["respCode"] == "34"
    page = union.open_page(txnTime="20260101120001")
    assert 'data-code="12"' in page.text


def test_answers_are_written_plainly(union: UnionBench) -> None:
    union.open_page()
    answer = union.send(
        f"{API}/queryTrans.do",
        union.sign(
            {
                **{
                    name: value
                    for name, value in purchase().items()
                    if name in {"version", "encoding", "signMethod", "bizType", "accessType"}
                },
                "merId": MER_ID,
                "txnType": "00",
                "txnSubType": "00",
                "orderId": NUMBER,
                "txnTime": "20260101120000",
            }
        ),
    )
    assert "-----BEGIN CERTIFICATE-----\r\n" in answer.text
    assert "&reserved={simulated=1&attempts=0}&" in answer.text
    assert "respMsg=成功[0000000]" in answer.text


def test_a_card_may_fail_before_another_one_pays(union: UnionBench) -> None:
    union.arm("payer_refused")
    opened = union.open_page()
    assert "bank-refused" in union.pay(opened).text
    assert union.state() == "64"
    union.pay(opened)
    assert union.state() == "00"


def test_an_unpaid_payment_ends_at_its_deadline(union: UnionBench) -> None:
    opened = union.open_page()
    union.pass_time(1_801)
    assert union.state() == "01"
    assert 'data-state="closed"' in union.pay(opened).text
    assert union.notices == []
