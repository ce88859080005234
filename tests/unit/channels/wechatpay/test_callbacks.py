"""WeChat's notices: verified, opened, translated, acknowledged; what is not proved is refused."""

import json
from dataclasses import replace
from typing import Any

import pytest

from paycenter.domain.settlement import Receipt
from paycenter.ports.channel import (
    Account,
    CallbackFact,
    CallbackRefused,
    FactKind,
    RawCallback,
    RefundFact,
    RefundStatus,
    VerifiedCallback,
)
from paychannels.wechatpay import callbacks
from tests.unit.channels.scripted import NOW, StandingClock
from tests.unit.channels.wechatpay.counterpart import (
    ACCOUNT,
    CERTIFICATE_ACCOUNT,
    NATIVE,
    PAID,
    REFUND,
    SERIAL_A,
    notice,
    seal,
    signed,
)

RECEIPT = Receipt(
    payment_no=NATIVE.payment_no,
    amount=12800,
    currency="CNY",
    channel_transaction_no="4200000000202603010000000077",
    paid_at=NOW + 300,
)
REFUNDED: dict[str, Any] = {
    "mchid": ACCOUNT.settings["mchid"],
    "out_trade_no": REFUND.payment_no,
    "transaction_id": "4200000000202603010000000077",
    "out_refund_no": REFUND.refund_no,
    "refund_id": "50000000002026030100000000077",
    "refund_status": "SUCCESS",
    "success_time": "2026-03-01T08:06:00+08:00",
    "user_received_account": "支付用户零钱",
    "amount": {"total": 12800, "refund": 300, "payer_total": 12300, "payer_refund": 288},
}
TAKER = callbacks.strategy(StandingClock())


def _verify(raw: RawCallback, account: Account = ACCOUNT) -> VerifiedCallback:
    return TAKER.verify(account, raw)


def _fact(content: object, event: str = "TRANSACTION.SUCCESS") -> CallbackFact:
    return TAKER.translate(ACCOUNT, _verify(notice(content, event)))


def _refused(raw: RawCallback, account: Account = ACCOUNT) -> CallbackRefused:
    with pytest.raises(CallbackRefused) as refused:
        TAKER.translate(account, _verify(raw, account))
    return refused.value


def test_a_paid_notice_is_its_receipt() -> None:
    fact = _fact(PAID)
    assert fact == CallbackFact(
        kind=FactKind.PAID,
        payment_no=NATIVE.payment_no,
        receipt=RECEIPT,
        channel_transaction_no="4200000000202603010000000077",
    )


def test_a_notice_under_a_certificate_holds_too() -> None:
    raw = notice(PAID, key="wechat.platform_a", serial=SERIAL_A)
    assert len(_verify(raw, CERTIFICATE_ACCOUNT).digest) == 64


@pytest.mark.parametrize("state", ["NOTPAY", "REFUND", "CLOSED", "success", "", None, "DREAMING"])
def test_any_other_state_changes_nothing(state: object) -> None:
    fact = _fact({**PAID, "trade_state": state})
    assert (fact.kind, fact.payment_no) == (FactKind.NOTHING, NATIVE.payment_no)
    assert fact.receipt is None


@pytest.mark.parametrize(
    "event", ["SECURITY_ECHO.SUCCESS", "PAYSCORE.USER_PAID", "", "transaction.success", "REFUND."]
)
def test_another_event_concerns_no_payment(event: str) -> None:
    assert _fact(PAID, event) == CallbackFact(kind=FactKind.NOTHING, payment_no="")


@pytest.mark.parametrize(
    ("changes", "stranger"),
    [
        ({"mchid": "1900009999"}, ("mchid",)),
        ({"appid": "wx0000000000009999"}, ("appid",)),
        ({"mchid": None, "appid": 7}, ("mchid", "appid")),
    ],
)
def test_a_notice_for_somebody_else_says_so(
    changes: dict[str, Any], stranger: tuple[str, ...]
) -> None:
    assert _fact({**PAID, **changes}).stranger == stranger


def test_a_missing_currency_is_cny_and_another_one_is_told() -> None:
    for currency, told in (("USD", "USD"), (None, "")):
        receipt = _fact({**PAID, "amount": {"total": 12800, "currency": currency}}).receipt
        assert receipt is not None
        assert receipt.currency == told
    assert _fact({**PAID, "amount": {"total": 12800}}).receipt == RECEIPT


@pytest.mark.parametrize("total", ["12800", 12800.0, True, None, -1, [12800]])
@pytest.mark.parametrize(
    ("content", "event"), [(PAID, "TRANSACTION.SUCCESS"), (REFUNDED, "REFUND.SUCCESS")]
)
def test_an_unreadable_amount_is_refused(
    content: dict[str, Any], event: str, total: object
) -> None:
    changed = {**content, "amount": {**content["amount"], "total": total}}
    assert str(_refused(notice(changed, event))) == "total is not an amount"


@pytest.mark.parametrize("number", ["", None, 7, "a b"])
def test_an_unreadable_transaction_number_is_refused(number: object) -> None:
    _refused(notice({**PAID, "transaction_id": number}))


def test_money_without_a_moment_came_when_it_was_told() -> None:
    receipt = _fact({**PAID, "success_time": ""}).receipt
    assert receipt is not None
    assert receipt.paid_at == NOW + 301


