"""Where both dialects meet: one verified call, whatever wire it came by, and all that an operation may touch."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request

from sandbox.alipay.bills import Bills
from sandbox.alipay.merchant import Merchant
from sandbox.alipay.signing import Keys
from sandbox.simulator.calls import Call
from sandbox.simulator.ledger import Ledger
from sandbox.simulator.world import World


@dataclass(frozen=True, slots=True)
class Desk:
    """The simulator's state, one merchant, the keys, and the bills on offer."""

    world: World
    merchant: Merchant
    keys: Keys
    bills: Bills

    def asked(
        self, request: Request, params: Mapping[str, str], content: Mapping[str, object]
    ) -> "Asked":
        """Count a verified call of ``params["method"]`` and draw its fault."""
        call = self.world.call(request, params["method"], number_in(content))
        return Asked(self, call, params, content, self.world.clock.now())


@dataclass(frozen=True, slots=True)
class Asked:
    """One call of an operation: common parameters, already checked, and the operation's own fields."""

    desk: Desk
    call: Call
    params: Mapping[str, str]
    content: Mapping[str, object]
    now: float

    @property
    def ledger(self) -> Ledger:
        """The books."""
        return self.call.ledger


def number_in(content: Mapping[str, object]) -> str:
    """Return the merchant's number that a call is about, empty where it names none."""
    number = content.get("out_trade_no")
    return number if isinstance(number, str) else ""
