"""Bills and certificates of the simulated WeChat Pay."""

import base64
import gzip
import hashlib
from urllib.parse import urlsplit

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.unit.sandbox.simulator_bench import NUMBER
from tests.unit.sandbox.wechat_bench import (
    APIV3_KEY,
    APPID,
    MCHID,
    OPENID,
    REFUND_NO,
    WechatBench,
    platform_serial,
)

TRADES = "/v3/bill/tradebill?bill_date=2026-01-01&bill_type=ALL"
FUNDS = "/v3/bill/fundflowbill?bill_date=2026-01-01&account_type=BASIC"
# From noon to ten in the morning of the next day.
UNTIL_READY_SECONDS = 22 * 3_600


def _traded(wechat: WechatBench) -> None:
    code = wechat.create(description="门票, 成人")["code_url"]
    wechat.pay(wechat.scanned(code))
    wechat.refund()
    wechat.pass_time(UNTIL_READY_SECONDS)


def _fetched(wechat: WechatBench, target: str) -> tuple[bytes, str]:
    place = wechat.call("GET", target)
    assert place["hash_type"] == "SHA1"
    answer = _file(wechat, place["download_url"])
    assert answer.status_code == 200
    assert "wechatpay-signature" not in answer.headers
    return answer.content, place["hash_value"]


def _file(wechat: WechatBench, url: str) -> httpx.Response:
    address = urlsplit(url)
    return wechat.ask("GET", f"{address.path}?{address.query}", accept="*/*")


def _sha1(content: bytes) -> str:
    return hashlib.sha1(content, usedforsecurity=False).hexdigest()


def test_a_bill_of_trades_has_a_row_for_each_movement(wechat: WechatBench) -> None:
    _traded(wechat)
    content, digest = _fetched(wechat, TRADES)
    assert digest == _sha1(content)
    text = content.decode()
    assert text.startswith("\ufeff交易时间,公众账号ID,")
    _, payment, refund, names, sums, end = text.split("\r\n")
    assert end == ""
    trade_no = wechat.query()["transaction_id"]
    assert payment[1:].split(",`") == [
        *["2026-01-01 12:00:00", APPID, MCHID, "0", "", trade_no, NUMBER, OPENID, "NATIVE"],
        *["SUCCESS", "OTHERS", "CNY", "128.00", "0.00", "0", "0", "0.00", "0.00", "", ""],
        *["门票, 成人", "", "0.77000", "0.60%", "128.00", "0.00", ""],
    ]
    given = refund[1:].split(",`")
    assert given[9] == "REFUND"
    assert given[15:21] == [REFUND_NO, "3.00", "0.00", "ORIGINAL", "SUCCESS", "门票, 成人"]
    assert given[22:26] == ["-0.02000", "0.60%", "0.00", "3.00"]
    assert names.startswith("总交易单数,")
    assert sums == "`2,`128.00,`3.00,`0.00,`0.75000,`128.00,`3.00"


def test_a_bill_may_be_packed_and_its_digest_is_of_the_text(wechat: WechatBench) -> None:
    _traded(wechat)
    content, digest = _fetched(wechat, f"{TRADES}&tar_type=GZIP")
    assert digest == _sha1(gzip.decompress(content))


def test_a_bill_may_be_bare_or_torn(wechat: WechatBench) -> None:
    _traded(wechat)
    wechat.arm("bill_bare", "*every*")
    content, digest = _fetched(wechat, TRADES)
    assert content.startswith("交易时间".encode())
    assert b"\r" not in content
    assert digest == _sha1(content)
    wechat.arm("bill_torn", "*every*")
    content, digest = _fetched(wechat, TRADES)
    assert digest != _sha1(content)


def test_a_bill_of_funds_shows_the_balance(wechat: WechatBench) -> None:
    _traded(wechat)
    content, _ = _fetched(wechat, FUNDS)
    _, came, went, _, sums, _ = content.decode().split("\r\n")
    assert came[1:].split(",`")[5:8] == ["收入", "128.00", "128.00"]
    assert went[1:].split(",`")[5:8] == ["支出", "3.00", "125.00"]
    assert sums == "`2,`1,`128.00,`1,`3.00"


def test_an_address_lives_five_minutes_and_wants_a_signature(wechat: WechatBench) -> None:
    _traded(wechat)
    url = wechat.call("GET", TRADES)["download_url"]
    address = urlsplit(url)
    assert wechat.get(f"{address.path}?{address.query}").status_code == 401
    wechat.pass_time(300)
    assert _file(wechat, url).status_code == 200
    wechat.pass_time(1)
    assert _file(wechat, url).status_code == 404


def test_a_day_without_trades_has_no_bill(wechat: WechatBench) -> None:
    wechat.pass_time(UNTIL_READY_SECONDS)
    answer = wechat.call("GET", TRADES)
    assert (answer["status_code"], answer["code"]) == (400, "NO_STATEMENT_EXIST")


def test_a_bill_is_made_at_ten_the_next_morning(wechat: WechatBench) -> None:
    wechat.pay_native()
    assert wechat.call("GET", TRADES)["code"] == "PARAM_ERROR"
    wechat.pass_time(UNTIL_READY_SECONDS - 1)
    assert wechat.call("GET", TRADES)["code"] == "STATEMENT_CREATING"
    wechat.pass_time(1)
    wechat.arm("bill_creating", "*every*")
    assert wechat.call("GET", TRADES)["code"] == "STATEMENT_CREATING"
    assert wechat.call("GET", TRADES)["status_code"] == 200
    wechat.pass_time(100 * 86_400)
    assert wechat.call("GET", TRADES)["code"] == "PARAM_ERROR"


@pytest.mark.parametrize(
    "target",
    [
        "/v3/bill/tradebill?bill_date=01.01.2026",
        "/v3/bill/tradebill",
        "/v3/bill/tradebill?bill_date=2026-01-01&bill_type=SOME",
        "/v3/bill/fundflowbill?bill_date=2026-01-01",
    ],
)
def test_other_bills_are_refused(wechat: WechatBench, target: str) -> None:
    _traded(wechat)
    assert wechat.call("GET", target)["code"] == "PARAM_ERROR"


def test_certificates_are_sealed_under_the_apiv3_key(wechat: WechatBench) -> None:
    wechat.serial = ""
    items = wechat.call("GET", "/v3/certificates")["data"]
    assert items[0]["serial_no"] == platform_serial()
    for item in items:
        sealed = item["encrypt_certificate"]
        pem = AESGCM(APIV3_KEY.encode()).decrypt(
            sealed["nonce"].encode(),
            base64.b64decode(sealed["ciphertext"]),
            sealed["associated_data"].encode(),
        )
        certificate = x509.load_pem_x509_certificate(pem)
        assert f"{certificate.serial_number:040X}" == item["serial_no"]
        assert item["expire_time"] == "2054-01-01T08:00:00+08:00"


def test_a_merchant_may_have_no_certificates(wechat: WechatBench) -> None:
    wechat.arm("no_certificates", "*every*")
    assert wechat.call("GET", "/v3/certificates")["code"] == "RESOURCE_NOT_EXISTS"
