"""Account versions and their health over the real adapters. Holds I20, C17: rotation leaves payments under way working."""

import json
from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from paycenter.adapters.accounts import DynamoAccounts
from paycenter.domain.health import FAILURES_TO_BE_DOWN
from paychannels.registry import CHANNELS
from sandbox.ports import free_port
from sandbox.wechatpay.running import WechatControl, running_wechatpay
from tests.functional.actors import Line, browse, eventually, payer_at, type_the_password
from tests.functional.bench import Bench
from tests.functional.door import open_door
from tools.events.case import api
from tools.events.envelopes import Event

pytestmark = pytest.mark.emulator

OLD, NEW, CHANNEL = "account#alipay-main~1", "account#alipay-main~2", "channel#alipay"
FETCHING = "account#wechatpay-main~1"
_serialize: Final = TypeSerializer().serialize
_deserialize: Final = TypeDeserializer().deserialize
_HEALTH: Final = {"task": "health"}

type Item = dict[str, Any]
type Change = Callable[[str, Item], None]


@pytest.fixture(autouse=True)
def door(bench: Bench) -> Iterator[str]:
    with open_door(bench) as url:
        yield url


@pytest.fixture
def line(bench: Bench) -> Line:
    return Line(bench)


def stored(bench: Bench, key: str) -> Item:
    """Return an item of the configuration in plain values."""
    table = bench.system.environment["CONFIG_TABLE"]
    answer = bench.dynamodb.get_item(TableName=table, Key={"id": {"S": key}}, ConsistentRead=True)
    return {name: _deserialize(value) for name, value in answer["Item"].items()}


@pytest.fixture
def change(bench: Bench) -> Iterator[Change]:
    """Return what replaces parts of the configuration, for this test alone."""
    table = bench.system.environment["CONFIG_TABLE"]
    before = {key: stored(bench, key) for key in (OLD, CHANNEL, FETCHING)}

    def put(item: Item) -> None:
        typed = {name: _serialize(value) for name, value in item.items()}
        bench.dynamodb.put_item(TableName=table, Item=typed)

    yield lambda key, parts: put({**before.get(key, {}), **parts, "id": key})
    for item in before.values():
        put(item)
    bench.dynamodb.delete_item(TableName=table, Key={"id": {"S": NEW}})


@pytest.fixture(autouse=True)
def forget_health(bench: Bench) -> Iterator[None]:
    """Let no test after this one meet an account that is down."""
    yield
    book = DynamoAccounts(bench.system.environment["CONFIG_TABLE"])
    for channel in CHANNELS:
        if book.of_channel(channel).live:
            book.keep_health(channel, {})


def account_of(bench: Bench, order: dict[str, Any]) -> str:
    return bench.order(order["out_order_no"]).payments[f"{order['id']}P01"].account


def paid(line: Line, order: dict[str, Any]) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        found = line.get(order)
        return found if found["state"] == "PAID" else None

    return eventually(look, "PAID")


def test_a_new_version_takes_new_payments_and_callbacks_of_both_are_booked(
    bench: Bench, line: Line, change: Change
) -> None:
    before = line.create("ACCOUNTS-OLD")
    with payer_at(before, "page") as payer_before:
        change(NEW, stored(bench, OLD))
        change(
            CHANNEL,
            {
                "live": [{"account": "alipay-main~2", "weight": 1}],
                "retired": ["alipay-main~1"],
            },
        )
        after = line.create("ACCOUNTS-NEW")
        with payer_at(after, "page") as payer_after:
            type_the_password(payer_after)
        type_the_password(payer_before)
    for order, account in ((before, "alipay-main~1"), (after, "alipay-main~2")):
        assert account_of(bench, paid(line, order)) == account
        notices: Any = bench.alipay.trade(f"{order['id']}P01")["callbacks"]
        assert [notice["acknowledged"] for notice in notices] == [True]


def test_a_channel_that_does_not_answer_is_hidden_and_refused_and_comes_back_by_itself(
    bench: Bench, line: Line, change: Change
) -> None:
    order = line.create("ACCOUNTS-DOWN")
    settings = stored(bench, OLD)["settings"]
    change(OLD, {"settings": {**settings, "gateway": f"http://127.0.0.1:{free_port()}/"}})
    for _ in range(FAILURES_TO_BE_DOWN):
        assert bench.invoke("tend_accounts", _HEALTH) is None
    assert shown(bench, order) is False
    refusal = pay_by_line(bench, order)
    assert refusal["statusCode"] == 409
    assert json.loads(refusal["body"])["code"] == "channel_window_closed"

    change(OLD, {})
    assert bench.invoke("tend_accounts", _HEALTH) is None
    assert shown(bench, order) is True
    assert pay_by_line(bench, order)["statusCode"] == 201