@pytest.mark.parametrize(
    ("word", "status", "stuck"),
    [
        ("SUCCESS", RefundStatus.SUCCEEDED, False),
        ("CLOSED", RefundStatus.FAILED, False),
        ("ABNORMAL", RefundStatus.PROCESSING, True),
        ("PROCESSING", RefundStatus.PROCESSING, False),
        ("DREAMING", RefundStatus.PROCESSING, False),
        ("success", RefundStatus.PROCESSING, False),
        (None, RefundStatus.PROCESSING, False),
    ],
)
@pytest.mark.parametrize("event", ["REFUND.SUCCESS", "REFUND.CLOSED", "REFUND.ABNORMAL"])
def test_a_refund_is_what_its_status_says(
    word: object,
    status: RefundStatus,
    stuck: bool,  # noqa: FBT001 - a parameter of the test
    event: str,
) -> None:
    fact = _fact({**REFUNDED, "refund_status": word}, event)
    assert fact == CallbackFact(
        kind=FactKind.REFUND,
        payment_no=REFUND.payment_no,
        receipt=replace(RECEIPT, paid_at=0),
        channel_transaction_no="4200000000202603010000000077",
        refund=RefundFact(
            refund_no=REFUND.refund_no,
            status=status,
            amount=300,
            channel_refund_no="50000000002026030100000000077",
            refunded_at=NOW + 360,
            stuck=stuck,
        ),
    )


def test_a_refund_names_no_app_and_a_merchant_that_is_ours() -> None:
    assert _fact(REFUNDED, "REFUND.SUCCESS").stranger == ()
    assert _fact({**REFUNDED, "mchid": "1"}, "REFUND.SUCCESS").stranger == ("mchid",)


@pytest.mark.parametrize("change", [{"refund_id": ""}, {"amount": {"total": 12800}}])
def test_an_unreadable_refund_is_refused(change: dict[str, Any]) -> None:
    _refused(notice({**REFUNDED, **change}, "REFUND.SUCCESS"))


def test_a_refund_that_is_closed_has_no_moment() -> None:
    content = {**REFUNDED, "refund_status": "CLOSED", "success_time": None}
    refund = _fact(content, "REFUND.CLOSED").refund
    assert refund is not None
    assert refund.refunded_at == 0


@pytest.mark.parametrize(
    "raw",
    [
        notice(PAID, key="wechat.stranger"),
        notice(PAID, serial="PUB_KEY_ID_1"),
        notice(PAID, serial=SERIAL_A, key="wechat.platform_a"),
        notice(PAID, signature="-"),
        notice(PAID, timestamp="-"),
        notice(PAID, nonce="-"),
        notice(PAID, serial="-"),
        notice(PAID, signature_type="WECHATPAY2-SHA1-RSA2048"),
        # A notice of ten minutes ago, sent once more: S-03.
        notice(PAID, now=NOW - 600),
        notice(PAID, now=NOW + 600),
        replace(notice(PAID), body=b"{}"),
        RawCallback(headers={}, body=b""),
    ],
)
def test_what_wechat_did_not_sign_is_refused_and_is_no_probe(raw: RawCallback) -> None:
    with pytest.raises(CallbackRefused) as refused:
        _verify(raw)
    assert not refused.value.probe
    assert refused.value.__cause__ is None


@pytest.mark.parametrize("now", [NOW, NOW - 900])
def test_a_probe_is_refused_and_wakes_nobody(now: int) -> None:
    raw = notice(PAID, signature="WECHATPAY/SIGNTEST/" + "A" * 325, now=now)
    assert _refused(raw).probe


def _sealed(plain: bytes) -> dict[str, Any]:
    return seal(plain, "transaction")


@pytest.mark.parametrize(
    "resource",
    [
        {"algorithm": "AEAD_SM4_GCM"},
        {"algorithm": None},
        {"associated_data": "refund"},
        {"associated_data": ""},
        {"nonce": "00112233445e"},
        {"nonce": "0011"},
        {"nonce": None},
        {"nonce": "\ud800" * 4},
        {"ciphertext": ""},
        {"ciphertext": "AAAA"},
        {"ciphertext": "*"},
        {"ciphertext": 7},
        _sealed(b"[]"),
        _sealed(b"7"),
        _sealed(b""),
        _sealed(b"\xff"),
        _sealed(b'{"a":1,"a":2}'),
    ],
    ids=str,
)
def test_what_does_not_open_is_refused(resource: dict[str, Any]) -> None:
    raw = notice(PAID, resource=resource)
    assert not _refused(raw).probe


def test_another_key_opens_nothing() -> None:
    _refused(notice(PAID, apiv3_key="AnotherThrowawayKeyOf32Bytes0078"))
    short = replace(ACCOUNT, secrets={**ACCOUNT.secrets, "apiv3_key": "short"})
    _refused(notice(PAID), short)


def test_additional_data_may_be_absent() -> None:
    plain = json.dumps(PAID).encode()
    for told in ("", None):
        resource = {**seal(plain, ""), "associated_data": told}
        assert TAKER.translate(ACCOUNT, _verify(notice(PAID, resource=resource))).receipt == RECEIPT


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"resource":7}', b"\xff", b"[" * 50_000])
def test_a_signed_body_that_is_no_notice_is_refused(body: bytes) -> None:
    _refused(RawCallback(headers=signed(body), body=body))


def test_header_names_have_no_case() -> None:
    raw = notice(PAID)
    shouted = {name.title(): value for name, value in raw.headers.items()}
    assert _verify(replace(raw, headers=shouted)).digest == _verify(raw).digest


def test_yes_and_no_are_in_wechat_s_own_form() -> None:
    yes, no = TAKER.acknowledge(accepted=True), TAKER.acknowledge(accepted=False)
    assert (yes.status, json.loads(yes.body)) == (200, {"code": "SUCCESS"})
    assert (no.status, json.loads(no.body)["code"]) == (400, "FAIL")
    assert yes.media_type == no.media_type == "application/json"
