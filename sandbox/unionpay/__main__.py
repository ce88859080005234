"""``python -m sandbox.unionpay``: run the simulated UnionPay until it is stopped."""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path

from sandbox.simulator.program import run
from sandbox.unionpay.channel import UnionPay
from sandbox.unionpay.keys import Keys
from sandbox.unionpay.merchant import Merchant


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the flags and serve; the exit code is 0 after a stop, 2 for keys or an address that can't be used."""
    return run(Path(__file__).parent, _load, arguments, _add_flags)


def _add_flags(parser: ArgumentParser) -> None:
    parser.add_argument("--mer-id", default=Merchant().mer_id)


def _load(flags: Namespace) -> UnionPay:
    return UnionPay(Merchant(flags.mer_id), Keys.load(flags.keys))


if __name__ == "__main__":
    raise SystemExit(main())
