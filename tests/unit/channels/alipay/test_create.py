"""Creating payments with Alipay: two forms and an order string signed here, one code asked for."""

import json
from dataclasses import replace
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest

from paycenter.ports.channel import (
    AppAction,
    CreateAnswer,
    FormAction,
    Outcome,
    PaymentRequest,
    QrAction,
)
from paycenter.ports.transport import HttpResponse, NoAnswer, NotSent
from paychannels import rsa
from paychannels.alipay import create
from tests.unit.channels.scripted import (
    ACCOUNT,
    APP_PUBLIC,
    GATEWAY,
    NOW,
    PAYMENT,
    ScriptedTransport,
    StandingClock,
    answer,
    failure,
    parameters_of,
)

PRECREATE = "alipay.trade.precreate"
QR_PAYMENT = replace(PAYMENT, product="qr")
APP_PAYMENT = replace(PAYMENT, product="app")
CODE = "https://qr.alipay.example/bax03206abc"


def _form(payment: PaymentRequest, now: int = NOW) -> tuple[FormAction, dict[str, str]]:
    result = create.strategy(ScriptedTransport(), StandingClock(now)).execute(ACCOUNT, payment)
    assert result.outcome is Outcome.DONE
    assert isinstance(result.action, FormAction)
    pairs = [*parse_qsl(urlsplit(result.action.url).query), *result.action.fields.items()]
    assert len(dict(pairs)) == len(pairs)
    return result.action, dict(pairs)


def _precreate(
    *script: HttpResponse | NotSent | NoAnswer,
) -> tuple[CreateAnswer, ScriptedTransport]:
    transport = ScriptedTransport([*script])
    return create.strategy(transport, StandingClock()).execute(ACCOUNT, QR_PAYMENT), transport


def _holds(params: dict[str, str]) -> bool:
    unsigned = {name: value for name, value in params.items() if name != "sign"}
    text = "&".join(f"{name}={unsigned[name]}" for name in sorted(unsigned))
    return rsa.verify(APP_PUBLIC, text.encode(), params["sign"])


@pytest.mark.parametrize(
    ("product", "method", "product_code", "quit_url"),
    [
        ("page", "alipay.trade.page.pay", "FAST_INSTANT_TRADE_PAY", None),
        ("wap", "alipay.trade.wap.pay", "QUICK_WAP_WAY", PAYMENT.return_url),
    ],
)
def test_a_form_carries_the_signed_payment(
    product: str, method: str, product_code: str, quit_url: str | None
) -> None:
    action, params = _form(replace(PAYMENT, product=product))
    content = json.loads(params["biz_content"])
    assert action.method == "POST"
    assert action.url.startswith(f"{GATEWAY}?")
    assert _holds(params)
    assert (params["method"], params["app_id"]) == (method, ACCOUNT.settings["app_id"])
    assert (params["charset"], params["sign_type"], params["version"]) == ("utf-8", "RSA2", "1.0")
    assert params["timestamp"] == "2026-03-01 08:00:00"
    assert (params["notify_url"], params["return_url"]) == (PAYMENT.notify_url, PAYMENT.return_url)
    assert content.get("quit_url") == quit_url
    assert content["product_code"] == product_code
    assert content["out_trade_no"] == PAYMENT.payment_no
    assert content["total_amount"] == "128.00"
    # The absolute deadline, in Beijing; never a span that starts when the payer arrives.
    assert content["time_expire"] == "2026-03-01 08:29:55"
    assert "timeout_express" not in content


def test_the_gateway_finds_the_charset_in_the_address() -> None:
    action, _ = _form(PAYMENT)
    assert ("charset", "utf-8") in parse_qsl(urlsplit(action.url).query)
    assert list(action.fields) == ["biz_content"]


def test_a_repeat_signs_the_same_payment_afresh() -> None:
    _, first = _form(PAYMENT)
    _, later = _form(PAYMENT, NOW + 60)
    assert first["biz_content"] == later["biz_content"]
    assert first["timestamp"] != later["timestamp"]
    assert first["sign"] != later["sign"]


def test_empty_parameters_are_never_sent() -> None:
    _, params = _form(replace(PAYMENT, product="wap", return_url="", notify_url=""))
    assert not {"return_url", "notify_url"} & params.keys()
    assert "quit_url" not in json.loads(params["biz_content"])
    assert all(params.values())


@pytest.mark.parametrize(
    ("subject", "sent"),
    [
        ('"><script>alert(1)</script>', '"><script>alert(1)< script>'),
        ("票 + 100% “周末” 🎫", "票 + 100% “周末” 🎫"),
        ("A/B & C=D\r\nE", "A B C D E"),
        ("///", PAYMENT.payment_no),
        ("门" * 300, "门" * 127),
    ],
)
def test_any_subject_survives_the_wire(subject: str, sent: str) -> None:
    _, params = _form(replace(PAYMENT, subject=subject))
    assert json.loads(params["biz_content"])["subject"] == sent
    assert _holds(params)


@pytest.mark.parametrize(
    ("amount", "text"), [(1, "0.01"), (10, "0.10"), (100, "1.00"), (10_000_000_000, "100000000.00")]
)
def test_amounts_have_two_decimals(amount: int, text: str) -> None:
    _, params = _form(replace(PAYMENT, amount=amount))
    assert json.loads(params["biz_content"])["total_amount"] == text


