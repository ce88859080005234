"""Business lines that answer everything but yes: the ladder climbs, ends, and tells the same news under the same id."""

from collections.abc import Iterator
from typing import Any, Final

import pytest

from paycenter.domain.order import OwedEvent
from paycenter.domain.states import EventState
from tests.functional.bench import Bench, Sent
from tests.functional.inbox import webhook_secret
from tools.seed.orders import SEEDS
from tools.seed.writing import seed

pytestmark = pytest.mark.emulator

ORDER: Final = SEEDS["EVENT-NOTIFY"]
SECRET: Final = webhook_secret("tickets")
EVENT_ID: Final = f"{ORDER.order_id}E01"
LADDER_SECONDS: Final = (
    15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10800, 10800, 10800, 21600, 21600,
    *[21600] * 8, 10800,
)  # fmt: skip
SIX_HOURS: Final = 6 * 3600


@pytest.fixture(autouse=True)
def untold(bench: Bench) -> None:
    seed(bench.system, [ORDER.out_order_no])


def first(bench: Bench) -> Sent:
    now = int(bench.clock.now())
    job = {
        "kind": "notify",
        "order_id": ORDER.order_id,
        "event_id": EVENT_ID,
        "due_at": now,
        "sent_at": now,
    }
    return Sent("notify", job)


def event_of(bench: Bench) -> OwedEvent:
    return bench.order(ORDER.out_order_no).events[EVENT_ID]


def next_attempt(bench: Bench, answer: tuple[int, dict[str, str]], attempt: Sent) -> list[Sent]:
    """Deliver one attempt, let the business line answer so, and return what was sent because of it."""
    bench.inbox.answers.append(answer)
    bench.outbox.sent.clear()
    bench.deliver(attempt)
    return bench.outbox.take()


@pytest.mark.parametrize(
    "status", [199 + 101, 301, 302, 307, 308, 400, 401, 404, 429, 500, 502, 503]
)
def test_anything_but_2xx_is_tried_again(bench: Bench, status: int) -> None:
    elsewhere = {"location": f"{bench.inbox.url}/elsewhere"}
    (again,) = next_attempt(bench, (status, elsewhere), first(bench))
    assert (again.target, again.job["attempt"], again.delay) == ("notify", 1, LADDER_SECONDS[0])
    assert (event_of(bench).state, event_of(bench).attempt) == (EventState.OWED, 1)
    assert [letter.path for letter in bench.inbox.letters] == ["/hooks/tickets"]


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_2xx_is_delivered(bench: Bench, status: int) -> None:
    assert next_attempt(bench, (status, {}), first(bench)) == []
    assert event_of(bench).state is EventState.DELIVERED


@pytest.fixture
def configured_anew(bench: Bench) -> Iterator[None]:
    yield
    bench.dynamodb.update_item(
        TableName=bench.system.environment["CONFIG_TABLE"],
        Key={"id": {"S": "line#tickets"}},
        UpdateExpression="REMOVE gone_url",
    )


@pytest.mark.usefixtures("configured_anew")
def test_gone_is_given_up_and_disables_the_address(bench: Bench) -> None:
    assert next_attempt(bench, (410, {}), first(bench)) == []
    assert event_of(bench).state is EventState.DEAD
    seed(bench.system, [ORDER.out_order_no])
    bench.deliver(first(bench))
    assert event_of(bench).state is EventState.DEAD
    assert len(bench.inbox.letters) == 1


@pytest.mark.parametrize(
    ("retry_after", "wait"),
    [
        ("100", 100),
        ("1", 15),
        ("99999999", 15),
        ("9999999", SIX_HOURS),
        ("-5", 15),
        ("soon", 15),
        ("１００", 15),
    ],
)
def test_retry_after_is_honoured_up_to_a_cap(bench: Bench, retry_after: str, wait: int) -> None:
    header = retry_after.encode().decode("latin-1")
    (again,) = next_attempt(bench, (503, {"retry-after": header}), first(bench))
    assert again.job["due_at"] - again.job["sent_at"] == wait


def test_a_message_that_comes_twice_counts_once(bench: Bench) -> None:
    attempt = first(bench)
    next_attempt(bench, (500, {}), attempt)
    before = bench.snapshot()
    assert next_attempt(bench, (500, {}), attempt) == []
    assert bench.snapshot() == before
    assert len(bench.inbox.letters) == 1


def test_an_attempt_that_comes_early_waits(bench: Bench) -> None:
    (again,) = next_attempt(bench, (500, {}), first(bench))
    bench.outbox.sent.clear()
    bench.deliver(again)
    (waiting,) = bench.outbox.take()
    assert waiting.job == again.job
    assert len(bench.inbox.letters) == 1


def test_the_whole_ladder_ends_after_75_hours(bench: Bench) -> None:
    began = int(bench.clock.now())
    attempt, waits = first(bench), []
    for _ in LADDER_SECONDS:
        (again,) = next_attempt(bench, (500, {}), attempt)
        waits.append(again.job["due_at"] - again.job["sent_at"])
        bench.travel_to(again.job["due_at"])
        attempt = again
    assert next_attempt(bench, (500, {}), attempt) == []
    assert tuple(waits) == LADDER_SECONDS
    assert sum(waits) == 75 * 3600 + 4 * 60
    assert bench.clock.now() - began < sum(waits) + 60
    assert event_of(bench).state is EventState.DEAD
    assert len(bench.inbox.letters) == len(LADDER_SECONDS) + 1
    _all_the_same_news(bench)


def _all_the_same_news(bench: Bench) -> None:
    contents: list[dict[str, Any]] = [letter.content for letter in bench.inbox.letters]
    assert {letter.webhook_id for letter in bench.inbox.letters} == {EVENT_ID}
    assert {content["type"] for content in contents} == {"order.paid"}
    versions = [content["data"]["version"] for content in contents]
    assert versions == sorted(versions)
    sent = [int(letter.headers["webhook-timestamp"]) for letter in bench.inbox.letters]
    assert sent == sorted(set(sent))
    assert bench.inbox.letters[-1].verify(SECRET, bench.clock) == contents[-1]
