"""`make counts`: what an order's life costs, each row beside its limit; exit 1 above one."""

import sys

from sandbox.supervisor import running
from tools.counts.flight import ORDERS_IN_FLIGHT, in_flight
from tools.counts.life import WRITE_UNITS, in_process
from tools.counts.price import Counted, price_rows


def main() -> int:
    """Count, print the table, and return 1 where a row is above its limit."""
    with running(speed=1) as sandbox:
        print("Counting one order's calls and capacity units …", flush=True)
        rows = in_process(sandbox)
        print(f"Counting the queue requests of {ORDERS_IN_FLIGHT} orders in flight …", flush=True)
        more, publish_sends = in_flight(sandbox)
    writes = next(row.counted for row in rows if row.what == WRITE_UNITS)
    rows += more
    rows += price_rows(Counted(write_units=writes, publish_sends=publish_sends))
    print(f"\n  {'what':<62}{'counted':>8}{'limit':>8}")
    for row in rows:
        print(row.text())
    above = [row.what for row in rows if not row.holds]
    print(f"\n{len(rows) - len(above)} rows within their limits, {len(above)} above.")
    return 1 if above else 0


if __name__ == "__main__":
    sys.exit(main())
