"""What all unit tests share."""

from collections.abc import Iterator

import pytest

from paycenter.adapters import telemetry


@pytest.fixture(autouse=True, scope="module")
def _no_logger_is_left_behind() -> Iterator[None]:
    # It takes its name from the environment of whoever asks first, and tests of handlers look for theirs.
    yield
    telemetry.logger.cache_clear()
