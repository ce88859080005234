"""UnionPay's cases."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import load_pem_x509_certificate

from paycenter.domain.order import Order, Payment, Refund
from paycenter.domain.states import RefundState
from paycenter.ports.bills import BillRow, OddRow, RowKind
from paycenter.ports.channel import (
    Account,
    CallbackRefused,
    Callbacks,
    ChannelStatus,
    Outcome,
    PaymentRequest,
    RawCallback,
    RefundRequest,
    RefundStatus,
)
from paycenter.ports.transport import HttpRequest, HttpResponse
from paycenter.usecases import callback
from paychannels.unionpay import (
    bills,
    callbacks,
    create,
    messages,
    moments,
    query,
    refund,
    settlement,
    signing,
    verification,
    wire,
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
    verdict,
)

# Any moment at which the certificates of the cases are meant to be judged.
_ANY_MOMENT: Final = moments.from_text("20300101120000")
_STATES: Final = {
    ChannelStatus.PAID: "SUCCEEDED",
    ChannelStatus.PENDING: "PAYING",
    # Before its deadline, nobody may have opened it yet.
    ChannelStatus.NOT_FOUND: "PAYING",
    ChannelStatus.CLOSED: "CLOSED",
}
_SETTINGS: Final = {
    "mer_id": "",
    "environment": "production",
    "gateway": "https://gateway.example/",
    "file_gateway": "https://file.example/",
    "front_path": "front",
    "back_path": "back",
    "app_path": "app",
    "query_path": "query",
    "same_day_refund": "refund",
    "sign_method": "01",
    "key_form": "pem",
    "cert_id": "1",
}
_SPKI: Final = (Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
_CODES: Final = {"156": "CNY"}


@dataclass(frozen=True, slots=True)
class _Answering:
    """A transport that has one answer."""

    body: bytes

    def send(self, _request: HttpRequest) -> HttpResponse:
        """Return it."""
        return HttpResponse(status=200, headers={}, body=self.body)


def unionpay_request_sign(case: Case, keys: Keys) -> Iterator[Check]:
    """Sign a request's parameters, with each form in which an account may hold its key."""
    expect = case["expect"]
    for account in _signers(case, keys):
        sent = signing.signed(case["params"], account)
        text = signing.text(sent)
        yield "string_to_sign", expect["string_to_sign"], text
        yield "signature", expect["signature"], sent["signature"]
        if "sha256_hex" in expect:
            yield "sha256_hex", expect["sha256_hex"], signing.digest(text).decode()
        if "cert_id" in expect:
            yield "cert_id", expect["cert_id"], sent["certId"]
        if "sent_fields" in expect:
            yield "sent_fields", expect["sent_fields"], sent


def unionpay_form(case: Case, keys: Keys) -> Iterator[Check]:
    """Make the form that evokes the cashier; whose key signed it, its `certId` tells."""
    inputs = case["inputs"]
    account = _account(
        {"sign_method": inputs["signMethod"], "cert_id": inputs["certId"]},
        {"private_key": _private_key(inputs["certId"], keys)},
    )
    params = {name: value for name, value in inputs.items() if name not in {"certId", "signature"}}
    form = wire.form(
        wire.Call(address=case["action"], params=params), signing.signed(params, account)
    )
    yield "action", case["action"], form.url
    yield "inputs", inputs, dict(form.fields)


def unionpay_response_verify(case: Case, keys: Keys) -> Iterator[Check]:
    """Read an answer as it came, verify it, and translate it."""
    expect, body = case["expect"], case["raw_body"].encode()
    now = case.get("now", _ANY_MOMENT)
    account = _trusting(case, case["environment"], keys)
    try:
        fields = messages.answer(body)
    except messages.Unreadable:
        fields = {}
    if "fields" in expect:
        yield "fields", expect["fields"], fields
    yield "verified", expect["verified"], _holds(fields, account, now)
    stated = _account({**account.settings, "mer_id": fields.get("merId", "")}, account.secrets)
    state = _state(body, fields, stated, now)
    yield "state", expect.get("state", "PAYING"), state


def unionpay_notify(case: Case, keys: Keys) -> Iterator[Check]:
    """Take a notice for a stored payment or refund: verify, translate, bind, acknowledge."""
    expect, order = case["expect"], case["order"]
    trusting = _trusting(case, order["environment"], keys)
    account = _account({**trusting.settings, "mer_id": order["merId"]}, trusting.secrets)
    taker = callbacks.strategy(StandingClock(case.get("now", _ANY_MOMENT)))
    raw = RawCallback(
        headers={"content-type": case["content_type"]}, body=case["raw_body"].encode()
    )
    taking = _refund_verdict if order.get("kind") == "refund" else _payment_verdict
    said = taking(taker, account, raw, order)
    answer = taker.acknowledge(accepted=not said.startswith("REJECT"))
    yield "signature_valid", expect["signature_valid"], said != "REJECT_SIGNATURE"
    yield "verdict", expect["verdict"], said
    yield "acknowledge", expect["acknowledge"], answer == taker.acknowledge(accepted=True)


