"""WeChat Pay's cases."""

import base64
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from paycenter.domain.order import Order, Refund
from paycenter.domain.states import RefundState
from paycenter.ports.bills import BillRow, OddRow, RowKind, RowStatus
from paycenter.ports.channel import (
    Account,
    CallbackFact,
    CallbackRefused,
    Callbacks,
    FactKind,
    RawCallback,
    RefundStatus,
)
from paycenter.ports.transport import HttpResponse
from paycenter.usecases import callback
from paychannels import beijing
from paychannels.wechatpay import (
    bills,
    callbacks,
    ciphers,
    material,
    signing,
    statements,
    verification,
)
from tools.vectors.cases import (
    ACCOUNT_ID,
    Case,
    Check,
    Keys,
    Runner,
    StandingClock,
    stored_order,
    stored_payment,
)

_OK: Final = 200
_REFUND_VERDICTS: Final = {
    RefundStatus.SUCCEEDED: "REFUND_SUCCEEDED",
    RefundStatus.FAILED: "REFUND_FAILED",
    RefundStatus.PROCESSING: "NO_STATE_CHANGE",
}
_ROW_STATUSES: Final = {
    "": RowStatus.SUCCEEDED,
    "SUCCESS": RowStatus.SUCCEEDED,
    "FAIL": RowStatus.FAILED,
}


def wechat_request_sign(case: Case, keys: Keys) -> Iterator[Check]:
    """Sign a request."""
    expect, body, now = case["expect"], case["body"].encode(), int(case["timestamp"])
    request = (case["http_method"], case["path_and_query"], body, now, case["nonce_str"])
    account = _account(
        {"mchid": case["mchid"], "merchant_serial": case["serial_no"]},
        {"private_key": keys["keys"][case["private_key"]]["private_pkcs8_pem"]},
    )
    header = signing.authorization(account, *request)
    signed = re.search(r'signature="([^"]*)"', header)
    yield "string_to_sign", expect["string_to_sign"], signing.request_text(*request).decode()
    yield "signature", expect["signature"], signed[1] if signed else ""
    yield "authorization", expect["authorization"], header


def wechat_pay_sign(case: Case, keys: Keys) -> Iterator[Check]:
    """Sign what evokes the payer's app."""
    expect = case["expect"]
    account = _account(
        {"appid": case["appid"], "mchid": case["mchid"]},
        {"private_key": keys["keys"][case["private_key"]]["private_pkcs8_pem"]},
    )
    sign = signing.app_parameters if case["kind"] == "app" else signing.jsapi_parameters
    params = sign(account, case["prepay_id"], int(case["timestamp"]), case["nonce_str"])
    yield "params", expect["params"], params
    yield "sign", expect["sign"], params.get("sign") or params["paySign"]


def wechat_response_verify(case: Case, keys: Keys) -> Iterator[Check]:
    """Verify an answer."""
    settings, fetched = _known(case, keys)
    account = _account(settings, {}, fetched)
    yield "verified", case["expect"]["verified"], _verified(case, case["body"], account)


def wechat_notify(case: Case, keys: Keys) -> Iterator[Check]:
    """Take a notice for a stored order: verify, open, translate, bind, acknowledge."""
    expect, order = case["expect"], case["order"]
    settings, fetched = _known(case, keys)
    account = _account(
        {"mchid": order["mchid"], "appid": order["appid"], **settings},
        {"apiv3_key": keys["secrets"]["wechat.apiv3_key"]},
        fetched,
    )
    taker = callbacks.strategy(StandingClock(case["now"]))
    said, resource = _verdict(taker, account, case)
    answer = taker.acknowledge(accepted=not said.startswith("REJECT"))
    accepted = _verified(case, case["raw_body"], account)
    yield "signature_accepted", expect["signature_accepted"], accepted
    yield "verdict", expect["verdict"], said
    yield "acknowledge", expect["acknowledge"], answer == taker.acknowledge(accepted=True)
    if "resource" in expect:
        yield "resource", expect["resource"], resource


def wechat_platform_certificates(case: Case, keys: Keys) -> Iterator[Check]:
    """Take the download of the platform certificates."""
    expect = case["expect"]
    response = HttpResponse(
        status=case["status"], headers=_lower(case["headers"]), body=case["body"].encode()
    )
    try:
        listed = material.accepted(response, case["apiv3_key"], {}, case["now"])
    except (ValueError, verification.Unverified):
        listed = {}
    yield "accepted", expect["accepted"], bool(listed) and case["status"] == _OK
    expected = {
        item["serial_no"]: keys["certificates"][item["certificate"]]["pem"].split()
        for item in expect.get("certificates", ())
    }
    yield "certificates", expected, {serial: pem.split() for serial, pem in listed.items()}


def wechat_crypto(case: Case, keys: Keys) -> Iterator[Check]:
    """Open what is sealed; what must not open is refused."""
    expect = case.get("expect", {})
    ciphertext = case.get("ciphertext_base64") or expect["ciphertext_base64"]
    expected = case.get("plaintext") or expect.get("plaintext")
    yield "plaintext", expected, _opened(case, ciphertext, keys)


