"""Every operation in every mode of an account: two dialects, two ways to sign, with and without encryption.

Holds I13, I20: an answer that nobody trusted has signed, or that is about something else, decides nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from paycenter.ports.bills import BillKind
from paycenter.ports.channel import (
    Account,
    ChannelStatus,
    FormAction,
    Outcome,
    QrAction,
    RefundStatus,
)
from paycenter.ports.transport import HttpRequest, HttpResponse, NoAnswer, NotSent
from paychannels import rsa
from paychannels.alipay import bills, close, create, query, query_refund, refund
from tests.unit.channels.alipay.otherside import (
    APP_SERIAL,
    ORIGIN,
    PLATFORM_SERIAL,
    REFUND,
    ROOT_SERIAL,
    SIDES,
    TRADE_NO,
    Side,
)
from tests.unit.channels.scripted import (
    ACCOUNT,
    APP_PUBLIC,
    GATEWAY,
    NOW,
    PAYMENT,
    ScriptedTransport,
    StandingClock,
)

type Step = HttpResponse | NotSent | NoAnswer


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One operation: how it is asked, what it sends, what Alipay says when all is well."""

    method: str
    ask: Callable[[ScriptedTransport, Account], Any]
    content: Mapping[str, object]
    good: Mapping[str, object]
    verb: str = "POST"
    notify_url: str = ""

    def outcome(self, side: Side, step: Step, *, of: Account | None = None) -> Any:  # noqa: ANN401 - six kinds of answer
        return self.ask(ScriptedTransport([step]), of or side.account)


_NUMBER = {"out_trade_no": PAYMENT.payment_no}
_REFUND_NUMBERS = {**_NUMBER, "out_request_no": REFUND.refund_no}
OPERATIONS = {
    "precreate": Operation(
        method="alipay.trade.precreate",
        ask=lambda transport, of: create.strategy(transport, StandingClock()).execute(
            of, replace(PAYMENT, product="qr")
        ),
        content={
            **_NUMBER,
            "total_amount": "128.00",
            "subject": "Two tickets 门票",
            "product_code": "FACE_TO_FACE_PAYMENT",
            "time_expire": "2026-03-01 08:29:55",
        },
        good={**_NUMBER, "qr_code": "https://qr.alipay.example/bax0"},
        notify_url=PAYMENT.notify_url,
    ),
    "query": Operation(
        method="alipay.trade.query",
        ask=lambda transport, of: query.strategy(transport, StandingClock()).execute(of, PAYMENT),
        content=_NUMBER,
        good={
            **_NUMBER,
            "trade_no": TRADE_NO,
            "trade_status": "TRADE_SUCCESS",
            "total_amount": "128.00",
            "send_pay_date": "2026-03-01 08:05:00",
            "buyer_logon_id": '"}}]\\ 张三 🎫',
        },
    ),
    "close": Operation(
        method="alipay.trade.close",
        ask=lambda transport, of: close.strategy(transport, StandingClock()).execute(of, PAYMENT),
        content=_NUMBER,
        good={**_NUMBER, "trade_no": TRADE_NO},
    ),
    "refund": Operation(
        method="alipay.trade.refund",
        ask=lambda transport, of: refund.strategy(transport, StandingClock()).execute(of, REFUND),
        content={**_REFUND_NUMBERS, "refund_amount": "3.50", "refund_reason": "退票"},
        good={**_NUMBER, "trade_no": TRADE_NO, "fund_change": "Y", "refund_fee": "3.50"},
    ),
    "refund query": Operation(
        method="alipay.trade.fastpay.refund.query",
        ask=lambda transport, of: query_refund.strategy(transport, StandingClock()).execute(
            of, REFUND
        ),
        content={**_REFUND_NUMBERS, "query_options": ["gmt_refund_pay"]},
        good={**_REFUND_NUMBERS, "refund_status": "REFUND_SUCCESS", "refund_amount": "3.50"},
    ),
    "bill": Operation(
        method="alipay.data.dataservice.bill.downloadurl.query",
        ask=lambda transport, of: bills.strategy(transport, StandingClock()).download(
            of, "2026-03-01", BillKind.TRADES
        ),
        content={"bill_type": "trade", "bill_date": "2026-03-01"},
        # So that nothing is fetched: that is another test's.
        good={"bill_file_code": "EMPTY_DATA_WITH_BILL_FILE"},
        verb="GET",
    ),
}
EVERY_SIDE = pytest.mark.parametrize("side", SIDES.values(), ids=SIDES.keys())
EVERY_OPERATION = pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS.keys())


