"""The bench that most tests of the sandbox's programs start from."""

from collections.abc import Iterator

import pytest

from tests.unit.sandbox.bench import Bench


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.close()