def unionpay_bill(case: Case, _keys: Keys) -> Iterator[Check]:
    """Unpack a settlement file, cut its records, and read its rows."""
    expect = case["expect"]
    content = settlement.unpack(case["answer_fields"]["fileContent"])
    members = settlement.members(content)
    yield "member_names", expect["member_names"], [member.name for member in members]
    yield "field_widths", expect["field_widths"], list(settlement.TRADE_WIDTHS)
    yield "error_field_widths", expect["error_field_widths"], list(settlement.ERROR_WIDTHS)
    size = sum(settlement.TRADE_WIDTHS) + len(settlement.TRADE_WIDTHS) - 1
    yield "record_bytes", expect["record_bytes"], size
    trades = _records(members, settlement.TRADES, settlement.TRADE_WIDTHS)
    yield "rows", expect["rows"], trades
    errors = _records(members, settlement.ERRORS, settlement.ERROR_WIDTHS)
    yield "error_rows", expect["error_rows"], errors
    rows = list(bills.strategy(_Answering(b""), StandingClock(0)).rows(content))[: len(trades)]
    normalised = [_normalised(row, fields) for row, fields in zip(rows, trades, strict=True)]
    yield "normalised", expect["normalised"], normalised


def _account(settings: Mapping[str, str], secrets: Mapping[str, str]) -> Account:
    return Account(
        id=ACCOUNT_ID,
        channel="unionpay",
        settings={**_SETTINGS, **settings},
        secrets=secrets,
    )


def _signers(case: Case, keys: Keys) -> Iterator[Account]:
    method = {"sign_method": case["sign_method"]}
    if "secure_key" in case:
        yield _account(method, {"secure_key": case["secure_key"]})
        return
    cert_id = keys["certificates"][case["certificate"]]["serial_decimal"]
    private_key = keys["keys"][case["private_key"]]["private_pkcs8_pem"]
    yield _account({**method, "cert_id": cert_id}, {"private_key": private_key})
    secrets = keys.get("secrets", {})
    for name, file in secrets.items():
        password = secrets.get(f"{name.partition('.')[0]}.pfx_password", "")
        if name == f"{case['private_key']}_pfx_base64":
            yield _account(
                {**method, "key_form": "pkcs12"}, {"pkcs12": file, "pkcs12_password": password}
            )


def _private_key(cert_id: str, keys: Keys) -> str:
    [certificate] = [
        load_pem_x509_certificate(one["pem"].encode())
        for one in keys["certificates"].values()
        if one.get("serial_decimal") == cert_id
    ]
    numbers = certificate.public_key().public_bytes(*_SPKI)
    [private_key] = [
        key["private_pkcs8_pem"]
        for key in keys["keys"].values()
        if key["public_pem"].strip() == numbers.decode().strip()
    ]
    return str(private_key)


def _trusting(case: Case, environment: str, keys: Keys) -> Account:
    trust, certificates = case["trust"], keys["certificates"]
    return _account(
        {
            "environment": environment,
            "sign_method": case.get("expected_sign_method", "01"),
            "root_certificate": certificates[trust["root"]]["pem"],
            "middle_certificate": certificates[trust["middle"]]["pem"],
        },
        _asking_key(keys),
    )


def _asking_key(keys: Keys) -> dict[str, str]:
    # Whoever asks must sign; which key that is does not matter to the answer.
    return {"private_key": next(iter(keys["keys"].values()))["private_pkcs8_pem"]}


def _holds(fields: Mapping[str, str], account: Account, now: int) -> bool:
    try:
        verification.verify(fields, account, now)
    except verification.NotVerified:
        return False
    return True


def _state(body: bytes, fields: Mapping[str, str], account: Account, now: int) -> str:
    clock, transport = StandingClock(now), _Answering(body)
    product = _product(fields)
    kind = fields.get("txnType", "")
    if kind in {wire.REFUND, wire.UNDO}:
        wanted = _refund_request(fields, product, undo=kind == wire.UNDO)
        settings = {**account.settings, "same_day_refund": "undo"}
        answer = refund.strategy(transport, clock).execute(
            _account(settings, account.secrets), wanted
        )
        failed = answer.outcome is Outcome.REFUSED
        return RefundStatus.FAILED if failed else answer.status or RefundStatus.PROCESSING
    payment = _payment_request(fields, product, deadline=now + 600)
    if kind == wire.PURCHASE:
        created = create.strategy(transport, clock).execute(account, payment)
        return {Outcome.DONE: "CREATED", Outcome.REFUSED: "FAILED"}.get(created.outcome, "PAYING")
    said = query.strategy(transport, clock).execute(account, payment)
    # Whatever else came changes nothing.
    return "PAYING" if said.status is None else _STATES[said.status]


