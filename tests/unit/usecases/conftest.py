"""One fresh world for each test; whatever a test did, every version that was stored must have been sound."""

from collections.abc import Iterator

import pytest

from tests.fakes.ports import FakePorts, fake_ports
from tests.fakes.soundness import assert_sound


@pytest.fixture
def ports() -> Iterator[FakePorts]:
    world = fake_ports()
    yield world
    assert_sound(world.orders.history)