def _order_string(payment: PaymentRequest, now: int = NOW) -> str:
    result = create.strategy(ScriptedTransport(), StandingClock(now)).execute(ACCOUNT, payment)
    assert result.outcome is Outcome.DONE
    assert isinstance(result.action, AppAction)
    assert result.action.parameters == {}
    return result.action.order_string


def test_an_order_string_carries_the_signed_payment() -> None:
    params = dict(parse_qsl(_order_string(APP_PAYMENT), strict_parsing=True))
    content = json.loads(params["biz_content"])
    assert _holds(params)
    assert params["method"] == "alipay.trade.app.pay"
    assert params["notify_url"] == PAYMENT.notify_url
    assert "return_url" not in params
    assert content["product_code"] == "QUICK_MSECURITY_PAY"
    assert (content["out_trade_no"], content["total_amount"]) == (PAYMENT.payment_no, "128.00")
    assert content["time_expire"] == "2026-03-01 08:29:55"


@pytest.mark.parametrize("subject", ["票 + 100% “周末” 🎫", 'a\'b"c"~!*()', "A & B = C?#[]"])
def test_an_order_string_is_encoded_value_by_value(subject: str) -> None:
    text = _order_string(replace(APP_PAYMENT, subject=subject))
    assert text.isascii()
    assert not set(text) & set(" +\"'<>#[]()!*?/")
    pairs = [part.split("=") for part in text.split("&")]
    assert all(len(pair) == 2 for pair in pairs)
    assert _holds({name: unquote(value) for name, value in pairs})


def test_a_repeated_order_string_holds_the_same_payment() -> None:
    first, later = (dict(parse_qsl(_order_string(APP_PAYMENT, now))) for now in (NOW, NOW + 60))
    assert first["biz_content"] == later["biz_content"]
    assert first["sign"] != later["sign"]


def test_a_code_is_asked_for_and_handed_on() -> None:
    result, transport = _precreate(
        answer(PRECREATE, code="10000", out_trade_no=PAYMENT.payment_no, qr_code=CODE)
    )
    assert result == CreateAnswer(outcome=Outcome.DONE, action=QrAction(content=CODE))
    [request] = transport.sent
    params = parameters_of(request)
    assert _holds(params)
    assert request.method == "POST"
    assert request.headers == {"content-type": "application/x-www-form-urlencoded;charset=utf-8"}
    assert params["notify_url"] == PAYMENT.notify_url
    assert "return_url" not in params
    assert json.loads(params["biz_content"])["time_expire"] == "2026-03-01 08:29:55"


def test_a_repeated_precreate_has_identical_content() -> None:
    good = answer(PRECREATE, code="10000", out_trade_no=PAYMENT.payment_no, qr_code=CODE)
    transport = ScriptedTransport([good, good])
    for moment in (NOW, NOW + 300):
        create.strategy(transport, StandingClock(moment)).execute(ACCOUNT, QR_PAYMENT)
    first, second = (parameters_of(request)["biz_content"] for request in transport.sent)
    assert first == second


@pytest.mark.parametrize(
    ("reply", "outcome", "code"),
    [
        (NotSent(), Outcome.NOT_EXECUTED, "not_sent"),
        (NoAnswer(), Outcome.UNKNOWN, "no_answer"),
        (failure(PRECREATE, "ACQ.INVALID_PARAMETER"), Outcome.REFUSED, "ACQ.INVALID_PARAMETER"),
        (failure(PRECREATE, "ACQ.TRADE_HAS_CLOSE"), Outcome.REFUSED, "ACQ.TRADE_HAS_CLOSE"),
        (failure(PRECREATE, "isv.insufficient-isv-permissions", "40006"), Outcome.REFUSED, None),
        # A trade with our number is there already: whether it is paid, the query says.
        (failure(PRECREATE, "ACQ.TRADE_HAS_SUCCESS"), Outcome.UNKNOWN, "ACQ.TRADE_HAS_SUCCESS"),
        (
            failure(PRECREATE, "ACQ.CONTEXT_INCONSISTENT"),
            Outcome.UNKNOWN,
            "ACQ.CONTEXT_INCONSISTENT",
        ),
        (
            answer(PRECREATE, code="10000", out_trade_no=PAYMENT.payment_no),
            Outcome.UNKNOWN,
            "unreadable_answer",
        ),
        (answer(PRECREATE, code="10000", qr_code=""), Outcome.UNKNOWN, "unreadable_answer"),
        (answer(PRECREATE, code="10000", qr_code=7), Outcome.UNKNOWN, "unreadable_answer"),
        (answer(PRECREATE, code="10000", qr_code="x" * 5000), Outcome.UNKNOWN, "unreadable_answer"),
        (answer(PRECREATE, code="10000", qr_code="a\nb"), Outcome.UNKNOWN, "unreadable_answer"),
        (
            answer(PRECREATE, code="10000", out_trade_no="OTHER", qr_code=CODE),
            Outcome.UNKNOWN,
            "unreadable_answer",
        ),
    ],
)
def test_a_precreate_without_a_code_says_why(
    reply: HttpResponse | NotSent | NoAnswer, outcome: Outcome, code: str | None
) -> None:
    result, _ = _precreate(reply)
    assert (result.outcome, result.action) == (outcome, None)
    assert code is None or result.code == code