@EVERY_SIDE
@EVERY_OPERATION
def test_an_operation_asks_and_believes_a_signed_answer(side: Side, operation: Operation) -> None:
    transport = ScriptedTransport([side.says(operation.method, operation.good)])
    assert operation.ask(transport, side.account).outcome is Outcome.DONE
    [request] = transport.sent
    content = side.content(request)
    if side.v3:
        _assert_sent_in_v3(side, request, operation)
        assert content.pop("notify_url", "") == operation.notify_url
    else:
        _assert_sent_in_v2(side, request, operation)
    assert content == operation.content


def _assert_sent_in_v2(side: Side, request: HttpRequest, operation: Operation) -> None:
    address = dict(parse_qsl(urlsplit(request.url).query))
    params = {**address, **dict(parse_qsl(request.body.decode()))}
    assert request.url.startswith(f"{GATEWAY}?")
    assert (request.method, address["charset"]) == ("POST", "utf-8")
    assert request.headers == {"content-type": "application/x-www-form-urlencoded;charset=utf-8"}
    assert params["method"] == operation.method
    assert params.get("notify_url", "") == operation.notify_url
    assert params.get("encrypt_type") == ("AES" if side.encrypted else None)
    serials = (params.get("app_cert_sn"), params.get("alipay_root_cert_sn"))
    assert serials == ((APP_SERIAL, ROOT_SERIAL) if side.certified else (None, None))
    sign = params.pop("sign")
    text = "&".join(f"{name}={params[name]}" for name in sorted(params))
    assert rsa.verify(APP_PUBLIC, text.encode(), sign)


def _assert_sent_in_v3(side: Side, request: HttpRequest, operation: Operation) -> None:
    path = request.url.removeprefix(ORIGIN)
    headers = dict(request.headers)
    assert request.method == operation.verb
    assert path.partition("?")[0] == f"/v3/{operation.method.replace('.', '/')}"
    kind, _, rest = headers.pop("authorization").partition(" ")
    auth, _, sign = rest.partition(",sign=")
    assert kind == "ALIPAY-SHA256withRSA"
    fields = dict(part.split("=", 1) for part in auth.split(","))
    assert list(fields) == [
        "app_id",
        *(["app_cert_sn"] if side.certified else []),
        "nonce",
        "timestamp",
    ]
    assert (fields["app_id"], fields["timestamp"]) == (ACCOUNT.settings["app_id"], f"{NOW}000")
    assert fields.get("app_cert_sn", APP_SERIAL) == APP_SERIAL
    assert headers.pop("alipay-root-cert-sn", "") == (ROOT_SERIAL if side.certified else "")
    assert headers.pop("alipay-request-id") == fields["nonce"]
    sealed = side.encrypted and operation.verb == "POST"
    assert headers.pop("alipay-encrypt-type", "") == ("AES" if sealed else "")
    json_type = {} if operation.verb == "GET" else {"content-type": "application/json"}
    assert headers == {
        "accept": "application/json",
        **({"content-type": "text/plain"} if sealed else json_type),
    }
    text = f"{auth}\n{request.method}\n{path}\n{request.body.decode()}\n"
    assert rsa.verify(APP_PUBLIC, text.encode(), sign)


def _changed(body: bytes) -> bytes:
    middle = len(body) // 2
    return body[:middle] + (b"0" if body[middle] != 0x30 else b"1") + body[middle + 1 :]


def _broken(side: Side, operation: Operation) -> list[Step]:
    good = side.says(operation.method, operation.good)
    foreign = side.says("alipay.trade.page.pay", operation.good)
    return [
        side.says(operation.method, operation.good, key="alipay.stranger"),
        side.says(operation.method, operation.good, key="alipay.app"),
        replace(good, body=_changed(good.body)),
        replace(good, body=b""),
        replace(good, body=b"<html>"),
        replace(good, status=502),
        replace(good, status=202),
        *([] if side.v3 else [foreign]),
        *(
            [
                side.says(operation.method, operation.good, serial="0" * 32),
                side.says(operation.method, operation.good, serial=""),
                side.says(operation.method, operation.good, serial=PLATFORM_SERIAL.upper()),
            ]
            if side.certified
            else []
        ),
    ]


@EVERY_SIDE
@EVERY_OPERATION
def test_an_answer_that_alipay_did_not_sign_is_unknown(side: Side, operation: Operation) -> None:
    for step in _broken(side, operation):
        answer = operation.outcome(side, step)
        assert answer.outcome is Outcome.UNKNOWN, step
        assert getattr(answer, "status", None) is None


