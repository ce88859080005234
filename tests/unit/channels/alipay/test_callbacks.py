"""Alipay's notices: what is believed, what it says, what is answered."""

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, quote_plus

import pytest

from paycenter.domain.settlement import Receipt
from paycenter.ports.channel import (
    Acknowledgement,
    CallbackFact,
    CallbackRefused,
    FactKind,
    RawCallback,
)
from paychannels.alipay import callbacks
from tests.unit.channels.scripted import (
    ACCOUNT,
    KEYS,
    NOW,
    PAYMENT,
    StandingClock,
    notice,
    platform_sign,
    raw,
)

TRADE_NO = "2026030122001400000000000077"
TAKER = callbacks.strategy(StandingClock())


def _fact(callback: RawCallback) -> CallbackFact:
    return TAKER.translate(ACCOUNT, TAKER.verify(ACCOUNT, callback))


def _fields(callback: RawCallback) -> dict[str, str]:
    return dict(parse_qsl(callback.body.decode(), keep_blank_values=True))


def _with_body(callback: RawCallback, body: bytes) -> RawCallback:
    return replace(callback, body=body)


def test_a_payment_is_told_with_its_receipt() -> None:
    assert _fact(notice()) == CallbackFact(
        kind=FactKind.PAID,
        payment_no=PAYMENT.payment_no,
        receipt=Receipt(
            payment_no=PAYMENT.payment_no,
            amount=12800,
            currency="CNY",
            channel_transaction_no=TRADE_NO,
            paid_at=NOW + 60,
        ),
        channel_transaction_no=TRADE_NO,
    )


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"trade_status": "TRADE_FINISHED"}, FactKind.PAID),
        ({"trade_status": "TRADE_CLOSED", "gmt_payment": "-"}, FactKind.CLOSED),
        ({"trade_status": "WAIT_BUYER_PAY", "gmt_payment": "-"}, FactKind.NOTHING),
        ({"trade_status": "TRADE_DREAMING"}, FactKind.NOTHING),
        ({"trade_status": "trade_success"}, FactKind.NOTHING),
        ({"trade_status": "-"}, FactKind.NOTHING),
        ({"refund_fee": "1.00"}, FactKind.REFUND),
        ({"gmt_refund": "2026-03-02 09:00:00.123"}, FactKind.REFUND),
        ({"out_biz_no": "R1"}, FactKind.REFUND),
        (
            {"trade_status": "TRADE_CLOSED", "refund_fee": "128.00", "out_biz_no": "R1"},
            FactKind.REFUND,
        ),
        ({"refund_fee": "", "gmt_refund": "", "out_biz_no": ""}, FactKind.PAID),
        ({"refund_fee": "0.00"}, FactKind.PAID),
    ],
)
def test_a_refund_comes_first_and_only_paid_is_paid(
    changes: dict[str, Any], kind: FactKind
) -> None:
    fact = _fact(notice(**changes))
    assert fact.kind is kind
    assert fact.receipt is not None
    assert fact.receipt.amount == 12800


@pytest.mark.parametrize(
    ("changes", "strangers"),
    [
        ({"app_id": "2021000000000078"}, ("app_id",)),
        ({"seller_id": "2088000000000078"}, ("seller_id",)),
        ({"app_id": "-"}, ("app_id",)),
        ({"seller_id": ""}, ("seller_id",)),
        ({"app_id": "x", "seller_id": "-"}, ("app_id", "seller_id")),
    ],
)
def test_a_notice_for_somebody_else_names_what_is_not_ours(
    changes: dict[str, Any], strangers: tuple[str, ...]
) -> None:
    assert _fact(notice(**changes)).stranger == strangers


def test_an_unknown_number_is_told_as_it_is() -> None:
    assert _fact(notice(out_trade_no="abc")).payment_no == "abc"
    assert _fact(notice(out_trade_no="-")).payment_no == ""


def test_the_moment_of_the_notice_stands_in_for_a_missing_one_of_payment() -> None:
    receipt = _fact(notice(gmt_payment="-")).receipt
    assert receipt is not None
    assert receipt.paid_at == NOW + 61


@pytest.mark.parametrize(
    "changes",
    [
        {"total_amount": "-"},
        {"total_amount": ""},
        {"total_amount": "１28.00"},
        {"total_amount": "+128.00"},
        {"total_amount": "1.28e2"},
        {"total_amount": "128.000"},
        {"total_amount": " 128.00"},
        {"trade_no": "-"},
        {"trade_no": "a|b"},
        {"gmt_payment": "-", "notify_time": "-"},
        {"notify_type": "-"},
        {"notify_type": "dut_user_sign"},
    ],
)
def test_a_verified_notice_that_cannot_be_read_is_refused(changes: dict[str, Any]) -> None:
    verified = TAKER.verify(ACCOUNT, notice(**changes))
    with pytest.raises(CallbackRefused):
        TAKER.translate(ACCOUNT, verified)


