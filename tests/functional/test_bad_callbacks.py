"""Callbacks that are forged, stale or do not match: no yes, no change, and at most one exception for people to see."""

import base64
import random
from typing import Final

import pytest

from tests.functional.bench import Bench
from tools.events import notices
from tools.events.envelopes import Event, Http
from tools.seed.orders import SEEDS, trade_no

pytestmark = [pytest.mark.emulator, pytest.mark.usefixtures("seeded")]

PAYING: Final = SEEDS["EVENT-PAYING"]
PAID: Final = SEEDS["EVENT-PAID"]
CALLBACK_BYTES: Final = 32 * 1024
TEN_MEGABYTES: Final = 10 * 1024 * 1024


def _acknowledged(bench: Bench, request: Http) -> tuple[int, str]:
    answer = bench.request("callback", request)
    return answer["statusCode"], answer["body"]


def test_a_callback_of_ten_megabytes(bench: Bench) -> None:
    with bench.quiet():
        for size in (CALLBACK_BYTES + 1, TEN_MEGABYTES):
            assert _acknowledged(bench, notices.post("x" * size)) == (413, "failure")


def test_forged_callbacks(bench: Bench) -> None:
    good = notices.signed(notices.fields(PAYING.payment_no(), trade_no(301), {}))
    chance = random.Random(42)
    with bench.quiet():
        for _ in range(40):
            field = chance.choice(sorted(good))
            value = good[field]
            place = chance.randrange(len(value) + 1)
            changed = value[:place] + chance.choice("0aZ+/=&%\x00票") + value[place + 1 :]
            if changed == value:
                continue
            assert _acknowledged(bench, notices.post({**good, field: changed})) == (400, "failure")


def test_callbacks_of_random_bytes(bench: Bench) -> None:
    chance = random.Random(43)
    event: Event = notices.post("x").event("random")
    with bench.quiet():
        for size in (1, 2, 10, 100, 1000, 30_000):
            event["body"] = base64.b64encode(chance.randbytes(size)).decode()
            answer = bench.invoke("callback", event)
            assert (answer["statusCode"], answer["body"]) == (400, "failure")


def test_an_unverified_callback_makes_no_call_but_for_the_account(bench: Bench) -> None:
    """I19: no write, no message, nothing beyond reading what the signature is checked with."""
    good = notices.signed(notices.fields(PAYING.payment_no(), trade_no(302), {}))
    with bench.calls() as calls:
        assert _acknowledged(bench, notices.post({**good, "total_amount": "0.01"})) == (
            400,
            "failure",
        )
    assert calls == ["dynamodb.GetItem", "ssm.GetParameters"]


def test_a_stale_callback_takes_nothing_back(bench: Bench) -> None:
    """Repeated and overtaken news are acknowledged and change nothing."""
    with bench.quiet():
        for status in ("WAIT_BUYER_PAY", "TRADE_CLOSED", "TRADE_SUCCESS", "TRADE_FINISHED"):
            about = notices.fields(PAID.payment_no(), trade_no(1), {"trade_status": status})
            assert _acknowledged(bench, notices.post(notices.signed(about))) == (200, "success")


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("AMOUNT_MISMATCH", {"total_amount": "128.01"}),
        ("AMOUNT_MISMATCH", {"total_amount": "0.01"}),
        ("AMOUNT_MISMATCH", {"total_amount": "12800"}),
        ("ACCOUNT_MISMATCH", {"app_id": "2021000000000002"}),
        ("ACCOUNT_MISMATCH", {"app_id": ""}),
        ("ACCOUNT_MISMATCH", {"seller_id": "2088000000000002"}),
        ("ACCOUNT_MISMATCH", {"seller_id": ""}),
        ("UNKNOWN_ORDER", {"out_trade_no": "A" * 26 + "P01"}),
        ("UNKNOWN_ORDER", {"out_trade_no": PAYING.payment_no(2)}),
        ("UNKNOWN_ORDER", {"out_trade_no": PAYING.payment_no().lower()}),
        ("UNKNOWN_ORDER", {"out_trade_no": ""}),
    ],
)
def test_mismatching_callbacks(
    bench: Bench, kind: str, changes: dict[str, str], request: pytest.FixtureRequest
) -> None:
    """I20: correctly signed, one field wrong: one exception however often it comes, no change, no yes."""
    trade = trade_no(1000 + sum(request.node.name.encode()))
    notice = notices.post(notices.signed(notices.fields(PAYING.payment_no(), trade, changes)))
    before = bench.snapshot()
    assert _acknowledged(bench, notice) == (400, "failure")
    after = bench.snapshot()
    bench.travel_to(int(bench.clock.now()) + 600)
    for _ in range(2):
        assert _acknowledged(bench, notice) == (400, "failure")
    assert bench.snapshot() == after
    raised = [
        item
        for key, item in after["EXCEPTIONS_TABLE"].items()
        if key not in before["EXCEPTIONS_TABLE"]
    ]
    assert [item["kind"]["S"] for item in raised] == [kind]
    assert raised[0]["channel_transaction_no"]["S"] == trade
    assert {name: after[name] for name in after if name != "EXCEPTIONS_TABLE"} == {
        name: before[name] for name in before if name != "EXCEPTIONS_TABLE"
    }
    assert bench.outbox.sent == []
