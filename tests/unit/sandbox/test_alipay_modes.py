"""The other ways of speaking with the simulated Alipay: by certificates, encrypted, and OpenAPI v3."""

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from sandbox.alipay import encryption
from sandbox.alipay.certificates import root_serial, serial
from sandbox.alipay.merchant import Merchant
from tests.unit.sandbox.bench import (
    APP_ID,
    CLOSE,
    KEYS_FOLDER,
    PRECREATE,
    PRODUCTS,
    QUERY,
    REFUND,
    Bench,
    order,
    platform_key,
    rsa2_verifies,
)
from tests.unit.sandbox.simulator_bench import NUMBER

VECTORS = Path(__file__).parents[1] / "channels" / "vectors"
APP_PAY = "alipay.trade.app.pay"
DOWNLOAD = "alipay.open.app.alipaycert.download"
ASK = {"out_trade_no": NUMBER}
CODE_ORDER = order(product_code=PRODUCTS[PRECREATE])
AES_KEY = Merchant().encryption_key


def certificate(name: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate((KEYS_FOLDER / name).read_bytes())


def serial_by_hand(one: x509.Certificate) -> str:
    names = [f"{part.rfc4514_attribute_name}={part.value!s}" for part in one.issuer]
    text = ",".join(reversed(names)) + str(one.serial_number)
    return hashlib.md5(text.encode()).hexdigest()


SERIALS = {
    "app_cert_sn": serial_by_hand(certificate("alipay_app_cert.pem")),
    # The bundle's second root is an elliptic curve's and does not count.
    "alipay_root_cert_sn": serial_by_hand(certificate("alipay_root_certs.pem")),
}


def test_the_serials_of_the_public_vectors_are_the_simulators_too() -> None:
    keys = json.loads((VECTORS / "keys.json").read_text())
    cases = json.loads((VECTORS / "alipay_certificates.json").read_text())["cases"]
    for case in cases:
        if "bundle" in case:
            found = root_serial(keys["bundles"][case["bundle"]].encode())
        else:
            pem = keys["certificates"][case["certificate"]]["pem"]
            found = serial(x509.load_pem_x509_certificate(pem.encode()))
        assert found == case["expect"]["sn"], case["id"]


def test_an_app_pays_with_its_order_string(bench: Bench) -> None:
    content = order(product_code="QUICK_MSECURITY_PAY")
    order_string = str(httpx.QueryParams(bench.params(APP_PAY, content)))
    assert bench.status() == "ACQ.TRADE_NOT_EXIST"
    page = bench.get(f"/gateway.do?{order_string}")
    assert page.status_code == 302
    bench.pay(page)
    assert (bench.status(), bench.view()["method"]) == ("TRADE_SUCCESS", APP_PAY)


def test_certificate_mode_names_the_certificate_in_every_answer(bench: Bench) -> None:
    answer = json.loads(bench.send(bench.params(QUERY, ASK, **SERIALS)).text)
    assert answer["alipay_cert_sn"] == serial_by_hand(certificate("alipay_platform_cert.pem"))
    assert "alipay_cert_sn" not in bench.send(bench.params(QUERY, ASK)).text


@pytest.mark.parametrize("name", SERIALS)
def test_a_wrong_or_missing_serial_is_refused(bench: Bench, name: str) -> None:
    for value in ("0" * 32, ""):
        answer = bench.send(bench.params(QUERY, ASK, **(SERIALS | {name: value})))
        assert "isv.invalid-app-cert-sn" in answer.text


def test_a_rotated_certificate_can_be_fetched_by_its_serial(bench: Bench) -> None:
    before = certificate("alipay_platform_cert.pem")
    bench.post("/sandbox/keys/rotate")
    raw = bench.send(bench.params(QUERY, ASK, **SERIALS)).text
    named = json.loads(raw)["alipay_cert_sn"]
    assert named != serial_by_hand(before)
    fetched = bench.send(bench.params(DOWNLOAD, {"alipay_cert_sn": named}, **SERIALS)).text
    content = json.loads(fetched)["alipay_open_app_alipaycert_download_response"]
    new = x509.load_pem_x509_certificate(base64.b64decode(content["alipay_cert_content"]))
    new.verify_directly_issued_by(certificate("alipay_root_certs.pem"))
    assert (serial_by_hand(new), new.subject) == (named, before.subject)
    key = new.public_key()
    assert isinstance(key, RSAPublicKey)
    signed = raw[raw.index("{", 1) : raw.index('},"alipay_cert_sn"') + 1]
    assert rsa2_verifies(key, signed, json.loads(raw)["sign"])


def test_an_unknown_certificate_can_not_be_fetched(bench: Bench) -> None:
    answer = bench.call(DOWNLOAD, {"alipay_cert_sn": "0" * 32})
    assert answer["sub_code"] == "ACQ.INVALID_PARAMETER"


def test_the_public_vectors_encrypt_alike() -> None:
    for case in json.loads((VECTORS / "alipay_aes.json").read_text())["cases"]:
        key, text = case["key_base64"], case["plaintext"]
        assert encryption.encrypted(key, text) == case["ciphertext_base64"], case["id"]
        assert encryption.decrypted(key, case["ciphertext_base64"]) == text


def test_encrypted_content_is_answered_encrypted_and_signed_as_sent(bench: Bench) -> None:
    sealed = encryption.encrypted(AES_KEY, json.dumps(CODE_ORDER, ensure_ascii=False))
    raw = bench.send(bench.params(PRECREATE, {}, encrypt_type="AES", biz_content=sealed)).text
    answer = json.loads(raw)
    member = answer["alipay_trade_precreate_response"]
    fields = json.loads(encryption.decrypted(AES_KEY, member))
    assert fields["qr_code"].startswith("http://alipay.example/qr/")
    assert rsa2_verifies(platform_key(), f'"{member}"', answer["sign"])


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("AES", json.dumps(ASK)),
        ("AES", base64.b64encode(bytes(16)).decode()),
        ("AES", "AAAA"),
        ("DES", encryption.encrypted(AES_KEY, json.dumps(ASK))),
    ],
)
def test_what_can_not_be_decrypted_is_refused(bench: Bench, kind: str, content: str) -> None:
    answer = bench.send(bench.params(QUERY, {}, encrypt_type=kind, biz_content=content))
    assert "isv.invalid-encrypt" in answer.text


