"""A batch of messages: each by itself, none lost, none repeated. Holds I34, I35; A03, A04."""

import threading
from collections import Counter
from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from paycenter.contracts.jobs import encode
from paycenter.domain.errors import TryAgain
from paycenter.domain.jobs import Job
from paycenter.entry.queue import consume
from tests.fakes.acting import expiry_of
from tests.fakes.samples import an_order


def batch(*bodies: str) -> dict[str, Any]:
    """Return an event of SQS."""
    return {
        "Records": [
            {
                "messageId": f"m{number}",
                "receiptHandle": "r",
                "body": body,
                "attributes": {"ApproximateReceiveCount": "1"},
                "messageAttributes": {},
                "md5OfBody": "",
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:eu-central-1:123456789012:queue",
                "awsRegion": "eu-central-1",
            }
            for number, body in enumerate(bodies)
        ]
    }


def job(number: int) -> Job:
    return replace(expiry_of(an_order()), attempt=number)


def failed(answer: dict[str, Any]) -> set[str]:
    assert set(answer) == {"batchItemFailures"}
    return {failure["itemIdentifier"] for failure in answer["batchItemFailures"]}


@pytest.mark.parametrize(
    "mask", list(product([False, True], repeat=5)), ids=lambda m: "".join("x."[ok] for ok in m)
)
def test_whatever_fails_the_others_are_done_once_and_only_the_failed_come_again(
    mask: tuple[bool, ...],
) -> None:
    done: Counter[int] = Counter()

    def consumer(one: Job) -> str:
        if not mask[one.attempt]:
            raise TryAgain("not now")
        done[one.attempt] += 1
        return "done"

    answer = consume(batch(*(encode(job(n)) for n in range(5))), consumer)
    assert failed(answer) == {f"m{n}" for n, ok in enumerate(mask) if not ok}
    assert done == Counter(n for n, ok in enumerate(mask) if ok)


@pytest.mark.parametrize("poison", ["", "{}", "hello", '{"kind":"expire"}', "\x00"])
def test_a_poisoned_message_among_ten_harms_none_of_the_nine(poison: str) -> None:
    done: list[int] = []

    def consumer(one: Job) -> str:
        done.append(one.attempt)
        return "done"

    bodies = [encode(job(n)) for n in range(10)]
    bodies[4] = poison
    assert failed(consume(batch(*bodies), consumer)) == {"m4"}
    assert sorted(done) == [0, 1, 2, 3, 5, 6, 7, 8, 9]


@pytest.mark.parametrize(
    "error", [ValueError("x"), KeyError("x"), AssertionError("x"), TryAgain("x")]
)
def test_no_exception_leaves_a_consumer(error: Exception) -> None:
    def consumer(_: Job) -> str:
        raise error

    assert failed(consume(batch(encode(job(0)), encode(job(1))), consumer)) == {"m0", "m1"}


def test_ten_messages_are_done_at_the_same_time() -> None:
    together = threading.Barrier(10, timeout=5)

    def consumer(_: Job) -> str:
        together.wait()
        return "done"

    assert failed(consume(batch(*(encode(job(n)) for n in range(10))), consumer)) == set()
