"""Clients of AWS, and what their errors become. Holds A15, A30."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError

from paycenter.adapters import aws
from paycenter.domain.errors import TryAgain
from tests.unit.adapters.stub import aws_error


@pytest.mark.parametrize(
    "error",
    [
        aws_error("ProvisionedThroughputExceededException"),
        aws_error("AccessDeniedException"),
        EndpointConnectionError(endpoint_url="https://dynamodb"),
        ConnectTimeoutError(endpoint_url="https://dynamodb"),
        ReadTimeoutError(endpoint_url="https://dynamodb"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_whatever_aws_says_the_caller_may_repeat(error: Exception) -> None:
    with pytest.raises(TryAgain) as told, aws.aws_errors():
        raise error
    assert told.value.__cause__ is error
    # Neither a table's name nor an endpoint reaches whoever asked.
    assert str(told.value) == (
        "A service we depend on did not answer; repeat the same request in a moment."
    )


def test_a_defect_of_ours_stays_one() -> None:
    with pytest.raises(KeyError), aws.aws_errors():
        raise KeyError("ours")


def test_clients_are_made_one_at_a_time_however_many_threads_want_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    making, most = [0], [0]
    counting = threading.Lock()

    def make(service: str, **_: object) -> str:
        with counting:
            making[0] += 1
            most[0] = max(most[0], making[0])
        time.sleep(0.002)
        with counting:
            making[0] -= 1
        return service

    monkeypatch.setattr("boto3.client", make)
    aws.client.cache_clear()
    try:
        with ThreadPoolExecutor(10) as pool:
            assert set(pool.map(aws.client, ["dynamodb", "sqs"] * 10)) == {"dynamodb", "sqs"}
        assert most[0] == 1
    finally:
        aws.client.cache_clear()


def test_no_call_may_hang_for_longer_than_a_channel_waits() -> None:
    assert getattr(aws._CONFIG, "connect_timeout", None) == 2
    assert getattr(aws._CONFIG, "read_timeout", None) == 5
