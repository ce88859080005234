"""``python -m sandbox.alipay``: run the simulated Alipay until it is stopped."""

import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

from sandbox.alipay.app import build_app
from sandbox.alipay.notices import Merchant
from sandbox.alipay.signing import Keys
from sandbox.alipay.world import World
from sandbox.business_clock import BusinessClock
from sandbox.serving import add_common_flags, serve

KEYS_FOLDER = Path(__file__).parent.parent / "keys"


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the flags and serve; the exit code is 0 after a stop, 2 for keys or an address that can't be used."""
    parser = ArgumentParser(prog="python -m sandbox.alipay", description="A simulated Alipay.")
    add_common_flags(parser, port=8082)
    parser.add_argument(
        "--keys",
        type=Path,
        default=KEYS_FOLDER,
        help="folder of the PEM files (default: %(default)s)",
    )
    parser.add_argument("--app-id", default=Merchant().app_id)
    parser.add_argument("--seller-id", default=Merchant().seller_id)
    flags = parser.parse_args(arguments)
    try:
        keys = Keys.load(flags.keys)
    except (OSError, ValueError, TypeError) as error:
        print(f"The simulated Alipay needs its keys: {error}", file=sys.stderr)
        return 2
    clock = BusinessClock(flags.clock_rate, flags.clock_anchor)
    world = World(clock, keys, Merchant(app_id=flags.app_id, seller_id=flags.seller_id))
    return serve(build_app(world), "Simulated Alipay", flags.host, flags.port)


if __name__ == "__main__":
    raise SystemExit(main())
