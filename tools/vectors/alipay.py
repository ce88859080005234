"""Alipay's cases."""

import base64
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from paycenter.ports.bills import BillRow, OddRow, RowKind
from paycenter.ports.channel import Account, RawCallback
from paycenter.ports.transport import HttpResponse
from paychannels import beijing
from paychannels.alipay import (
    answers,
    archive,
    bill_file,
    callbacks,
    certificates,
    credentials,
    encryption,
    rest,
    signing,
    wire,
)
from tools.vectors.cases import (
    ACCOUNT_ID,
    Case,
    Check,
    Keys,
    NotRun,
    Runner,
    StandingClock,
    stored_payment,
    verdict,
)

_THOUSANDTHS: Final = 1000


def alipay_request_sign(case: Case, keys: Keys) -> Iterator[Check]:
    """Sign a request's parameters."""
    expect, private_key = case["expect"], _private_key(case, keys)
    yield "string_to_sign", expect["string_to_sign"], signing.request_text(case["params"])
    yield "sign", expect["sign"], signing.signed(case["params"], private_key)["sign"]


def alipay_response_verify(case: Case, keys: Keys) -> Iterator[Check]:
    """Cut an answer's signed text out and verify it."""
    expect, key_of = case["expect"], partial(credentials.platform_key, _account(case, keys))
    answer = answers.verified(case["raw_body"].encode(), case["api"], key_of)
    yield "verified", expect["verified"], answer is not None
    if "signed_text" in expect:
        yield "signed_text", expect["signed_text"], answer.text if answer else None


def alipay_evoke(case: Case, keys: Keys) -> Iterator[Check]:
    """Make what evokes the cashier; it carries what the sample carries, to the same address."""
    address, carried = _evoked(case)
    yield from alipay_request_sign(case, keys)
    signed = signing.signed(case["params"], _private_key(case, keys))
    if case["kind"] == "app_order_string":
        yield "carried", sorted(carried), sorted(_pairs(wire.order_string(signed)))
        return
    form = wire.form(address, signed)
    yield "address", address, _address(form.url)
    yield "carried", sorted(carried), sorted([*_query(form.url), *form.fields.items()])


def alipay_notify(case: Case, keys: Keys) -> Iterator[Check]:
    """Take a notice for a stored order: verify, translate, bind, acknowledge."""
    expect, order = case["expect"], case["order"]
    account = _account(case, keys, app_id=order["app_id"], seller_id=order["seller_id"])
    taker, body = callbacks.strategy(StandingClock(0)), case["raw_body"].encode()
    raw = RawCallback(headers={"content-type": case["content_type"]}, body=body)
    said = verdict(taker, account, raw, stored_payment(order, "alipay"))
    answer = taker.acknowledge(accepted=not said.startswith("REJECT"))
    yield "signature_valid", expect["signature_valid"], said != "REJECT_SIGNATURE"
    yield "verdict", expect["verdict"], said
    yield "acknowledge", expect["acknowledge"], answer == taker.acknowledge(accepted=True)
    if "signed_text" in expect:
        fields = dict(parse_qsl(case["raw_body"], keep_blank_values=True))
        text = signing.notice_text(fields, credentials.platform_keys(account))
        yield "signed_text", expect["signed_text"], text


def alipay_v3(case: Case, keys: Keys) -> Iterator[Check]:
    """Sign a request of OpenAPI v3, or verify an answer."""
    yield from (_v3_request if "http_method" in case else _v3_answer)(case, keys)


def alipay_certificates(case: Case, keys: Keys) -> Iterator[Check]:
    """Make the serial text of a certificate or of a bundle."""
    if "bundle" in case:
        said = certificates.root_serial(keys["bundles"][case["bundle"]])
    else:
        said = certificates.serial(_certificate(case, keys))
    yield "sn", case["expect"]["sn"], said


def alipay_aes(case: Case, _keys: Keys) -> Iterator[Check]:
    """Encrypt and decrypt a content."""
    key, plain, sealed = case["key_base64"], case["plaintext"], case["ciphertext_base64"]
    yield "ciphertext_base64", sealed, encryption.encrypt(key, plain)
    yield "plaintext", plain, encryption.decrypt(key, sealed)


