"""Jobs as messages: what was sent is what arrives, and what is no job is refused. Holds A04 (its poison), I34."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as some

from paycenter.contracts.jobs import decode, encode
from paycenter.domain import ids
from paycenter.domain.errors import Malformed
from paycenter.domain.jobs import Job, JobKind
from paycenter.domain.ladder import MAXIMUM_RUNGS
from tests.fakes.clock import START

ORDER = ids.order_id("tickets", "A-1")
MOMENT = some.integers(min_value=0, max_value=2**40)
JOBS = some.builds(
    Job,
    kind=some.sampled_from(JobKind),
    order_id=some.just(ORDER),
    due_at=MOMENT,
    sent_at=MOMENT,
    payment_no=some.sampled_from(["", f"{ORDER}P01"]),
    event_id=some.sampled_from(["", f"{ORDER}E01"]),
    attempt=some.integers(0, 1000),
    rest=some.lists(MOMENT, max_size=5).map(tuple),
    carries=some.booleans(),
    hopped=some.booleans(),
)
PLAIN = Job(kind=JobKind.EXPIRE, order_id=ORDER, due_at=START, sent_at=START)


@given(JOBS)
def test_a_job_arrives_as_it_was_sent(job: Job) -> None:
    assert decode(encode(job)) == job


def test_only_what_differs_from_the_default_travels() -> None:
    assert json.loads(encode(PLAIN)) == {
        "kind": "expire",
        "order_id": ORDER,
        "due_at": START,
        "sent_at": START,
    }


def test_the_longest_job_times_ten_fits_one_request() -> None:
    longest = replace(
        PLAIN,
        kind=JobKind.QUERY,
        payment_no=f"{ORDER}P10",
        rest=tuple(START + n for n in range(MAXIMUM_RUNGS)),
        carries=True,
        hopped=True,
    )
    assert len(encode(longest)) * 10 < 256 * 1024


def test_a_message_without_the_later_fields_is_read_with_their_defaults() -> None:
    assert decode(encode(PLAIN)) == PLAIN


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{}",
        "null",
        "[]",
        "hello",
        '{"kind":"bake","order_id":"A","due_at":1,"sent_at":1}',
        '{"kind":"expire","due_at":1,"sent_at":1}',
        '{"kind":"expire","order_id":"A","due_at":"soon","sent_at":1}',
        '{"kind":"expire","order_id":1,"due_at":1,"sent_at":1}',
        '{"kind":"expire","order_id":"A","due_at":1.5,"sent_at":1}',
        '{"kind":"expire","order_id":"A","due_at":1,"sent_at":1,"rest":"x"}',
    ],
)
def test_what_is_no_job_is_refused(body: str) -> None:
    with pytest.raises(Malformed, match="not a job"):
        decode(body)
