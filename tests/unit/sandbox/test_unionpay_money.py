"""Refunds, undos, notices, certificates and the settlement file of the simulated UnionPay."""

import base64
import io
import zipfile
import zlib

import httpx
import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.x509.oid import NameOID

from tests.unit.sandbox.simulator_bench import NUMBER
from tests.unit.sandbox.unionpay_bench import (
    KEYS_FOLDER,
    MER_ID,
    REFUND_NO,
    UnionBench,
    holds,
    purchase,
    qr,
)

UNDO = {"txnType": "31", "currencyCode": ""}


def _paid(union: UnionBench) -> UnionBench:
    union.pay(union.open_page())
    union.pass_time(300)
    return union


def test_a_refund_is_accepted_and_settles_later(union: UnionBench) -> None:
    answer = _paid(union).refund()
    assert (answer["respCode"], len(answer["queryId"])) == ("00", 21)
    assert union.refund_state() == "05"
    union.pass_time(5)
    assert union.refund_state() == "00"
    notice = union.notices[-1]
    assert holds({name: value for name, value in notice.items() if name})
    assert (notice["txnType"], notice["orderId"], notice["txnAmt"]) == ("04", REFUND_NO, "350")
    assert (notice["txnTime"], notice["respCode"]) == ("20260101120500", "00")
    assert notice["origQryId"] == union.view()["trade_no"]
    # The payment's own state never shows it.
    assert union.state() == "00"


@pytest.mark.parametrize(
    ("amount", "changes", "code"),
    [
        ("12801", {}, "33"),
        ("0", {}, "10"),
        ("350", {"currencyCode": ""}, "10"),
        ("350", {"origQryId": "202601011200000000009"}, "35"),
        ("350", {"origQryId": ""}, "35"),
        ("350", {"txnTime": "20251230120000"}, "10"),
        ("350", {"backUrl": ""}, "10"),
        ("12799", UNDO, "36"),
    ],
)
def test_a_refund_that_is_wrong_gives_nothing_back(
    union: UnionBench, amount: str, changes: dict[str, str], code: str
) -> None:
    assert _paid(union).refund(amount, **changes)["respCode"] == code
    assert union.view()["refunds"] == []


def test_a_repetition_is_a_duplicate_and_moves_nothing(union: UnionBench) -> None:
    _paid(union).refund()
    assert union.refund()["respCode"] == "12"
    assert union.refund("360")["respCode"] == "12"
    union.pass_time(5)
    assert union.view()["refunded_fen"] == 350


def test_parts_add_up_to_the_payment_and_no_further(union: UnionBench) -> None:
    _paid(union).refund("12000")
    second = {"orderId": "ABCDEFGHIJKLMNOPQRSTUVWXYZR002"}
    assert union.refund("801", **second)["respCode"] == "33"
    assert union.refund("800", **second)["respCode"] == "00"
    union.pass_time(5)
    assert union.refund("1", orderId="ABCDEFGHIJKLMNOPQRSTUVWXYZR003")["respCode"] == "45"


def test_an_unpaid_payment_is_not_given_back(union: UnionBench) -> None:
    union.open_page()
    assert union.refund()["respCode"] == "35"


def test_a_refund_unknown_by_number_or_moment_is_not_found(union: UnionBench) -> None:
    assert _paid(union).refund_state() == "query 34"
    union.refund()
    assert union.query(REFUND_NO, txnTime="20260101120501")["respCode"] == "34"


def test_a_whole_payment_is_undone_on_its_own_day(union: UnionBench) -> None:
    assert _paid(union).refund("12800", **UNDO)["respCode"] == "00"
    union.pass_time(5)
    assert (union.refund_state(), union.view()["refunded_fen"]) == ("00", 12_800)
    assert union.notices[-1]["txnType"] == "31"
    assert union.refund("1", orderId="ABCDEFGHIJKLMNOPQRSTUVWXYZR002")["respCode"] == "45"


def test_the_day_of_an_undo_ends_at_eleven_in_the_evening(union: UnionBench) -> None:
    _paid(union).pass_time(11 * 3_600 - 300)
    assert union.refund("12800", **UNDO)["respCode"] == "36"
    assert union.refund("12800")["respCode"] == "00"
    assert union.refund("12800", orderId="ABCDEFGHIJKLMNOPQRSTUVWXYZR002")["respCode"] == "33"


