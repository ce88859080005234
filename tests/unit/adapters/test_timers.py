"""The delay port's two adapters: chosen by business time, rounded up, then divided. Holds A02, A08, A24; I30's names."""

import json
from dataclasses import replace

import pytest
from botocore.exceptions import EndpointConnectionError

from paycenter.adapters.clock import ScaledClock
from paycenter.adapters.timers import AwsTimers
from paycenter.contracts.jobs import decode
from paycenter.domain import ids
from paycenter.domain.errors import TryAgain
from paycenter.domain.jobs import Job, JobKind
from tests.fakes.clock import START
from tests.unit.adapters.stub import StubClient, aws_error

ORDER = ids.order_id("tickets", "A-1")
QUEUES = {kind: f"https://sqs/{kind}" for kind in JobKind}


class StandingClock(ScaledClock):
    """Stands at the start of the tests."""

    def now(self) -> int:
        """Return the start."""
        return START


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> StubClient:
    stub = StubClient()
    monkeypatch.setattr("paycenter.adapters.timers.client", lambda _service: stub)
    return stub


def timers(rate: int = 1, anchor: int = 0) -> AwsTimers:
    return AwsTimers(StandingClock(rate, anchor), QUEUES, "arn:wait")


def due_in(seconds: int, kind: JobKind = JobKind.EXPIRE) -> Job:
    return Job(kind=kind, order_id=ORDER, due_at=START + seconds, sent_at=START)


@pytest.mark.parametrize(("seconds", "delay"), [(-10, 0), (0, 0), (1, 1), (899, 899), (900, 900)])
def test_up_to_900_s_is_one_delayed_message(seconds: int, delay: int, aws: StubClient) -> None:
    timers().schedule([due_in(seconds)])
    (sent,) = aws.of("send_message")
    assert (sent["QueueUrl"], sent["DelaySeconds"]) == ("https://sqs/expire", delay)
    assert decode(sent["MessageBody"]) == due_in(seconds)


@pytest.mark.parametrize("seconds", [901, 1800, 86400])
def test_beyond_900_s_it_hops_first_and_keeps_its_moment(seconds: int, aws: StubClient) -> None:
    timers().schedule([due_in(seconds)])
    (sent,) = aws.of("send_message")
    assert sent["DelaySeconds"] == 900
    assert decode(sent["MessageBody"]) == replace(due_in(seconds), hopped=True)
    assert aws.of("start_execution") == []


@pytest.mark.parametrize(
    ("seconds", "delay", "hopped"),
    [
        (0, 0, False),
        (1, 1, False),
        (59, 1, False),
        (60, 1, False),
        (61, 2, False),
        (115, 2, False),
        (900, 15, False),
        # Chosen in business time: at rate 60 an order of half an hour still passes hop and wait.
        (901, 15, True),
        (1800, 15, True),
    ],
)
def test_a_fast_clock_is_divided_out_after_the_choice_and_rounds_up(
    seconds: int,
    delay: int,
    *,
    hopped: bool,
    aws: StubClient,
) -> None:
    timers(rate=60, anchor=START - 3600).schedule([due_in(seconds)])
    (sent,) = aws.of("send_message")
    assert sent["DelaySeconds"] == delay
    assert decode(sent["MessageBody"]).hopped is hopped


def test_a_stage_is_one_request_and_each_entry_has_its_own_delay(aws: StubClient) -> None:
    jobs = [due_in(seconds, JobKind.QUERY) for seconds in (10, 15, 25)]
    timers().schedule(jobs)
    assert aws.of("send_message") == []
    (sent,) = aws.of("send_message_batch")
    assert sent["QueueUrl"] == "https://sqs/query"
    assert [entry["DelaySeconds"] for entry in sent["Entries"]] == [10, 15, 25]
    assert [decode(entry["MessageBody"]) for entry in sent["Entries"]] == jobs


@pytest.mark.parametrize(
    ("count", "batches", "singles"),
    [(0, [], 0), (1, [], 1), (10, [10], 0), (11, [10], 1), (25, [10, 10, 5], 0)],
)
def test_ten_jobs_go_in_one_request(
    count: int, batches: list[int], singles: int, aws: StubClient
) -> None:
    timers().schedule([due_in(n) for n in range(count)])
    assert [len(sent["Entries"]) for sent in aws.of("send_message_batch")] == batches
    assert len(aws.of("send_message")) == singles
    names = [entry["Id"] for sent in aws.of("send_message_batch") for entry in sent["Entries"]]
    assert len(set(names)) == len(names)


