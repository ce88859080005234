"""UnionPay's notices: what is believed, what it says, what is answered."""

from dataclasses import replace
from urllib.parse import parse_qsl, quote_plus

import pytest

from paycenter.domain.settlement import Receipt
from paycenter.ports.channel import (
    Acknowledgement,
    CallbackFact,
    CallbackRefused,
    FactKind,
    RawCallback,
    RefundFact,
    RefundStatus,
)
from paychannels.unionpay import callbacks, codes
from tests.unit.channels.scripted import NOW, StandingClock
from tests.unit.channels.unionpay.acquirer import (
    ACCOUNT,
    MONEY,
    PAYMENT,
    QUERY_ID,
    REFUND,
    SECRETS,
    SETTINGS,
    joined,
    raw,
    signature,
    told,
    told_of_refund,
)
from tests.unit.channels.unionpay.test_gateway import FORGED, STILL_NOT_IN_TEST

TAKER = callbacks.strategy(StandingClock())
OWN_ID = "262603010900000000002"
REFUND_MONEY = {
    **MONEY,
    "queryId": OWN_ID,
    "origQryId": QUERY_ID,
    "txnAmt": "350",
    "traceTime": "0301090001",
}


def _fact(fields: dict[str, str]) -> CallbackFact:
    return TAKER.translate(ACCOUNT, TAKER.verify(ACCOUNT, raw(fields)))


def _paid(**changes: str) -> dict[str, str]:
    return told("01", **{**MONEY, **changes})


def _refunded(txn_type: str = "04", **changes: str) -> dict[str, str]:
    return told_of_refund(txn_type, **{**REFUND_MONEY, **changes})


@pytest.mark.parametrize("code", ["00", "A6"])
def test_a_payment_is_told_with_its_receipt_and_its_moment(code: str) -> None:
    assert _fact(_paid(respCode=code)) == CallbackFact(
        kind=FactKind.PAID,
        payment_no=PAYMENT.payment_no,
        receipt=Receipt(
            payment_no=PAYMENT.payment_no,
            amount=12800,
            currency="CNY",
            channel_transaction_no=QUERY_ID,
            paid_at=NOW + 65,
        ),
        channel_transaction_no=QUERY_ID,
        created_at=NOW,
    )


@pytest.mark.parametrize(
    "code", sorted(codes.FAILED | codes.OPEN | {"12", "34", "37", "42", "98", "99", "ZZ", "", "-"})
)
def test_a_payment_that_is_not_paid_changes_nothing(code: str) -> None:
    fact = _fact(_paid(respCode=code, txnAmt="-"))
    assert (fact.kind, fact.receipt, fact.payment_no) == (
        FactKind.NOTHING,
        None,
        PAYMENT.payment_no,
    )


@pytest.mark.parametrize("txn_type", ["04", "31"])
@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("00", RefundStatus.SUCCEEDED),
        ("A6", RefundStatus.SUCCEEDED),
        *((code, RefundStatus.FAILED) for code in sorted(codes.FAILED)),
        *((code, RefundStatus.PROCESSING) for code in ("03", "04", "05", "12", "99", "ZZ", "-")),
    ],
)
def test_a_refund_or_undo_is_told_by_its_own_number(
    txn_type: str, code: str, status: RefundStatus
) -> None:
    succeeded = status is RefundStatus.SUCCEEDED
    assert _fact(_refunded(txn_type, respCode=code)) == CallbackFact(
        kind=FactKind.REFUND,
        payment_no="",
        refund=RefundFact(
            refund_no=REFUND.refund_no,
            status=status,
            amount=350,
            channel_refund_no=OWN_ID,
            refunded_at=REFUND.created_at + 1 if succeeded else 0,
        ),
        channel_transaction_no=QUERY_ID,
        created_at=REFUND.created_at,
    )


@pytest.mark.parametrize("fields", [_paid(merId="777290058110098"), _paid(merId="-")])
def test_a_notice_for_somebody_else_names_what_is_not_ours(fields: dict[str, str]) -> None:
    assert _fact(fields).stranger == ("merId",)


def test_another_moment_amount_currency_or_number_is_told_as_it_is() -> None:
    fact = _fact(_paid(txnTime="20260301080009", txnAmt="1", currencyCode="840", orderId="abc"))
    assert fact.receipt is not None
    assert (fact.created_at, fact.payment_no) == (NOW + 9, "abc")
    assert (fact.receipt.amount, fact.receipt.currency) == (1, "840")


@pytest.mark.parametrize(
    "fields",
    [
        *(_paid(txnAmt=amount) for amount in ("-", "", "128.00", "+1", "1e2", "１２８００")),
        *(_paid(queryId=number) for number in ("-", "a|b")),
        *(_paid(txnTime=moment) for moment in ("-", "", "20261301080000", "2026-03-01 08:00")),
        *(_paid(txnTime=moment, respCode="05") for moment in ("-", "yesterday")),
        *(_refunded(txnAmt=amount) for amount in ("-", "3.50")),
        _refunded(txnTime="-", respCode="33"),
        *(told(kind, **MONEY) for kind in ("00", "02", "76", "99", "", "-")),
    ],
)
def test_a_verified_notice_that_cannot_be_read_is_refused(fields: dict[str, str]) -> None:
    verified = TAKER.verify(ACCOUNT, raw(fields))
    with pytest.raises(CallbackRefused):
        TAKER.translate(ACCOUNT, verified)


