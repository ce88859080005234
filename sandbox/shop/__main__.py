"""``python -m sandbox.shop``: run the demo shop and the business lines' inbox until it is stopped."""

import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

from sandbox.business_clock import BusinessClock
from sandbox.serving import add_common_flags, serve
from sandbox.shop.app import build_app, read_secrets

CONFIGURATION = Path(__file__).parent.parent / "config.toml"


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the flags and serve; the exit code is 0 after a stop, 2 for a file or an address that can't be used."""
    parser = ArgumentParser(prog="python -m sandbox.shop", description="A demo shop with an inbox.")
    add_common_flags(parser, port=8081)
    parser.add_argument(
        "--api", default="http://127.0.0.1:8080", help="PayCenter (default: %(default)s)"
    )
    parser.add_argument(
        "--config", type=Path, default=CONFIGURATION, help="where the webhook secrets are"
    )
    flags = parser.parse_args(arguments)
    try:
        secrets = read_secrets(flags.config)
    except (OSError, ValueError) as error:
        print(f"The shop needs the sandbox's configuration: {error}", file=sys.stderr)
        return 2
    clock = BusinessClock(flags.clock_rate, flags.clock_anchor)
    return serve(build_app(clock, flags.api, secrets), "Demo shop", flags.host, flags.port)


if __name__ == "__main__":
    raise SystemExit(main())