@EVERY_SIDE
@EVERY_OPERATION
def test_a_call_that_can_not_have_arrived_may_be_repeated(side: Side, operation: Operation) -> None:
    assert operation.outcome(side, NotSent()).outcome is Outcome.NOT_EXECUTED
    answer = operation.outcome(side, NoAnswer())
    assert (answer.outcome, answer.code) == (Outcome.UNKNOWN, "no_answer")


@EVERY_SIDE
@EVERY_OPERATION
@pytest.mark.parametrize("word", ["SYSTEM_ERROR", "UNKNOWN_ERROR"])
def test_a_failure_of_the_system_is_unknown(side: Side, operation: Operation, word: str) -> None:
    answer = operation.outcome(side, side.refuses(operation.method, word))
    assert answer.outcome is Outcome.UNKNOWN
    assert answer.code.endswith(word)


@EVERY_SIDE
@EVERY_OPERATION
def test_one_call_too_many_was_not_carried_out(side: Side, operation: Operation) -> None:
    answer = operation.outcome(side, side.refuses(operation.method, "app-call-limited"))
    assert answer.outcome is Outcome.NOT_EXECUTED


@EVERY_SIDE
def test_what_a_good_answer_says_reaches_us(side: Side) -> None:
    said = {
        name: one.outcome(side, side.says(one.method, one.good)) for name, one in OPERATIONS.items()
    }
    assert said["precreate"].action == QrAction(content="https://qr.alipay.example/bax0")
    assert said["query"].status is ChannelStatus.PAID
    assert said["query"].receipt.amount == PAYMENT.amount
    assert said["refund"].status is RefundStatus.SUCCEEDED
    assert (said["refund query"].status, said["refund query"].amount) == (
        RefundStatus.SUCCEEDED,
        REFUND.amount,
    )


@EVERY_SIDE
def test_a_trade_that_nobody_opened_is_not_found(side: Side) -> None:
    operation = OPERATIONS["query"]
    answer = operation.outcome(side, side.refuses(operation.method, "TRADE_NOT_EXIST"))
    assert (answer.outcome, answer.status) == (Outcome.DONE, ChannelStatus.NOT_FOUND)


@EVERY_SIDE
def test_what_the_browser_carries_is_v2_and_readable_in_every_mode(side: Side) -> None:
    for product in ("page", "wap"):
        answer = create.strategy(ScriptedTransport(), StandingClock()).execute(
            side.account, replace(PAYMENT, product=product)
        )
        assert isinstance(answer.action, FormAction)
        params = dict(parse_qsl(urlsplit(answer.action.url).query))
        assert answer.action.fields["biz_content"].startswith('{"out_trade_no":')
        assert "encrypt_type" not in params
        assert params.get("app_cert_sn", "") == (APP_SERIAL if side.certified else "")


@EVERY_SIDE
@EVERY_OPERATION
def test_a_service_provider_names_the_merchant(side: Side, operation: Operation) -> None:
    token = "202603BB77X01"
    of = replace(side.account, secrets={**side.account.secrets, "app_auth_token": token})
    transport = ScriptedTransport([side.says(operation.method, operation.good)])
    assert operation.ask(transport, of).outcome is Outcome.DONE
    [request] = transport.sent
    if not side.v3:
        assert dict(parse_qsl(request.body.decode()))["app_auth_token"] == token
        assert token not in request.url
        return
    auth, _, sign = request.headers["authorization"].partition(" ")[2].partition(",sign=")
    path, body = request.url.removeprefix(ORIGIN), request.body.decode()
    text = f"{auth}\n{request.method}\n{path}\n{body}\n{token}\n"
    assert request.headers["alipay-app-auth-token"] == token
    assert rsa.verify(APP_PUBLIC, text.encode(), sign)


def test_an_account_of_before_the_modes_is_v2_by_key_in_plain() -> None:
    operation, side = OPERATIONS["query"], SIDES["v2 key"]
    assert not {"protocol", "sign_mode", "encryption"} & ACCOUNT.settings.keys()
    good = side.says(operation.method, operation.good)
    assert operation.outcome(side, good, of=ACCOUNT).outcome is Outcome.DONE


def test_a_repeat_has_a_nonce_of_its_own() -> None:
    operation, side = OPERATIONS["query"], SIDES["v3 key"]
    good = side.says(operation.method, operation.good)
    transport = ScriptedTransport([good, good, good])
    for moment in (NOW, NOW + 1, NOW + 1):
        query.strategy(transport, StandingClock(moment)).execute(side.account, PAYMENT)
    first, second, third = (request.headers["alipay-request-id"] for request in transport.sent)
    assert first != second
    assert second == third