@pytest.mark.parametrize("fields", FORGED.values(), ids=FORGED.keys())
def test_a_notice_that_unionpay_did_not_sign_is_refused(fields: dict[str, str]) -> None:
    with pytest.raises(CallbackRefused):
        TAKER.verify(ACCOUNT, raw(fields))


@pytest.mark.parametrize("what", sorted(STILL_NOT_IN_TEST))
def test_the_test_environment_lowers_nothing_else(what: str) -> None:
    account = replace(ACCOUNT, settings={**SETTINGS, "environment": "test"})
    with pytest.raises(CallbackRefused):
        TAKER.verify(account, raw(FORGED[what]))


def test_a_field_moved_between_names_is_refused() -> None:
    # The text that is signed knows no quoting: `a=1&b=2` is one field or two.
    fields = _paid()
    text = joined(fields)
    assert "&txnAmt=12800&" in text
    merged = {name: value for name, value in fields.items() if name != "txnAmt"}
    merged["traceTime"] += "&txnAmt=12800"
    assert joined(merged) == text
    verified = TAKER.verify(ACCOUNT, raw(merged))
    # The signature can't tell them apart, so the amount is missing and nothing is booked.
    with pytest.raises(CallbackRefused):
        TAKER.translate(ACCOUNT, verified)


@pytest.mark.parametrize("name", sorted(_paid()))
def test_a_field_that_is_there_twice_is_refused(name: str) -> None:
    body = raw(_paid()).body
    again = f"&{name}={quote_plus(_paid()[name])}".encode()
    with pytest.raises(CallbackRefused):
        TAKER.verify(ACCOUNT, RawCallback(headers={}, body=body + again))


def test_parameters_of_our_own_address_are_not_part_of_a_notice() -> None:
    # They never reach the body; one that did would break the signature.
    callback = raw(_paid())
    added = replace(callback, body=callback.body + b"&from=1")
    with pytest.raises(CallbackRefused):
        TAKER.verify(ACCOUNT, added)


NO_CERTIFICATE = b"-----BEGIN+CERTIFICATE-----%0AAAAA%0A-----END+CERTIFICATE-----"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"&&&",
        b"\xff\xfe",
        b"signature=%ff%fe&signMethod=01",
        b"{}",
        b"a=1&" * 200,
        b"signMethod=01&version=5.1.0&signature=\x00",
        "signMethod=01&version=5.1.0&signature=签名&signPubKeyCert=证书".encode(),
        b"signMethod=01&version=5.1.0&signature=AA%3D%3D&signPubKeyCert=" + b"A" * 30000,
        b"signMethod=01&version=5.1.0&signature=AA%3D%3D&signPubKeyCert=" + NO_CERTIFICATE,
        "signMethod=０１&version=5.1.0".encode(),
    ],
)
def test_any_bytes_are_refused_and_nothing_else(body: bytes) -> None:
    with pytest.raises(CallbackRefused):
        TAKER.verify(ACCOUNT, RawCallback(headers={}, body=body))


def test_every_single_changed_byte_of_the_signature_is_refused() -> None:
    fields = _paid()
    held = fields["signature"]
    for position in range(0, len(held) - 2, 17):
        changed = "A" if held[position] != "A" else "B"
        with pytest.raises(CallbackRefused):
            TAKER.verify(
                ACCOUNT,
                raw({**fields, "signature": held[:position] + changed + held[position + 1 :]}),
            )


def test_every_single_changed_byte_of_the_certificate_is_refused() -> None:
    fields = _paid()
    held = fields["signPubKeyCert"]
    for position in range(40, len(held) - 40, 61):
        changed = "A" if held[position] != "A" else "B"
        altered = held[:position] + changed + held[position + 1 :]
        unsigned = {**fields, "signPubKeyCert": altered}
        with pytest.raises(CallbackRefused):
            TAKER.verify(ACCOUNT, raw({**unsigned, "signature": signature(unsigned)}))


def test_a_notice_under_a_shared_key_needs_that_key() -> None:
    account = replace(
        ACCOUNT,
        settings={**SETTINGS, "sign_method": "11"},
        secrets={"secure_key": SECRETS["unionpay.secure_key"]},
    )
    for fields in FORGED.values():
        with pytest.raises(CallbackRefused):
            TAKER.verify(account, raw(fields))


def test_a_callback_needs_no_private_key() -> None:
    verified = TAKER.verify(replace(ACCOUNT, secrets={}), raw(_paid()))
    assert verified.fields["queryId"] == QUERY_ID


def test_empty_values_are_left_out() -> None:
    fields = _paid(reqReserved="")
    verified = TAKER.verify(ACCOUNT, raw(fields))
    assert "reqReserved" not in verified.fields
    assert dict(parse_qsl(raw(fields).body.decode(), keep_blank_values=True))["reqReserved"] == ""


def test_a_certificate_that_has_ended_ends_notices() -> None:
    later = callbacks.strategy(StandingClock(NOW + 28 * 366 * 86400))
    with pytest.raises(CallbackRefused):
        later.verify(ACCOUNT, raw(_paid()))


def test_the_digest_names_the_raw_bytes() -> None:
    one, same, other = raw(_paid()), raw(_paid()), raw(_paid(traceNo="000002"))
    digests = [TAKER.verify(ACCOUNT, callback).digest for callback in (one, same, other)]
    assert digests[0] == digests[1] != digests[2]


def test_yes_is_200_and_no_is_not() -> None:
    assert TAKER.acknowledge(accepted=True) == Acknowledgement(
        status=200, media_type="text/plain", body=b"ok"
    )
    assert TAKER.acknowledge(accepted=False) == Acknowledgement(
        status=400, media_type="text/plain", body=b"fail"
    )
