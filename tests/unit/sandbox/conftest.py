"""The bench that most tests of the sandbox's programs start from."""

from collections.abc import Iterator

import pytest

from tests.unit.sandbox.bench import Bench
from tests.unit.sandbox.shop_bench import ShopBench
from tests.unit.sandbox.toy_bench import ToyBench
from tests.unit.sandbox.unionpay_bench import UnionBench
from tests.unit.sandbox.wechat_bench import WechatBench


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


@pytest.fixture
def toy() -> Iterator[ToyBench]:
    toy = ToyBench()
    yield toy
    toy.close()


@pytest.fixture
def union() -> Iterator[UnionBench]:
    union = UnionBench()
    yield union
    union.close()


@pytest.fixture
def wechat() -> Iterator[WechatBench]:
    wechat = WechatBench()
    yield wechat
    wechat.close()
