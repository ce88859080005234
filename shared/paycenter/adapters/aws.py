"""One place where AWS clients are made and their errors become ours."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from paycenter.domain.errors import TryAgain

# No try of a call may hang for long: the most impatient channel wants its callback answered within 5 s.
_CONFIG: Final = Config(
    connect_timeout=2,
    read_timeout=5,
    retries={"mode": "standard", "max_attempts": 3},
    max_pool_connections=20,
)
# A batch of jobs is done by several threads, and making clients from one session is not thread-safe.
_making: Final = Lock()


@cache
def client(service: str) -> Any:  # noqa: ANN401 - boto3's clients are made at run time and have no static type
    """Return the container's client of a service, made on first use."""
    with _making:
        return boto3.client(service, config=_CONFIG)  # type: ignore[call-overload]  # the name is not a literal


@contextmanager
def aws_errors() -> Iterator[None]:
    """Turn an AWS error into TryAgain: nothing is known to be lost, the same call may be repeated."""
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        message = "A service we depend on did not answer; repeat the same request in a moment."
        raise TryAgain(message) from error
