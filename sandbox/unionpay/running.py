"""The simulated UnionPay inside a test's own process, on a free port."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sandbox.business_clock import Clock
from sandbox.simulator.program import KEYS_FOLDER
from sandbox.simulator.running import SimulatorControl, running_simulator
from sandbox.unionpay.channel import UnionPay
from sandbox.unionpay.gateway import PREFIX
from sandbox.unionpay.keys import Keys
from sandbox.unionpay.merchant import Merchant


class UnionPayControl(SimulatorControl):
    """The kit's control, and where UnionPay's addresses are."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.gateway_url = f"{url}{PREFIX}/"
        self.file_url = f"{url}/file"


@contextmanager
def running_unionpay(
    clock: Clock | None = None, keys_folder: Path = KEYS_FOLDER, port: int = 0
) -> Iterator[UnionPayControl]:
    """Run a simulator in a thread of this process while the block lasts."""
    channel = UnionPay(Merchant(), Keys.load(keys_folder))
    with running_simulator(channel, clock, port) as url, UnionPayControl(url) as control:
        yield control
