"""Jobs: names that fit Step Functions and tell jobs apart, and a minute of patience for a write to come. Holds I30."""

from dataclasses import replace

import pytest

from paycenter.domain import ids
from paycenter.domain.jobs import Job, JobKind
from tests.fakes.clock import START

ORDER = ids.order_id("tickets", "A-1")


def a_job(kind: JobKind = JobKind.QUERY, **changes: object) -> Job:
    fields: dict[str, object] = {"due_at": START + 10, "sent_at": START, **changes}
    return Job(kind=kind, order_id=ORDER, **fields)  # type: ignore[arg-type]  # a test's own fields


LONGEST = [
    a_job(
        JobKind.QUERY, payment_no=ids.payment_no(ORDER, 10), attempt=999_999, due_at=99_999_999_999
    ),
    a_job(JobKind.EXPIRE, attempt=999_999, due_at=99_999_999_999),
    a_job(JobKind.NOTIFY, event_id=ids.event_id(ORDER, 20), attempt=999_999, due_at=99_999_999_999),
]


@pytest.mark.parametrize("job", LONGEST, ids=lambda job: job.kind)
def test_the_longest_name_fits_80_characters_of_the_allowed_kind(job: Job) -> None:
    assert len(job.name) <= 80
    assert job.name.replace("-", "").isalnum()


def test_the_same_job_has_the_same_name_wherever_it_is_sent_from() -> None:
    job = a_job(payment_no=ids.payment_no(ORDER, 1), carries=True, rest=(START + 100,))
    assert replace(job, hopped=True, sent_at=START + 5).name == job.name


def test_another_job_has_another_name() -> None:
    jobs = [
        a_job(payment_no=ids.payment_no(ORDER, 1)),
        a_job(payment_no=ids.payment_no(ORDER, 2)),
        a_job(payment_no=ids.payment_no(ORDER, 1), due_at=START + 11),
        a_job(JobKind.EXPIRE),
        a_job(JobKind.EXPIRE, attempt=1),
        a_job(JobKind.EXPIRE, due_at=START + 11),
        a_job(JobKind.NOTIFY, event_id=ids.event_id(ORDER, 1)),
        a_job(JobKind.NOTIFY, event_id=ids.event_id(ORDER, 1), attempt=1),
        a_job(JobKind.NOTIFY, event_id=ids.event_id(ORDER, 2)),
    ]
    assert len({job.name for job in jobs}) == len(jobs)


def test_a_job_without_its_order_comes_again_every_5_s_for_a_minute() -> None:
    job = a_job(carries=True, rest=(START + 100,))
    sendings = []
    now = START + 10
    while (again := job.again(now)) is not None:
        sendings.append(again.due_at - START)
        assert again == replace(job, due_at=now + 5)
        job, now = again, again.due_at
    assert sendings == [15, 20, 25, 30, 35, 40, 45, 50, 55, 60]
