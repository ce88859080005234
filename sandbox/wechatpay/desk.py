"""Where a verified call meets all that an operation may touch."""

from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.simulator.calls import Call
from sandbox.simulator.ledger import Ledger
from sandbox.simulator.world import World
from sandbox.wechatpay.bills import Bills
from sandbox.wechatpay.handles import Handles
from sandbox.wechatpay.merchant import Merchant
from sandbox.wechatpay.signing import Keys


@dataclass(frozen=True, slots=True)
class Desk:
    """The simulator's state, one merchant, the keys, and what was handed out."""

    world: World
    merchant: Merchant
    keys: Keys
    handles: Handles
    bills: Bills


@dataclass(frozen=True, slots=True)
class Asked:
    """One verified call: its name, what its path names, its query, its content, and the serial that it asked for."""

    desk: Desk
    call: Call
    name: str
    argument: str
    query: Mapping[str, str]
    content: Mapping[str, object]
    serial: str
    now: float

    @property
    def ledger(self) -> Ledger:
        """The books."""
        return self.call.ledger


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer before it is signed; without fields there is no body. ``finer`` is the end of its ``Request-ID``."""

    status: int
    fields: Mapping[str, object] | None
    finer: str = "0"


@dataclass(frozen=True, slots=True)
class File:
    """A file, which nobody signs."""

    content: bytes