def wechat_bill(case: Case, _keys: Keys) -> Iterator[Check]:
    """Check a bill's digest and read it."""
    expect = case["expect"]
    file = base64.b64decode(case.get("gzip_base64") or case["raw_base64"])
    digest = expect.get("sha1_hex") or expect["sha1_hex_of_uncompressed"]
    answer = bills.checked(file, digest)
    yield "other digest", b"", bills.checked(file, digest[::-1]).content
    statement = statements.read(answer.content)
    found = {
        "columns": list(statement.columns),
        "rows": [list(statement.cells(line).values()) for line in statement.lines],
        "row_count": len(statement.lines),
        "summary": statement.summary,
    }
    for name, value in found.items():
        if name in expect:
            yield name, expect[name], value
    if "normalised" in expect:
        expected = [_expected_row(row) for row in expect["normalised"]]
        rows = [_normalised(row) for row in statements.rows(answer.content)]
        yield "normalised", expected, rows


def _verdict(taker: Callbacks, account: Account, case: Case) -> tuple[str, object]:
    raw = RawCallback(headers=_lower(case["headers"]), body=case["raw_body"].encode())
    try:
        verified = taker.verify(account, raw)
    except CallbackRefused:
        known = _verified(case, case["raw_body"], account)
        return "REJECT_DECRYPT" if known else "REJECT_SIGNATURE", None
    resource = verified.fields["resource"]
    order = stored_order(stored_payment(case["order"], "wechatpay"), *_refunds(case["order"]))
    try:
        fact = taker.translate(account, verified)
    except CallbackRefused:
        return "REJECT_MISMATCH", resource
    return _told(fact) if _bound(fact, order, account) else "REJECT_MISMATCH", resource


def _bound(fact: CallbackFact, order: Order, account: Account) -> bool:
    # What concerns no payment is taken as it is. A refund is held against the stored one here: the callback's use case
    # books no refunds yet, and who does will compare both.
    if fact.kind is FactKind.NOTHING and not fact.payment_no and not fact.stranger:
        return True
    if callback.binding(fact, order, account.id) is not None:
        return False
    if fact.refund is None:
        return True
    stored = order.refunds.get(fact.refund.refund_no)
    return stored is not None and fact.refund.amount in {None, stored.amount}


def _told(fact: CallbackFact) -> str:
    if fact.refund is not None and fact.refund.stuck:
        return "REFUND_NEEDS_ATTENTION"
    if fact.refund is not None and fact.refund.status is not None:
        return _REFUND_VERDICTS[fact.refund.status]
    return "PAID" if fact.kind is FactKind.PAID else "NO_STATE_CHANGE"


def _refunds(order: Mapping[str, Any]) -> Iterator[Refund]:
    if "refund" in order:
        yield Refund(
            refund_no=order["refund"]["out_refund_no"],
            payment_no=order["out_trade_no"],
            amount=order["refund"]["refund_fen"],
            state=RefundState.PROCESSING,
            reason="vectors",
        )


def _account(
    settings: Mapping[str, str],
    secrets: Mapping[str, str],
    material: Mapping[str, str] | None = None,
) -> Account:
    return Account(
        id=ACCOUNT_ID,
        channel="wechatpay",
        settings=settings,
        secrets=secrets,
        material=material or {},
    )


def _known(case: Case, keys: Keys) -> tuple[dict[str, str], dict[str, str]]:
    # An account is configured with one public key; all else that a case knows is as if it had been fetched.
    pems = {
        serial: keys["keys"][name]["public_pem"]
        if name in keys["keys"]
        else keys["certificates"][name]["pem"]
        for serial, name in case["known_keys"].items()
    }
    configured = [serial for serial in pems if serial.startswith("PUB_KEY_ID_")][:1]
    settings = {
        name: value
        for serial in configured
        for name, value in (("public_key_id", serial), ("public_key", pems.pop(serial)))
    }
    return settings, pems


def _verified(case: Case, body: str, account: Account) -> bool:
    keys = verification.known_keys(account)
    try:
        verification.verify(_lower(case["headers"]), body.encode(), keys, case["now"])
    except verification.Unverified:
        return False
    return True


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _opened(case: Case, ciphertext: str, keys: Keys) -> str | None:
    try:
        if "private_key" in case:
            private_key = keys["keys"][case["private_key"]]["private_pkcs8_pem"]
            return ciphers.open_field(private_key, ciphertext)
        sealed = (case["nonce"], case.get("associated_data") or "", ciphertext)
        return ciphers.open_sealed(case["apiv3_key"], *sealed).decode()
    except ciphers.Unopened:
        return None


def _expected_row(row: Mapping[str, Any]) -> dict[str, object]:
    status = _ROW_STATUSES.get(row["refund_status"], RowStatus.PROCESSING)
    return {**row, "refund_status": status, "fee_yuan": Decimal(row["fee_yuan"])}


def _normalised(row: BillRow | OddRow) -> dict[str, object]:
    if isinstance(row, OddRow):
        return {"odd": row.reason}
    return {
        "kind": row.kind,
        "platform_number": row.channel_transaction_no,
        "merchant_number": row.payment_no,
        "refund_number": row.refund_no,
        "refund_status": row.status,
        "amount_fen": -row.amount if row.kind is RowKind.REFUND else row.amount,
        "fee_yuan": Decimal(row.fee_thousandths) / 100_000,
        "finished_at": beijing.to_text(row.at),
    }


RUNNERS: Final[Mapping[str, Runner]] = {
    "wechat_request_sign": wechat_request_sign,
    "wechat_pay_sign": wechat_pay_sign,
    "wechat_response_verify": wechat_response_verify,
    "wechat_notify": wechat_notify,
    "wechat_platform_certificates": wechat_platform_certificates,
    "wechat_crypto": wechat_crypto,
    "wechat_bill": wechat_bill,
}
