"""``python -m sandbox.alipay``: run the simulated Alipay until it is stopped."""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path

from sandbox.alipay.channel import Alipay
from sandbox.alipay.merchant import Merchant
from sandbox.alipay.signing import Keys
from sandbox.simulator.program import run


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the flags and serve; the exit code is 0 after a stop, 2 for keys or an address that can't be used."""
    return run(Path(__file__).parent, _load, arguments, _add_flags)


def _add_flags(parser: ArgumentParser) -> None:
    parser.add_argument("--app-id", default=Merchant().app_id)
    parser.add_argument("--seller-id", default=Merchant().seller_id)


def _load(flags: Namespace) -> Alipay:
    return Alipay(Merchant(flags.app_id, flags.seller_id), Keys.load(flags.keys))


if __name__ == "__main__":
    raise SystemExit(main())
