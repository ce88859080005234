"""The bench that most tests of the sandbox's programs start from."""

from collections.abc import Iterator

import pytest

from tests.unit.sandbox.bench import Bench
from tests.unit.sandbox.shop_bench import ShopBench


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.close()


@pytest.fixture
def shop() -> Iterator[ShopBench]:
    shop = ShopBench()
    yield shop
    shop.close()
