"""Requests that the simulated gateway refuses before it does anything."""

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, generate_private_key
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from sandbox.alipay import signing
from sandbox.business_clock import beijing_text
from tests.unit.sandbox.bench import PRECREATE, PRODUCTS, QUERY, Bench, order, verified_answer
from tests.unit.sandbox.simulator_bench import NOON, NUMBER

ASK = {"out_trade_no": NUMBER}


def refused(bench: Bench, params: dict[str, str]) -> str:
    answer = bench.send(params)
    body = json.loads(answer.text)
    assert list(body) == ["error_response"], "a gateway-level failure is never signed"
    assert bench.get("/sandbox/calls").json()["counts"] == {}, "a refused call was executed"
    code: str = body["error_response"]["sub_code"]
    return code


def test_a_signed_request_is_answered_signed(bench: Bench) -> None:
    assert bench.call(QUERY, ASK)["sub_code"] == "ACQ.TRADE_NOT_EXIST"


def test_parameters_may_all_stand_in_the_address(bench: Bench) -> None:
    answer = bench.get("/gateway.do", params=bench.params(QUERY, ASK))
    assert verified_answer(QUERY, answer.text)["code"] == "40004"


def test_an_unsigned_request_is_refused(bench: Bench) -> None:
    params = bench.params(QUERY, ASK)
    del params["sign"]
    assert refused(bench, params) == "isv.missing-signature"


def test_a_tampered_request_is_refused(bench: Bench) -> None:
    params = bench.params(PRECREATE, order(product_code=PRODUCTS[PRECREATE]))
    params["biz_content"] = params["biz_content"].replace("128.00", "000.01")
    assert refused(bench, params) == "isv.invalid-signature"


def test_an_added_parameter_is_refused(bench: Bench) -> None:
    assert refused(bench, bench.params(QUERY, ASK) | {"x": "1"}) == "isv.invalid-signature"


def test_another_key_is_refused(bench: Bench) -> None:
    bench.key = generate_private_key(public_exponent=65537, key_size=2048)
    assert refused(bench, bench.params(QUERY, ASK)) == "isv.invalid-signature"


@pytest.mark.parametrize("sign", ["!", "AAAA", "é", " "])
def test_garbage_for_a_signature_is_refused(bench: Bench, sign: str) -> None:
    assert refused(bench, bench.params(QUERY, ASK) | {"sign": sign}) == "isv.invalid-signature"


def test_sha1_is_refused_by_name_and_in_disguise(bench: Bench) -> None:
    assert refused(bench, bench.params(QUERY, ASK, sign_type="RSA")) == "isv.invalid-signature-type"
    params = bench.params(QUERY, ASK)
    params["sign"] = bench.sign(params, hashes.SHA1())
    assert refused(bench, params) == "isv.invalid-signature"


@pytest.mark.parametrize("seconds", [-901, 901])
def test_a_timestamp_beyond_fifteen_minutes_is_refused(bench: Bench, seconds: int) -> None:
    params = bench.params(QUERY, ASK, timestamp=beijing_text(NOON + seconds))
    assert refused(bench, params) == "isv.invalid-timestamp"


@pytest.mark.parametrize("seconds", [-899, 899])
def test_a_timestamp_within_fifteen_minutes_is_accepted(bench: Bench, seconds: int) -> None:
    assert bench.call(QUERY, ASK, timestamp=beijing_text(NOON + seconds))["code"] == "40004"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"app_id": "2021999999999999"}, "isv.invalid-app-id"),
        ({"app_id": ""}, "isv.invalid-app-id"),
        ({"charset": "gbk"}, "isv.invalid-parameter"),
        ({"charset": "GBK", "timestamp": "2026-1-1 12:00:00"}, "isv.invalid-parameter"),
        ({"version": "2.0"}, "isv.invalid-parameter"),
        ({"format": "XML"}, "isv.invalid-format"),
        ({"method": "alipay.trade.cancel"}, "isv.invalid-method"),
        ({"method": ""}, "isv.invalid-method"),
        ({"timestamp": ""}, "isv.invalid-timestamp"),
        ({"timestamp": "2026-1-1 12:00:00"}, "isv.invalid-timestamp"),
        ({"timestamp": "2026-01-01T12:00:00Z"}, "isv.invalid-timestamp"),
        ({"notify_url": "http://pay.example/" + "x" * 256}, "isv.invalid-parameter"),
        ({"biz_content": "{"}, "isv.invalid-parameter"),
        ({"biz_content": "[]"}, "isv.invalid-parameter"),
        ({"biz_content": '{"a":"1","a":"2"}'}, "isv.invalid-parameter"),
        ({"biz_content": ""}, "isv.invalid-parameter"),
    ],
)
def test_a_wrong_frame_is_refused(bench: Bench, changes: dict[str, str], code: str) -> None:
    assert refused(bench, bench.params(QUERY, ASK, **changes)) == code


def test_a_charset_other_than_utf8_is_refused_without_one_in_the_address(bench: Bench) -> None:
    answer = bench.post("/gateway.do", data=bench.params(QUERY, ASK, charset="gbk"))
    assert "isv.invalid-charset" in answer.text


def test_two_values_for_one_parameter_are_refused(bench: Bench) -> None:
    answer = bench.post("/gateway.do", params={"app_id": "other"}, data=bench.params(QUERY, ASK))
    assert "isv.invalid-parameter" in answer.text


def test_a_body_that_is_no_form_or_too_large_is_refused(bench: Bench) -> None:
    assert "isv.invalid-parameter" in bench.post("/gateway.do", json={}).text
    assert "isv.invalid-parameter" in bench.send({"biz_content": "x" * 70_000}).text
    headers = {"content-type": "application/x-www-form-urlencoded"}
    answer = bench.post("/gateway.do", content=b"subject=%ff%fe", headers=headers)
    assert "isv.invalid-parameter" in answer.text


def test_refusals_are_counted(bench: Bench) -> None:
    bench.send({"sign_type": "RSA"})
    assert bench.get("/sandbox/calls").json()["refused"] == {"isv.invalid-signature-type": 1}


VECTORS = Path(__file__).parents[1] / "channels" / "vectors" / "alipay_request_sign.json"


def test_the_public_vectors_verify_with_the_simulators_own_code() -> None:
    cases = json.loads(VECTORS.read_text())["cases"]
    keys = json.loads((VECTORS.parent / "keys.json").read_text())["keys"]
    for case in cases:
        entry = keys[case["private_key"]]
        pem = next(v for v in entry.values() if isinstance(v, str) and "BEGIN PUBLIC KEY" in v)
        key = load_pem_public_key(pem.encode())
        assert isinstance(key, RSAPublicKey)
        text = signing.request_text(case["params"])
        assert text == case["expect"]["string_to_sign"], case["id"]
        assert signing.signed_by(key, text, case["expect"]["sign"]), case["id"]
        assert not signing.signed_by(key, text + "x", case["expect"]["sign"])