def test_a_refund_may_fail_after_it_was_accepted(union: UnionBench) -> None:
    union.open_page()
    union.arm("refund_fails")
    assert _paid(union).refund()["respCode"] == "00"
    union.pass_time(60)
    assert union.refund_state() == "62"
    assert (union.notices[-1]["respCode"], union.notices[-1]["orderId"]) == ("62", REFUND_NO)
    assert union.view()["refunded_fen"] == 0


def test_a_refund_may_be_unclear_and_succeed(union: UnionBench) -> None:
    _paid(union).arm("refund_unclear")
    assert union.refund()["respCode"] == "05"
    union.pass_time(5)
    assert union.refund_state() == "00"


@pytest.mark.parametrize("status", [400, 500, 301, 404])
def test_five_notices_in_seven_minutes_and_then_silence(union: UnionBench, status: int) -> None:
    union.callback_answers = [httpx.Response(status)] * 9
    union.pay(union.open_page())
    union.pass_time(86_400)
    assert len(union.received) == 5
    assert union.outcomes() == ["refused"] * 5
    (notice,) = union.view()["callbacks"]
    moments = [attempt["at"][11:19] for attempt in notice["attempts"]]
    assert moments == ["04:00:00", "04:00:00", "04:01:00", "04:03:00", "04:07:00"]


def test_a_codes_notices_have_their_own_waits(union: UnionBench) -> None:
    union.callback_answers = [httpx.ConnectError("down")] * 9
    path = union.call("backTransReq", qr())["qrCode"].removeprefix("http://unionpay.example")
    union.get(path)
    union.pay(path)
    union.pass_time(86_400)
    assert len(union.received) == 5


@pytest.mark.parametrize("status", [200, 302])
def test_two_answers_end_the_repeats(union: UnionBench, status: int) -> None:
    union.callback_answers = [httpx.Response(status)]
    union.pay(union.open_page())
    union.pass_time(86_400)
    assert len(union.received) == 1


def _member(fields: dict[str, str]) -> str:
    certificate = x509.load_pem_x509_certificate(fields["signPubKeyCert"].encode())
    name = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
    return str(name).split("@")[2]


def _chains(fields: dict[str, str]) -> bool:
    certificate = x509.load_pem_x509_certificate(fields["signPubKeyCert"].encode())
    middle = x509.load_pem_x509_certificate((KEYS_FOLDER / "unionpay_middle_cert.pem").read_bytes())
    try:
        certificate.verify_directly_issued_by(middle)
    except (InvalidSignature, ValueError):
        return False
    return True


OWN = "中国银联股份有限公司"