def test_empty_values_may_be_signed_or_left_out() -> None:
    fields = {
        name: value
        for name, value in _fields(notice(body="")).items()
        if name not in {"sign", "sign_type"}
    }
    left_out = "&".join(f"{name}={fields[name]}" for name in sorted(fields) if fields[name])
    for callback in (
        notice(body=""),
        raw({**fields, "sign_type": "RSA2", "sign": platform_sign(left_out)}),
    ):
        verified = TAKER.verify(ACCOUNT, callback)
        assert not {"body", "sign", "sign_type"} & verified.fields.keys()


def test_an_empty_field_added_on_the_way_changes_nothing() -> None:
    # It is outside the signature of those who leave empty values out, so it must mean nothing.
    callback = notice()
    added = _with_body(callback, callback.body + b"&refund_fee=&gmt_refund=")
    assert _fact(added) == _fact(callback)


@pytest.mark.parametrize(
    "callback",
    [
        notice(key="alipay.stranger"),
        notice(key="alipay.app"),
        notice(sha1=True),
        notice(sha1=True, sign_type="RSA"),
        notice(sign_type="RSA"),
        notice(sign_type=""),
        notice(sign_type="rsa2"),
        raw({name: value for name, value in _fields(notice()).items() if name != "sign"}),
        raw({name: value for name, value in _fields(notice()).items() if name != "sign_type"}),
        raw({**_fields(notice()), "sign": ""}),
        raw({**_fields(notice()), "sign": "AAAA"}),
        raw({**_fields(notice()), "total_amount": "1.00"}),
        raw({**_fields(notice()), "extra": "1"}),
        raw({name: value for name, value in _fields(notice()).items() if name != "subject"}),
    ],
)
def test_a_notice_that_alipay_did_not_sign_is_refused(callback: RawCallback) -> None:
    with pytest.raises(CallbackRefused):
        TAKER.verify(ACCOUNT, callback)


@pytest.mark.parametrize("name", sorted(_fields(notice())))
def test_a_field_that_is_there_twice_is_refused(name: str) -> None:
    callback = notice()
    again = f"&{name}={quote_plus(_fields(callback)[name])}".encode()
    with pytest.raises(CallbackRefused):
        TAKER.verify(ACCOUNT, _with_body(callback, callback.body + again))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"&&&",
        b"\xff\xfe",
        b"sign=%ff%fe&sign_type=RSA2",
        b"{}",
        b"a=1&" * 200,
        b'{"sign":"x","sign_type":"RSA2"}',
        b"sign_type=RSA2&sign=\x00",
        "sign=签名&sign_type=RSA2".encode(),
        "sign_type=ＲＳＡ2".encode(),
    ],
)
def test_any_bytes_are_refused_and_nothing_else(body: bytes) -> None:
    with pytest.raises(CallbackRefused):
        TAKER.verify(ACCOUNT, RawCallback(headers={}, body=body))


def test_every_single_changed_byte_of_the_signature_is_refused() -> None:
    fields = _fields(notice())
    for position in range(0, len(fields["sign"]) - 2, 17):
        changed = "A" if fields["sign"][position] != "A" else "B"
        sign = fields["sign"][:position] + changed + fields["sign"][position + 1 :]
        with pytest.raises(CallbackRefused):
            TAKER.verify(ACCOUNT, raw({**fields, "sign": sign}))


def test_another_accounts_key_does_not_verify() -> None:
    other = replace(ACCOUNT, secrets={"alipay_public_key": KEYS["alipay.stranger"]["public_pem"]})
    with pytest.raises(CallbackRefused):
        TAKER.verify(other, notice())


def test_a_callback_needs_no_private_key() -> None:
    public_only = {"alipay_public_key": ACCOUNT.secrets["alipay_public_key"]}
    assert (
        TAKER.verify(replace(ACCOUNT, secrets=public_only), notice()).fields["trade_no"] == TRADE_NO
    )


def test_the_digest_names_the_raw_bytes() -> None:
    one, same, other = notice(), notice(), notice(notify_id="2")
    digests = [TAKER.verify(ACCOUNT, callback).digest for callback in (one, same, other)]
    assert digests[0] == digests[1] != digests[2]


def test_yes_is_exactly_seven_bytes_and_no_is_not() -> None:
    assert TAKER.acknowledge(accepted=True) == Acknowledgement(
        status=200, media_type="text/plain", body=b"success"
    )
    assert TAKER.acknowledge(accepted=False) == Acknowledgement(
        status=400, media_type="text/plain", body=b"failure"
    )