class Rest:
    """An app that speaks v3."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench

    def headers(self, verb: str, path: str, body: str, **changes: str) -> dict[str, str]:
        fields = {
            "app_id": APP_ID,
            "nonce": "n-1",
            "timestamp": f"{self.bench.clock.moment * 1_000:.0f}",
        }
        auth = ",".join(f"{name}={value}" for name, value in (fields | changes).items())
        text = f"{auth}\n{verb}\n{path}\n{body}\n".encode()
        signature = self.bench.key.sign(text, padding.PKCS1v15(), hashes.SHA256())
        sign = base64.b64encode(signature).decode()
        return {"authorization": f"ALIPAY-SHA256withRSA {auth},sign={sign}"}

    def post(self, path: str, content: object, **changes: str) -> httpx.Response:
        body = json.dumps(content, ensure_ascii=False)
        headers = self.headers("POST", f"/v3/{path}", body, **changes)
        return self.bench.post(f"/v3/{path}", content=body.encode(), headers=headers)

    def call(self, path: str, content: dict[str, Any]) -> dict[str, Any]:
        answer = self.post(path, content)
        assert verified(answer)
        fields: dict[str, Any] = answer.json()
        return fields


def verified(answer: httpx.Response) -> bool:
    before = f"{answer.headers['alipay-timestamp']}\n{answer.headers['alipay-nonce']}\n"
    text = f"{before}{answer.text}\n"
    return rsa2_verifies(platform_key(), text, answer.headers["alipay-signature"])


@pytest.fixture
def rest(bench: Bench) -> Rest:
    return Rest(bench)


def test_v3_addresses_the_same_trades(bench: Bench, rest: Rest) -> None:
    code = rest.call("alipay/trade/precreate", CODE_ORDER | {"notify_url": "http://pay.example/n"})
    bench.pay(code["qr_code"])
    bench.pass_time(1)
    assert bench.callbacks[0][""] == "http://pay.example/n"
    assert rest.call("alipay/trade/query", ASK)["trade_status"] == "TRADE_SUCCESS"
    back = ASK | {"refund_amount": "28.00", "out_request_no": "R1"}
    assert rest.call("alipay/trade/refund", back)["fund_change"] == "Y"
    found = rest.call("alipay/trade/fastpay/refund/query", ASK | {"out_request_no": "R1"})
    assert found["refund_status"] == "REFUND_SUCCESS"
    assert "code" not in found
    assert bench.get("/sandbox/calls").json()["counts"][QUERY] == 1
    assert bench.get("/sandbox/calls").json()["counts"][REFUND] == 1


def test_v3_refuses_business_signed_with_a_status_and_a_bare_code(rest: Rest) -> None:
    answer = rest.post("alipay/trade/close", ASK)
    assert (answer.status_code, answer.json()["code"]) == (400, "TRADE_NOT_EXIST")
    assert verified(answer)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"app_id": "2021999999999999"}, "invalid-app-id"),
        ({"timestamp": "1767240005"}, "invalid-timestamp"),
        ({"timestamp": "1767240005123"}, "invalid-timestamp"),
        ({"nonce": ""}, "invalid-timestamp"),
        ({"app_cert_sn": SERIALS["app_cert_sn"]}, "invalid-app-cert-sn"),
    ],
)
def test_v3_refuses_a_wrong_frame(
    bench: Bench, rest: Rest, changes: dict[str, str], code: str
) -> None:
    bench.clock.moment += 3_600
    answer = rest.post("alipay/trade/query", ASK, **changes)
    assert (answer.status_code, answer.json()["code"]) == (401, code)
    assert "alipay-signature" not in answer.headers
    assert bench.get("/sandbox/calls").json()["refused"] == {code: 1}


def test_v3_refuses_what_was_not_signed(bench: Bench, rest: Rest) -> None:
    headers = rest.headers("POST", "/v3/alipay/trade/query", json.dumps(ASK))
    body = json.dumps(ASK | {"trade_no": "1"}).encode()
    answer = bench.post("/v3/alipay/trade/query", content=body, headers=headers)
    assert answer.json()["code"] == "invalid-signature"
    answer = bench.post("/v3/alipay/trade/query", content=body)
    assert (answer.status_code, answer.json()["code"]) == (401, "missing-signature")


@pytest.mark.parametrize("path", ["alipay/trade/page/pay", "alipay/trade/nothing", "x"])
def test_v3_has_no_other_interfaces(rest: Rest, path: str) -> None:
    assert rest.post(path, ASK).status_code == 404


def test_v3_refuses_a_body_that_is_no_object(rest: Rest) -> None:
    assert rest.post("alipay/trade/query", []).json()["code"] == "invalid-parameter"


def test_v3_in_certificate_mode_names_the_certificate(bench: Bench, rest: Rest) -> None:
    path, body = "/v3/alipay/trade/query", json.dumps(ASK)
    headers = rest.headers("POST", path, body, app_cert_sn=SERIALS["app_cert_sn"])
    headers["alipay-root-cert-sn"] = SERIALS["alipay_root_cert_sn"]
    answer = bench.post(path, content=body.encode(), headers=headers)
    named = serial_by_hand(certificate("alipay_platform_cert.pem"))
    assert answer.headers["alipay-sn"] == named
    assert verified(answer)


def test_v3_encrypts_before_it_signs(bench: Bench, rest: Rest) -> None:
    path, body = "/v3/alipay/trade/query", encryption.encrypted(AES_KEY, json.dumps(ASK))
    headers = rest.headers("POST", path, body)
    headers |= {"content-type": "text/plain", "alipay-encrypt-type": "AES"}
    answer = bench.post(path, content=body.encode(), headers=headers)
    assert verified(answer)
    fields = json.loads(encryption.decrypted(AES_KEY, answer.text))
    assert fields["code"] == "TRADE_NOT_EXIST"


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ("throttle", 429, "app-call-limited"),
        ("error_after_effect", 500, "SYSTEM_ERROR"),
    ],
)
def test_faults_act_in_v3_too(bench: Bench, rest: Rest, fault: str, status: int, code: str) -> None:
    bench.open_page()
    bench.arm(fault, method=CLOSE)
    answer = rest.post("alipay/trade/close", ASK)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    closed = "TRADE_CLOSED" if fault == "error_after_effect" else "WAIT_BUYER_PAY"
    assert rest.call("alipay/trade/query", ASK)["trade_status"] == closed


def test_a_forged_or_unsigned_v3_answer(bench: Bench, rest: Rest) -> None:
    bench.open_page()
    bench.arm("unsigned_answer")
    assert "alipay-signature" not in rest.post("alipay/trade/query", ASK).headers
    bench.arm("forged_answer")
    assert not verified(rest.post("alipay/trade/query", ASK))


def test_a_bill_is_asked_for_by_get_in_v3(bench: Bench, rest: Rest) -> None:
    path = "/v3/alipay/data/dataservice/bill/downloadurl/query"
    query = "bill_type=trade&bill_date=2025-12-31"
    answer = bench.get(f"{path}?{query}", headers=rest.headers("GET", f"{path}?{query}", ""))
    assert verified(answer)
    assert answer.json()["bill_file_code"] == "EMPTY_DATA_WITH_BILL_FILE"
