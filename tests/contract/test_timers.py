"""What timers promise, of the fake and of SQS with Step Functions. Holds A02, A24; I30's names."""

from dataclasses import replace
from itertools import count

import pytest

from paycenter.domain import ids
from paycenter.domain.jobs import Job, JobKind
from tests.contract.conftest import Delays

_numbers = count(1)


@pytest.fixture
def job(delays: Delays) -> Job:
    now = delays.now()
    order_id = ids.order_id("contract", f"timer-{now}-{next(_numbers)}")
    return Job(kind=JobKind.EXPIRE, order_id=order_id, due_at=now, sent_at=now)


@pytest.mark.parametrize("kind", list(JobKind))
def test_a_job_that_is_due_arrives_at_its_queue(kind: JobKind, delays: Delays, job: Job) -> None:
    job = replace(job, kind=kind, payment_no=f"{job.order_id}P01", attempt=3)
    delays.timers.schedule([job])
    assert delays.arrived(delays.now() + delays.settle, 1) == [job]


def test_a_delay_is_honoured(delays: Delays, job: Job) -> None:
    later = replace(job, due_at=job.due_at + 850)
    delays.timers.schedule([later])
    assert delays.arrived(later.due_at - 1 - delays.blur) == []
    assert delays.arrived(later.due_at + delays.settle, 1) == [later]


def test_a_stage_arrives_rung_by_rung(delays: Delays, job: Job) -> None:
    rungs = [replace(job, kind=JobKind.QUERY, due_at=job.due_at + d) for d in (0, 400, 850)]
    rungs[2] = replace(rungs[2], carries=True, rest=(job.due_at + 5000,))
    delays.timers.schedule(rungs)
    assert delays.arrived(job.due_at + 850 + delays.settle, 3) == rungs


def test_twenty_five_jobs_all_arrive(delays: Delays, job: Job) -> None:
    jobs = [replace(job, attempt=n) for n in range(25)]
    delays.timers.schedule(jobs)
    arrived = delays.arrived(delays.now() + delays.settle, 25)
    assert sorted(one.attempt for one in arrived) == list(range(25))


def test_a_long_one_hops_first_and_then_waits_once(delays: Delays, job: Job) -> None:
    long = replace(job, due_at=job.due_at + 2700)
    delays.timers.schedule([long])
    assert delays.arrived(job.due_at + 899 - delays.blur) == []
    (hopped,) = delays.arrived(job.due_at + 900 + delays.settle, 1)
    assert hopped == replace(long, hopped=True)
    # Two copies of the hop start the same wait.
    delays.timers.resume(hopped)
    delays.timers.resume(hopped)
    assert delays.arrived(long.due_at - 1 - delays.blur) == []
    assert delays.arrived(long.due_at + delays.settle // 2) == [long]


def test_a_short_rest_after_a_hop_is_one_more_message(delays: Delays, job: Job) -> None:
    long = replace(job, due_at=job.due_at + 1500)
    delays.timers.schedule([long])
    (hopped,) = delays.arrived(job.due_at + 900 + delays.settle, 1)
    delays.timers.resume(hopped)
    assert delays.arrived(long.due_at + delays.settle, 1) == [replace(long, hopped=False)]


def test_an_early_one_is_sent_on_until_it_is_due(delays: Delays, job: Job) -> None:
    early = replace(job, due_at=job.due_at + 850)
    delays.timers.resume(early)
    assert delays.arrived(early.due_at - 1 - delays.blur) == []
    assert delays.arrived(early.due_at + delays.settle, 1) == [early]
