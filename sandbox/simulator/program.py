"""A simulator as a program: ``python -m sandbox.<name>``, until it is stopped."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from pathlib import Path

from sandbox.business_clock import BusinessClock
from sandbox.serving import add_common_flags, serve
from sandbox.simulator.app import build_app
from sandbox.simulator.channel import Channel
from sandbox.simulator.description import described
from sandbox.simulator.world import World

KEYS_FOLDER = Path(__file__).parents[1] / "keys"


def run(
    folder: Path,
    load: Callable[[Namespace], Channel],
    arguments: Sequence[str] | None = None,
    add_flags: Callable[[ArgumentParser], None] = lambda _: None,
) -> int:
    """Parse the flags and serve; the exit code is 0 after a stop, 2 for keys or an address that can't be used.

    ``folder`` holds ``simulator.toml``. ``load`` makes the channel from the flags, of which ``keys`` is the folder of
    key files, and raises OSError, ValueError or TypeError for keys that can't be used.
    """
    about = described(folder)
    parser = ArgumentParser(prog=f"python -m {about.module}", description=about.title)
    add_common_flags(parser, port=about.port)
    parser.add_argument(
        "--keys",
        type=Path,
        default=KEYS_FOLDER,
        help="folder of the PEM files (default: %(default)s)",
    )
    add_flags(parser)
    flags = parser.parse_args(arguments)
    try:
        channel = load(flags)
    except (OSError, ValueError, TypeError) as error:
        print(f"The {about.title} needs its keys: {error}", file=sys.stderr)
        return 2
    world = World(BusinessClock(flags.clock_rate, flags.clock_anchor), channel)
    return serve(build_app(world), about.title, flags.host, flags.port)
