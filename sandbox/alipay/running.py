"""The simulated Alipay inside a test's own process, on a free port."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sandbox.alipay.channel import Alipay
from sandbox.alipay.merchant import Merchant
from sandbox.alipay.signing import Keys
from sandbox.business_clock import Clock
from sandbox.simulator.program import KEYS_FOLDER
from sandbox.simulator.running import SimulatorControl, running_simulator


class AlipayControl(SimulatorControl):
    """The kit's control, and what only Alipay's tests need."""

    def __init__(self, url: str, keys: Keys | None = None) -> None:
        super().__init__(url)
        self.keys = keys
        self.gateway_url = f"{url}/gateway.do"


@contextmanager
def running_alipay(
    clock: Clock | None = None,
    keys_folder: Path = KEYS_FOLDER,
    merchant: Merchant | None = None,
    port: int = 0,
) -> Iterator[AlipayControl]:
    """Run a simulator in a thread of this process while the block lasts."""
    keys = Keys.load(keys_folder)
    channel = Alipay(merchant or Merchant(), keys)
    with running_simulator(channel, clock, port) as url, AlipayControl(url, keys) as control:
        yield control
