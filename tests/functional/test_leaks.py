"""What an answer or the log must never tell: S-19, S-20 and S-30 of the security catalogue."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest

from sandbox.payer import PASSWORD
from tests.functional.actors import browse, chosen
from tests.functional.bench import Bench
from tools.events import notices
from tools.events.case import TICKETS_KEY, api
from tools.events.envelopes import Http
from tools.seed.orders import SEEDS, trade_no
from tools.seed.story import CHANNEL, SECRET
from tools.seed.writing import seed

pytestmark = [pytest.mark.emulator, pytest.mark.usefixtures("seeded")]

CREATED: Final = SEEDS["EVENT-CREATED"]
PAYING: Final = SEEDS["EVENT-PAYING"]
CHOICE: Final = json.dumps({"channel": CHANNEL, "product": "page"})


@pytest.fixture
def log(capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[[], str]]:
    """Return what tells all that was logged: lines of the logger, and metrics."""
    written = io.StringIO()
    handlers = [
        one
        for one in logging.getLogger("paycenter").handlers
        if isinstance(one, logging.StreamHandler)
    ]
    before = [handler.setStream(written) for handler in handlers]
    assert handlers
    capsys.readouterr()
    yield lambda: written.getvalue() + capsys.readouterr().out
    for handler, stream in zip(handlers, before, strict=True):
        handler.setStream(stream)


def everything_public() -> list[tuple[str, Http]]:
    """Return one good request for every address of the system."""
    line, payer = {"id": CREATED.order_id}, CREATED.token
    notice = notices.signed(notices.fields(PAYING.payment_no(), trade_no(502), {}))
    create = json.dumps(
        {"out_order_no": "ATTACK-LEAK", "amount": 1, "currency": "CNY", "subject": "x"}
    )
    return [
        ("create_order", api("POST /v1/orders", create)),
        ("query", api("GET /v1/orders/{id}", parameters=line)),
        ("query", api("GET /v1/orders", query={"out_order_no": CREATED.out_order_no})),
        ("expire", api("POST /v1/orders/{id}/close", "{}", parameters=line)),
        ("create_payment", api("POST /v1/orders/{id}/payments", CHOICE, parameters=line)),
        ("create_payment", chosen(payer)),
        ("cashier", browse("GET /cashier/{token}", payer)),
        ("cashier", browse("GET /cashier/{token}/status", payer)),
        ("cashier", browse("GET /cashier/{token}/return", PAYING.token)),
        ("callback", notices.post(notice)),
    ]


def _tells_nothing(answer: dict[str, Any], bench: Bench, *more: str) -> None:
    known = bench.system.environment
    inside = [
        known[name] for name in known if name.endswith(("_TABLE", "_QUEUE_URL", "_ARN", "_PREFIX"))
    ]
    inside += ["Traceback", "botocore", "dynamodb", "arn:", ".py", *more]
    assert [word for word in inside if word in json.dumps(answer)] == []


def test_s30_an_outage_behind_us_is_try_again_and_nothing_more(bench: Bench) -> None:
    bench.overrides |= {"ORDERS_TABLE": "no-such-table-of-ours"}
    with bench.quiet_store():
        for function, request in everything_public():
            answer = bench.request(function, request)
            assert answer["statusCode"] == 503, request.route
            assert answer["headers"]["retry-after"], request.route
            assert answer["body"] != "success"
            _tells_nothing(answer, bench, "no-such-table-of-ours")


def test_s30_a_defect_of_ours_is_told_to_nobody(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    canary = "canary-7361 in arn:aws:dynamodb"

    def broken(*_: object, **__: object) -> bytes:
        raise RuntimeError(canary)

    monkeypatch.setattr("paycenter.entry.http.read_body", broken)
    with bench.quiet():
        for function, request in everything_public():
            answer = bench.request(function, request)
            assert answer["statusCode"] == 500, request.route
            _tells_nothing(answer, bench, canary, "RuntimeError")


def test_s19_no_secret_reaches_the_log(bench: Bench, log: Callable[[], str]) -> None:
    """I40: keys, tokens, signatures and secrets, with everything going right and everything going wrong."""
    seed(bench.system, ["EVENT-PAY-QR", "EVENT-NOTIFY"])
    paying = {"id": SEEDS["EVENT-PAY-QR"].order_id}
    notice = notices.signed(
        notices.fields(PAYING.payment_no(), trade_no(503), {"total_amount": "1.00"})
    )
    requests = [
        *everything_public(),
        ("create_payment", api("POST /v1/orders/{id}/payments", json.dumps({"channel": CHANNEL, "product": "qr"}), parameters=paying)),
        ("create_order", api("POST /v1/orders", "{", key=f"{TICKETS_KEY}x")),
        ("callback", notices.post(notice)),
        ("callback", notices.post({**notice, "sign": notice["sign"][::-1]})),
    ]  # fmt: skip
    for function, request in requests[4:]:
        bench.request(function, request)
    bench.overrides |= {"ORDERS_TABLE": "no-such-table-of-ours"}
    for function, request in requests:
        bench.request(function, request)
    output = log()
    lines = [json.loads(line) for line in output.splitlines()]
    assert len(lines) >= len(requests)
    secrets = [
        *(TICKETS_KEY, SECRET, CREATED.token, PASSWORD, "whsec_", "PRIVATE KEY", "Bearer"),
        *(notice["sign"], notice["sign"][:40], notice["buyer_logon_id"], notice["buyer_id"]),
    ]
    assert [secret for secret in secrets if secret in output] == []


def test_s20_what_a_stranger_says_is_one_line_of_the_log(
    bench: Bench, log: Callable[[], str]
) -> None:
    forged = '\n{"level":"INFO","message":"paid"}\x1b[31m'
    poison = {"user-agent": forged, "x-amzn-trace-id": forged, "accept-language": forged}
    bench.request("cashier", browse("GET /cashier/{token}", forged, **poison))
    bench.request("callback", notices.post(f"sign={forged}", account=forged))
    body = json.dumps({"out_order_no": forged, "amount": 1, "currency": "CNY", "subject": forged})
    bench.request("create_order", api("POST /v1/orders", body))
    lines = log().splitlines()
    assert lines
    assert all(json.loads(line)["message"] != "paid" for line in lines)
    assert not any("\x1b" in line for line in lines)
