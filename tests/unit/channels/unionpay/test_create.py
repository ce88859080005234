"""Creating payments with UnionPay: two forms signed here, a number and a code asked for."""

from dataclasses import replace

import pytest
from cryptography.exceptions import InvalidSignature

from paycenter.ports.channel import (
    Account,
    Action,
    AppAction,
    CreateAnswer,
    FormAction,
    Outcome,
    PaymentRequest,
    QrAction,
)
from paycenter.ports.transport import HttpResponse, NoAnswer, NotSent
from paychannels.unionpay import create
from tests.unit.channels.scripted import NOW, ScriptedTransport, StandingClock
from tests.unit.channels.unionpay.acquirer import (
    ACCOUNT,
    PAYMENT,
    PKCS12_ACCOUNT,
    SETTINGS,
    answer,
    fields_of,
    plain,
    told,
    verify_ours,
)

QR = replace(PAYMENT, product="qr")
APP = replace(PAYMENT, product="app")
CODE = "https://qr.95516.example/00010000/62000000"
NUMBER = "262603010800000000001"


def _form(payment: PaymentRequest, account: Account = ACCOUNT, now: int = NOW) -> FormAction:
    result = create.strategy(ScriptedTransport(), StandingClock(now)).execute(account, payment)
    assert result.outcome is Outcome.DONE
    assert isinstance(result.action, FormAction)
    return result.action


def _ask(
    payment: PaymentRequest, *script: HttpResponse | NotSent | NoAnswer
) -> tuple[CreateAnswer, ScriptedTransport]:
    transport = ScriptedTransport([*script])
    return create.strategy(transport, StandingClock()).execute(ACCOUNT, payment), transport


@pytest.mark.parametrize(("product", "device"), [("gateway", "07"), ("wap", "08")])
@pytest.mark.parametrize("account", [ACCOUNT, PKCS12_ACCOUNT], ids=["pem", "pkcs12"])
def test_a_form_carries_the_signed_payment(product: str, device: str, account: Account) -> None:
    action = _form(replace(PAYMENT, product=product), account)
    fields = dict(action.fields)
    verify_ours(fields)
    del fields["signature"]
    assert (action.method, action.url) == ("POST", f"{SETTINGS['gateway']}frontTransReq.do")
    assert fields == {
        "version": "5.1.0",
        "encoding": "UTF-8",
        "signMethod": "01",
        "certId": SETTINGS["cert_id"],
        "txnType": "01",
        "txnSubType": "01",
        "bizType": "000201",
        "channelType": device,
        "accessType": "0",
        "merId": SETTINGS["mer_id"],
        "orderId": PAYMENT.payment_no,
        "txnTime": "20260301080000",
        "txnAmt": "12800",
        "currencyCode": "156",
        "payTimeout": "20260301082800",
        "frontUrl": PAYMENT.return_url,
        "backUrl": PAYMENT.notify_url,
        "riskRateInfo": "{commodityName=Two tickets 门票}",
    }


def test_a_repeat_is_the_same_form_whenever_it_is_signed() -> None:
    # `txnTime` is part of the payment's identity: another moment would be another payment.
    assert _form(PAYMENT) == _form(PAYMENT, now=NOW + 100)


@pytest.mark.parametrize(
    ("subject", "sent"),
    [
        ('"><script>alert(1)</script>', '"><script>alert(1)< script>'),
        ("票 + 100% “周末” 🎫", "票 + 100% “周末” 🎫"),
        ("{a=1&b=2} [c]", "a 1 b 2 c"),
        ("A/B & C=D\r\nE", "A B C D E"),
        ("{}[]", PAYMENT.payment_no),
        ("门" * 300, "门" * 127),
    ],
)
def test_any_subject_survives_the_wire(subject: str, sent: str) -> None:
    fields = dict(_form(replace(PAYMENT, subject=subject)).fields)
    assert fields["riskRateInfo"] == f"{{commodityName={sent}}}"
    verify_ours(fields)


@pytest.mark.parametrize("amount", [1, 100, 999_999_999_999])
def test_amounts_are_fen(amount: int) -> None:
    assert _form(replace(PAYMENT, amount=amount)).fields["txnAmt"] == str(amount)


