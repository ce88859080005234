"""`python -m tools.seed`: put the orders that the events name into a running sandbox, or back into it."""

import argparse
import sys
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from tools.seed.system import find_system
from tools.seed.writing import seed

_FAILURES: Final = (BotoCoreError, ClientError, LookupError, OSError)


def main(arguments: list[str] | None = None) -> int:
    """Seed all orders, or those named; 0 when they stand, 1 with one sentence when they don't."""
    parser = argparse.ArgumentParser(prog="python -m tools.seed", description=__doc__)
    parser.add_argument(
        "--stack", default="paycenter", help="the stack's name (default: %(default)s)"
    )
    parser.add_argument("orders", nargs="*", help="numbers of orders; all where none is named")
    options = parser.parse_args(arguments)
    try:
        count = seed(find_system(options.stack), options.orders)
    except _FAILURES as error:
        print(f"The orders could not be seeded: {error}", file=sys.stderr)
        return 1
    print(f"{count} orders of the events stand as seeded.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