@pytest.mark.parametrize(
    ("fault", "member", "chains", "signed"),
    [
        ("member_callback", "N700000000000001", True, True),
        ("test_name_callback", "00040000:SIGN", True, True),
        ("expired_callback", OWN, True, True),
        ("self_signed_callback", OWN, False, True),
        ("forge_callback", OWN, False, True),
        ("keyed_callback", OWN, True, False),
        ("old_version_callback", OWN, True, True),
        ("query_on_address", OWN, True, True),
        ("imperfect_success", OWN, True, True),
    ],
)
def test_odd_notices_are_what_they_say(
    union: UnionBench,
    fault: str,
    member: str,
    chains: bool,  # noqa: FBT001 - a parameter of the test
    signed: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    union.arm(fault)
    union.pay(union.open_page())
    notice = union.told()
    address = notice.pop("")
    assert (_member(notice), _chains(notice)) == (member, chains)
    assert (len(notice["signature"]) > 64 and holds(notice)) is signed
    assert (notice["signMethod"] == "11") is (fault == "keyed_callback")
    assert (notice["version"] == "5.0.0") is (fault == "old_version_callback")
    assert ("?" in address) is (fault == "query_on_address")
    assert notice["respCode"] == ("A6" if fault == "imperfect_success" else "00")


@pytest.mark.parametrize(
    ("fault", "name", "value"),
    [
        ("wrong_amount", "txnAmt", "12799"),
        ("wrong_merchant", "merId", "777290058119999"),
        ("unknown_order", "orderId", f"B{NUMBER[1:]}"),
    ],
)
def test_wrong_facts_are_validly_signed(
    union: UnionBench, fault: str, name: str, value: str
) -> None:
    union.arm(fault)
    union.pay(union.open_page())
    notice = union.told()
    del notice[""]
    assert (notice[name], holds(notice)) == (value, True)


def test_an_unsigned_notice_has_neither_signature_nor_certificate(union: UnionBench) -> None:
    union.arm("unsigned_callback")
    union.pay(union.open_page())
    assert not {"signature", "signPubKeyCert", "certId"} & union.told().keys()


@pytest.mark.parametrize("fault", ["member_answer", "expired_answer", "forged_answer"])
def test_odd_answers_still_hold_under_their_own_certificate(union: UnionBench, fault: str) -> None:
    union.open_page()
    union.arm(fault)
    odd = union.query()
    assert odd["certId"] != union.query()["certId"]
    assert _chains(odd) is (fault != "forged_answer")


def test_keys_rotate_there_and_back(union: UnionBench) -> None:
    union.open_page()
    first = union.query()["certId"]
    told = union.post("/sandbox/keys/rotate").json()
    second = union.query()
    assert second["certId"] == told["certId"] != first
    assert (_member(second), _chains(second)) == (OWN, True)
    union.post("/sandbox/keys/rotate")
    assert union.query()["certId"] == first


def test_late_money_comes_or_goes_back_by_itself(union: UnionBench) -> None:
    union.arm("late_money_returned")
    union.open_page()
    union.pass_time(1_800)
    assert union.state() == "01"
    union.pass_time(10)
    assert (union.state(), union.received) == ("42", [])


def test_money_may_come_after_everybody_has_closed(union: UnionBench) -> None:
    union.open_page()
    union.arm("pay_long_after_close")
    union.pass_time(1_800 + 179)
    assert union.state() == "01"
    union.pass_time(2)
    assert (union.state(), union.notices[-1]["respCode"]) == ("00", "00")


def test_queries_say_imperfect_success_or_too_often(union: UnionBench) -> None:
    union.arm("imperfect_success")
    _paid(union)
    assert union.state() == "A6"
    union.arm("clear")
    union.arm("throttle")
    assert [union.query()["respCode"] for _ in range(4)] == ["37", "37", "37", "00"]
    union.arm("error_after_effect")
    assert union.query()["respCode"] == "03"


def _file(union: UnionBench, day: str) -> dict[str, str]:
    fields = {
        name: value
        for name, value in purchase().items()
        if name in {"version", "encoding", "signMethod", "accessType", "merId"}
    }
    own = {"txnType": "76", "txnSubType": "01", "bizType": "000000", "fileType": "00"}
    return union.call("/file", fields | own | {"settleDate": day, "txnTime": "20260102090000"})


def test_a_settlement_file_lists_the_day_that_ends_at_eleven(union: UnionBench) -> None:
    _paid(union).refund()
    union.pass_time(23 * 3_600)
    assert _file(union, "0101")["respCode"] == "00"
    content = _file(union, "0101")
    assert content["fileName"] == f"{MER_ID}_20260101.zip"
    packed = zlib.decompress(base64.b64decode(content["fileContent"]))
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert archive.namelist() == [f"INN26010188ZM_{MER_ID}", f"RD2026010101_{MER_ID}"]
        lines = archive.read(f"INN26010188ZM_{MER_ID}").split(b"\r\n")
    assert [len(line) for line in lines] == [607, 607, 0]
    assert NUMBER.encode() in lines[0]
    assert b"C000000012723" in lines[0]
    assert REFUND_NO.encode() in lines[1]
    assert b"D000000000350" in lines[1]


def test_a_file_is_missing_before_it_is_made_and_where_nothing_happened(union: UnionBench) -> None:
    _paid(union)
    assert _file(union, "0101")["respCode"] == "98"
    union.pass_time(23 * 3_600)
    assert [_file(union, day)["respCode"] for day in ("1231", "0102", "9999")] == ["98"] * 3
    union.arm("file_late", number="*every*")
    assert _file(union, "0101")["respCode"] == "98"
    assert _file(union, "0101")["respCode"] == "00"