def test_empty_fields_are_never_sent() -> None:
    fields = dict(_form(replace(PAYMENT, return_url="", notify_url=" ")).fields)
    assert not {"frontUrl", "backUrl"} & fields.keys()
    verify_ours(fields)


def test_the_check_of_our_signature_can_fail() -> None:
    with pytest.raises(InvalidSignature):
        verify_ours({**_form(PAYMENT).fields, "txnAmt": "1"})


@pytest.mark.parametrize(
    ("payment", "path", "expected", "name", "action"),
    [
        (
            APP,
            "appTransReq.do",
            {"txnSubType": "01", "bizType": "000201", "channelType": "08"},
            {"tn": NUMBER},
            AppAction(order_string=NUMBER),
        ),
        (
            QR,
            "backTransReq.do",
            {"txnSubType": "07", "bizType": "000000", "channelType": "08"},
            {"qrCode": CODE},
            QrAction(content=CODE),
        ),
    ],
    ids=["app", "qr"],
)
def test_what_is_asked_for_is_handed_on_and_stored(
    payment: PaymentRequest,
    path: str,
    expected: dict[str, str],
    name: dict[str, str],
    action: Action,
) -> None:
    result, transport = _ask(payment, answer("01", **name))
    assert result == CreateAnswer(outcome=Outcome.DONE, action=action, channel_data=name)
    [request] = transport.sent
    fields = fields_of(request)
    verify_ours(fields)
    assert request.url == SETTINGS["gateway"] + path
    assert request.headers == {"content-type": "application/x-www-form-urlencoded;charset=UTF-8"}
    assert {key: fields[key] for key in expected} == expected
    assert (fields["payTimeout"], fields["backUrl"]) == ("20260301082800", PAYMENT.notify_url)
    assert "frontUrl" not in fields


@pytest.mark.parametrize(
    ("payment", "data", "action"),
    [
        (APP, {"tn": NUMBER}, AppAction(order_string=NUMBER)),
        (QR, {"qrCode": CODE}, QrAction(content=CODE)),
    ],
)
def test_a_repeat_answers_what_was_stored_without_asking(
    payment: PaymentRequest, data: dict[str, str], action: Action
) -> None:
    # UnionPay would say 12, a duplicate, and not tell it again.
    result, transport = _ask(replace(payment, channel_data=data))
    assert (result.action, result.channel_data, transport.sent) == (action, data, [])


@pytest.mark.parametrize(
    "step",
    [
        plain(told("01", qrCode="")),
        plain(told("01")),
        plain(told("01", qrCode="x" * 1025)),
        plain(told("01", qrCode="a\nb")),
    ],
)
def test_an_answer_without_a_usable_code_is_unknown(step: HttpResponse) -> None:
    result, _ = _ask(QR, step)
    assert (result.outcome, result.action, result.code) == (Outcome.UNKNOWN, None, "no_qrCode")


@pytest.mark.parametrize(
    ("step", "outcome", "code"),
    [
        (NotSent(), Outcome.NOT_EXECUTED, "not_sent"),
        (NoAnswer(), Outcome.UNKNOWN, "no_answer"),
        (answer("01", respCode="12"), Outcome.UNKNOWN, "12"),
        (answer("01", respCode="01"), Outcome.UNKNOWN, "01"),
        (answer("01", respCode="05"), Outcome.UNKNOWN, "05"),
        (answer("01", respCode="06"), Outcome.NOT_EXECUTED, "06"),
        (answer("01", respCode="11"), Outcome.REFUSED, "11"),
        (answer("01", respCode="33"), Outcome.REFUSED, "33"),
        (answer("01", respCode="ZZ", qrCode=CODE), Outcome.UNKNOWN, "ZZ"),
        (answer("01", orderId="OTHER", qrCode=CODE), Outcome.UNKNOWN, "other_transaction"),
        (answer("00", qrCode=CODE), Outcome.UNKNOWN, "other_transaction"),
    ],
)
def test_a_create_has_four_outcomes(
    step: HttpResponse | NotSent | NoAnswer, outcome: Outcome, code: str
) -> None:
    result, _ = _ask(QR, step)
    assert (result.outcome, result.code, result.action) == (outcome, code, None)


def test_a_product_that_is_none_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        _ask(replace(PAYMENT, product="barcode"))