def alipay_bill(case: Case, _keys: Keys) -> Iterator[Check]:
    """Unpack a bill and read it."""
    expect, content = case["expect"], base64.b64decode(case["zip_base64"])
    yield "member_names", expect["member_names"], list(archive.members(content))
    lines = [line for line in bill_file.detail(content) if not isinstance(line, OddRow)]
    yield "detail_rows", expect["detail_rows"], [dict(line.fields) for line in lines]
    rows = [_normalised(row) for row in bill_file.rows(content) if isinstance(row, BillRow)]
    yield "normalised", expect["normalised"], rows
    totals = bill_file.totals(content)
    yield (
        "totals",
        expect["totals"],
        {
            "payments": totals.payments,
            "refunds": totals.refunds,
            "amount_sum_fen": totals.net,
            "received_sum_fen": bill_file.fen(totals.texts["商家实收（元）"]),
            "fee_sum_yuan": _fee(totals.fee_thousandths),
        },
    )


def _v3_request(case: Case, keys: Keys) -> Iterator[Check]:
    expect, private_key = case["expect"], _private_key(case, keys)
    auth = rest.auth_string(case["auth_fields"])
    token = case["headers"].get("alipay-app-auth-token", "")
    text = rest.text_to_sign(auth, case["http_method"], case["path_and_query"], case["body"], token)
    header = rest.authorization(auth, text, private_key)
    yield "auth_string", expect["auth_string"], auth
    yield "string_to_sign", expect["string_to_sign"], text
    yield "sign", expect["sign"], header.rpartition(",sign=")[2]
    yield "authorization", expect["authorization"], header


def _v3_answer(case: Case, keys: Keys) -> Iterator[Check]:
    response = HttpResponse(
        status=case["status"], headers=case["headers"], body=case["body"].encode()
    )
    said = rest.verified(_account(case, keys), response)
    yield "verified", case["expect"]["verified"], said


def _account(case: Case, keys: Keys, **settings: str) -> Account:
    # A case that names a certificate is one of certificate mode.
    if "certificate" in case:
        mode = {
            "sign_mode": credentials.CERTIFICATE,
            "alipay_certificate": _certificate(case, keys),
        }
        return Account(id=ACCOUNT_ID, channel="alipay", settings={**settings, **mode}, secrets={})
    public_key = keys["keys"][case["public_key"]]["public_pem"]
    return Account(
        id=ACCOUNT_ID,
        channel="alipay",
        settings=settings,
        secrets={"alipay_public_key": public_key},
    )


def _private_key(case: Case, keys: Keys) -> str:
    text: str = keys["keys"][case["private_key"]]["private_pkcs8_pem"]
    return text


def _certificate(case: Case, keys: Keys) -> str:
    text: str = keys["certificates"][case["certificate"]]["pem"]
    return text


def _normalised(row: BillRow) -> dict[str, Any]:
    return {
        "kind": row.kind.value,
        "platform_number": row.channel_transaction_no,
        "merchant_number": row.payment_no,
        "refund_number": row.refund_no,
        "amount_fen": -row.amount if row.kind is RowKind.REFUND else row.amount,
        "fee_yuan": _fee(row.fee_thousandths),
        "finished_at": beijing.to_text(row.at),
    }


def _fee(thousandths: int | None) -> str | None:
    # The bill's own view: what was charged is negative.
    if thousandths is None:
        return None
    fen = -thousandths // _THOUSANDTHS
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def _evoked(case: Case) -> tuple[str, list[tuple[str, str]]]:
    match case["kind"]:
        case "redirect_url":
            return _address(case["url"]), _query(case["url"])
        case "auto_submit_form":
            return _address(case["form_action"]), [
                *_query(case["form_action"]),
                *case["form_inputs"].items(),
            ]
        case "app_order_string":
            return "", _pairs(case["order_string"])
        case other:
            raise NotRun(other)


def _address(url: str) -> str:
    return urlsplit(url)._replace(query="").geturl()


def _query(url: str) -> list[tuple[str, str]]:
    return _pairs(urlsplit(url).query)


def _pairs(text: str) -> list[tuple[str, str]]:
    return parse_qsl(text, keep_blank_values=True)


RUNNERS: Final[Mapping[str, Runner]] = {
    "alipay_request_sign": alipay_request_sign,
    "alipay_response_verify": alipay_response_verify,
    "alipay_notify": alipay_notify,
    "alipay_evoke": alipay_evoke,
    "alipay_v3": alipay_v3,
    "alipay_certificates": alipay_certificates,
    "alipay_aes": alipay_aes,
    "alipay_bill": alipay_bill,
}