def _product(fields: Mapping[str, str]) -> str:
    qr = fields.get("bizType") == wire.PRODUCTS[wire.QR].business
    return wire.QR if qr else "app"


def _payment_request(fields: Mapping[str, str], product: str, *, deadline: int) -> PaymentRequest:
    return PaymentRequest(
        payment_no=fields.get("orderId", ""),
        product=product,
        amount=1,
        currency="CNY",
        subject="",
        created_at=_moment(fields),
        deadline=deadline,
        notify_url="",
        return_url="",
    )


def _refund_request(fields: Mapping[str, str], product: str, *, undo: bool) -> RefundRequest:
    moment = _moment(fields)
    return RefundRequest(
        refund_no=fields.get("orderId", ""),
        payment_no="",
        product=product,
        amount=1,
        total=1 if undo else 2,
        currency="CNY",
        reason="",
        created_at=moment,
        payment_created_at=moment,
        channel_transaction_no="1",
        notify_url="",
    )


def _moment(fields: Mapping[str, str]) -> int:
    return moments.from_text(fields.get("txnTime") or "20300101120000")


def _payment_verdict(
    taker: Callbacks, account: Account, raw: RawCallback, order: Mapping[str, Any]
) -> str:
    return verdict(taker, account, raw, _stored(order))


def _stored(order: Mapping[str, Any]) -> Payment:
    ours = {
        **order,
        "out_trade_no": order["orderId"],
        "currency": _CODES.get(order["currency_code"], order["currency_code"]),
    }
    return replace(stored_payment(ours, "unionpay"), created_at=_moment(order))


def _refund_verdict(
    taker: Callbacks, account: Account, raw: RawCallback, order: Mapping[str, Any]
) -> str:
    try:
        verified = taker.verify(account, raw)
    except CallbackRefused:
        return "REJECT_SIGNATURE"
    try:
        fact = taker.translate(account, verified)
    except CallbackRefused:
        return "REJECT_MISMATCH"
    stored = _stored_with_refund(order)
    known = stored.refunds.get(fact.refund.refund_no) if fact.refund else None
    # UnionPay names the refund alone; the payment is what we stored with it.
    bound = replace(fact, payment_no=known.payment_no) if known else fact
    odd = callback.binding(bound, stored, account.id)
    if odd is not None or fact.refund is None:
        return "REJECT_MISMATCH"
    named = {RefundStatus.SUCCEEDED: "REFUND_SUCCEEDED", RefundStatus.FAILED: "REFUND_FAILED"}
    return named.get(fact.refund.status or RefundStatus.PROCESSING, "NO_STATE_CHANGE")


def _stored_with_refund(order: Mapping[str, Any]) -> Order:
    payment = _stored({**order, "orderId": "PAYMENT", "local_state": "SUCCEEDED"})
    refund = Refund(
        refund_no=order["orderId"],
        payment_no=payment.payment_no,
        amount=order["amount_fen"],
        state=RefundState.PROCESSING,
        reason="",
        created_at=_moment(order),
    )
    return stored_order(payment, refund)


def _records(
    members: list[settlement.Member], kind: str, widths: tuple[int, ...]
) -> list[dict[str, str]]:
    return [
        {str(number): text for number, text in record.fields.items()}
        for member in members
        if member.kind == kind
        for record in settlement.records(member.content, widths)
    ]


def _normalised(row: BillRow | OddRow, fields: Mapping[str, str]) -> dict[str, object]:
    if isinstance(row, OddRow):
        return {"odd": row.reason}
    refunded = row.kind is RowKind.REFUND
    return {
        "kind": row.kind,
        "merchant_number": row.refund_no if refunded else row.payment_no,
        "platform_number": row.channel_refund_no if refunded else row.channel_transaction_no,
        "original_platform_number": row.channel_transaction_no if refunded else "",
        "trace_time": moments.to_text(row.at)[4:],
        "amount_fen": -row.amount if refunded else row.amount,
        "fee_fen": -row.fee_thousandths // 1000,
        "settle_fen": settlement.signed_fen(fields["17"]),
    }


RUNNERS: Final[Mapping[str, Runner]] = {
    "unionpay_request_sign": unionpay_request_sign,
    "unionpay_form": unionpay_form,
    "unionpay_response_verify": unionpay_response_verify,
    "unionpay_notify": unionpay_notify,
    "unionpay_bill": unionpay_bill,
}