def test_a_channel_that_answers_is_asked_once_and_nothing_is_kept(
    bench: Bench,
) -> None:
    before = questions(bench)
    assert bench.invoke("tend_accounts", _HEALTH) is None
    assert questions(bench) == before + 1
    # A first minute without trouble leaves nothing to keep.
    assert not stored(bench, CHANNEL).get("health")


def test_an_open_breaker_hides_nothing_from_payments_under_way(
    bench: Bench, line: Line, change: Change
) -> None:
    """One container, whose calls all fail: new payments stop, what is under way is answered, and AWS is asked no more."""
    first = line.create("ACCOUNTS-BREAKER")
    others = [line.create(f"ACCOUNTS-BREAKER-{number}") for number in range(5)]
    settings = stored(bench, OLD)["settings"]
    line.pay(first, "qr")
    change(OLD, {"settings": {**settings, "gateway": f"http://127.0.0.1:{free_port()}/"}})
    with bench.lock, bench.containers("create_payment") as (handler,):
        statuses = [pay_in(handler, order, "qr")["statusCode"] for order in others]
        assert statuses == [202] * 5
        assert pay_in(handler, first, "page")["statusCode"] == 409
        assert pay_in(handler, first, "qr")["statusCode"] == 202
    # Another container has seen nothing of it.
    assert pay_by_line(bench, first, "page")["statusCode"] == 201


@pytest.fixture
def fetching(bench: Bench, change: Change) -> Iterator[WechatControl]:
    """Be an account whose channel's certificates are fetched; it has none yet."""
    with running_wechatpay() as channel:
        settings = stored(bench, FETCHING)["settings"]
        own = {name: value for name, value in settings.items() if not name.startswith("public_key")}
        change(FETCHING, {"settings": {**own, "gateway": channel.url, "mode": "certificate"}})
        yield channel


def serials(bench: Bench) -> set[str]:
    return set(stored(bench, FETCHING).get("material", {}))


def failures(bench: Bench) -> int:
    known = stored(bench, "channel#wechatpay").get("health", {})
    return int(known.get("wechatpay-main~1", {"failures": 0})["failures"])


def test_certificates_are_fetched_twice_a_day_and_a_change_of_keys_is_not_noticed(
    bench: Bench, fetching: WechatControl
) -> None:
    assert serials(bench) == set()
    assert bench.invoke("tend_accounts", {"task": "material"}) is None
    # The one in use, and the next one, which the channel publishes before it signs with it.
    assert len(serials(bench)) == 2
    for _ in range(2):
        assert bench.invoke("tend_accounts", _HEALTH) is None
        assert failures(bench) == 0
        fetching.rotate_keys()


def test_a_channel_that_signs_with_a_key_never_seen_is_believed_again_within_minutes(
    bench: Bench, fetching: WechatControl
) -> None:
    assert fetching.url
    for minute in range(1, FAILURES_TO_BE_DOWN + 1):
        assert serials(bench) == set()
        assert bench.invoke("tend_accounts", _HEALTH) is None
        assert failures(bench) == minute
    # Going down, it got the channel's certificates.
    assert serials(bench)
    assert bench.invoke("tend_accounts", _HEALTH) is None
    assert failures(bench) == 0


def wanted(order: dict[str, Any], product: str) -> Event:
    body = json.dumps({"channel": "alipay", "product": product})
    route = "POST /v1/orders/{id}/payments"
    return api(route, body, parameters={"id": order["id"]}).event("wanted")


def pay_in(handler: Callable[..., Any], order: dict[str, Any], product: str) -> Any:  # noqa: ANN401 - as Lambda answers
    return handler(wanted(order, product), None)


def pay_by_line(bench: Bench, order: dict[str, Any], product: str = "page") -> Any:  # noqa: ANN401 - as Lambda answers
    return bench.invoke("create_payment", wanted(order, product))


def shown(bench: Bench, order: dict[str, Any]) -> bool:
    """Tell whether the cashier page offers the channel."""
    token = order["cashier_url"].rpartition("/")[2]
    answer = bench.request("cashier", browse("GET /cashier/{token}", token))
    assert answer["statusCode"] == 200
    return 'value="alipay"' in answer["body"]


def questions(bench: Bench) -> int:
    counts: Any = bench.alipay.calls()["counts"]
    return int(counts.get("alipay.trade.query", 0))