def test_a_batch_of_which_a_part_failed_is_repeated_as_a_whole(aws: StubClient) -> None:
    aws.answers["send_message_batch"] = [{"Successful": [{}], "Failed": [{"Id": "1"}]}]
    with pytest.raises(TryAgain, match="Not every timer could be set"):
        timers().schedule([due_in(1), due_in(2)])


@pytest.mark.parametrize("jobs", [[due_in(1)], [due_in(1), due_in(2)]])
@pytest.mark.parametrize(
    "error",
    [aws_error("RequestThrottled"), EndpointConnectionError(endpoint_url="https://sqs")],
    ids=["refused", "unreachable"],
)
def test_a_queue_that_does_not_take_it_is_told_as_try_again(
    jobs: list[Job], error: Exception, aws: StubClient
) -> None:
    aws.answers = {"send_message": [error], "send_message_batch": [error]}
    with pytest.raises(TryAgain):
        timers().schedule(jobs)


def test_a_job_that_came_early_by_message_goes_on_by_message(aws: StubClient) -> None:
    timers().resume(due_in(30))
    assert [sent["DelaySeconds"] for sent in aws.of("send_message")] == [30]


def after_its_hop(rest: int) -> Job:
    return replace(due_in(rest), sent_at=START - 900, hopped=True)


@pytest.mark.parametrize("rest", [1, 300, 899])
def test_a_short_rest_after_the_hop_is_one_more_message(rest: int, aws: StubClient) -> None:
    timers().resume(after_its_hop(rest))
    (sent,) = aws.of("send_message")
    assert sent["DelaySeconds"] == rest
    assert decode(sent["MessageBody"]) == replace(after_its_hop(rest), hopped=False)


@pytest.mark.parametrize("rest", [900, 1015, 85500])
def test_a_long_rest_after_the_hop_waits_in_one_named_execution(rest: int, aws: StubClient) -> None:
    job = after_its_hop(rest)
    timers().resume(job)
    (started,) = aws.of("start_execution")
    assert (started["stateMachineArn"], started["name"]) == ("arn:wait", job.name)
    execution = json.loads(started["input"])
    assert execution["queue_url"] == "https://sqs/expire"
    assert decode(execution["body"]) == replace(job, hopped=False)
    assert aws.of("send_message") == []


def test_a_worker_that_comes_late_to_the_end_of_a_hop_decides_alike(aws: StubClient) -> None:
    # 30 s late: 870 s are left, but 900 were when the hop ended.
    timers().resume(replace(due_in(870), sent_at=START - 930, hopped=True))
    assert len(aws.of("start_execution")) == 1


@pytest.mark.parametrize(
    ("rate", "anchor", "seconds", "due"),
    [
        (1, 0, 3600, "2026-11-18T01:00:00Z"),
        # 7,200 business seconds after the anchor are 120 real ones; 7,201 are rounded up to 121.
        (60, START - 3600, 3600, "2026-11-17T23:02:00Z"),
        (60, START - 3600, 3601, "2026-11-17T23:02:01Z"),
    ],
)
def test_an_execution_waits_until_the_real_instant_never_earlier(
    rate: int, anchor: int, seconds: int, due: str, aws: StubClient
) -> None:
    timers(rate, anchor).resume(replace(due_in(seconds), hopped=True))
    assert json.loads(aws.of("start_execution")[0]["input"])["due"] == due


def test_an_execution_that_exists_already_is_success(aws: StubClient) -> None:
    aws.answers["start_execution"] = [aws_error("ExecutionAlreadyExists")]
    timers().resume(replace(due_in(3600), hopped=True))


@pytest.mark.parametrize(
    "error",
    [
        aws_error("ThrottlingException"),
        aws_error("StateMachineDoesNotExist"),
        EndpointConnectionError(endpoint_url="https://states"),
    ],
    ids=["throttled", "missing", "unreachable"],
)
def test_any_other_refusal_is_told_as_try_again(error: Exception, aws: StubClient) -> None:
    aws.answers["start_execution"] = [error]
    with pytest.raises(TryAgain):
        timers().resume(replace(due_in(3600), hopped=True))


def test_a_queue_that_a_function_was_not_given_is_a_defect_not_a_lost_timer(
    aws: StubClient,
) -> None:
    with pytest.raises(KeyError):
        AwsTimers(StandingClock(), {}, "").schedule([due_in(1)])
    assert aws.asked == []
