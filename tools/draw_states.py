"""Draw docs/states.md: the transition tables as pictures, so that what is published is what the code does.

Usage: python -m tools.draw_states [--check]
"""

import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Final

from paycenter.domain.states import (
    DELIVERY,
    ORDER,
    PAYMENT,
    REFUND,
    EventState,
    OrderState,
    PaymentState,
    RefundState,
    Table,
)

PAGE: Final = Path(__file__).parents[1] / "docs" / "states.md"
_HEAD: Final = """\
# States and moves

Drawn by `python -m tools.draw_states` from the tables in `shared/paycenter/domain/states.py`; a test fails when this
page is out of date. A move that is not here does not exist: `transition()` raises, and changes nothing. A state with an
arrow to the end is final.
"""
_ORDER: Final = """\
PAID is for ever. CLOSED yields to verified money alone, and only where the business line's late policy is *accept*.
"""
_PAYMENT: Final = """\
A payment that is signed on our side alone begins as PENDING, one that calls its channel as CREATING. A verified success
always makes its payment SUCCEEDED, also a FAILED or CLOSED one; whether the order follows is decided by who won and by
the late policy, otherwise the same write owes an exception.
"""
_REFUND: Final = """\
The automatic refund of a late or double payment is REQUESTED by the write that books the money.
"""
_DELIVERY: Final = """\
An event that a business line must be told. A failed attempt keeps it OWED and counts.
"""


def draw[S: StrEnum, E: StrEnum](table: Table[S, E], *starts: S) -> str:
    """Return a table as a Mermaid state diagram that begins at `starts` and ends where no move leads on."""
    return "\n".join(["```mermaid", "stateDiagram-v2", *_lines(table, starts), "```"])


def _lines[S: StrEnum, E: StrEnum](table: Table[S, E], starts: tuple[S, ...]) -> Iterator[str]:
    yield "    direction LR"
    yield from (f"    [*] --> {state}" for state in starts)
    for state, moves in table.items():
        yield from (f"    {state} --> {after}: {event}" for event, after in moves.items())
    yield from (f"    {state} --> [*]" for state, moves in table.items() if not moves)


def page() -> str:
    """Return the whole page."""
    parts = [
        _HEAD,
        "## Order\n",
        _ORDER,
        draw(ORDER, OrderState.CREATED) + "\n",
        "## Payment\n",
        _PAYMENT,
        draw(PAYMENT, PaymentState.CREATING, PaymentState.PENDING) + "\n",
        "## Refund\n",
        _REFUND,
        draw(REFUND, RefundState.REQUESTED) + "\n",
        "## Notification\n",
        _DELIVERY,
        draw(DELIVERY, EventState.OWED) + "\n",
    ]
    return "\n".join(parts)


def main() -> int:
    """Write the page, or with --check only say whether it is up to date."""
    if sys.argv[1:] == ["--check"]:
        fresh = PAGE.read_text("utf-8") == page()
        print("docs/states.md is up to date" if fresh else "docs/states.md is out of date")
        return 0 if fresh else 1
    PAGE.write_text(page(), "utf-8")
    print(f"wrote {PAGE.relative_to(PAGE.parents[1])}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
