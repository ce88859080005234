"""`python -m sandbox up | demo`: the whole system on one machine."""

import argparse
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from sandbox.containers import reachable_from_containers
from sandbox.current import announced, current, pace
from sandbox.ports import Ports, usual_ports
from sandbox.processes import ProgramError
from sandbox.simulator.description import simulators
from sandbox.supervisor import Running, SandboxError, running


def up(speed: int, ports: Ports) -> int:
    """Keep the system up until Ctrl-C or SIGTERM; 1 when a part of it ends by itself."""
    try:
        with (
            running(speed=speed, ports=ports, seeded=True) as sandbox,
            _announced_with_containers(sandbox),
        ):
            _print_addresses(sandbox)
            while (ended := sandbox.ended()) is None:
                time.sleep(0.5)
            raise SandboxError(str(ProgramError(ended)))
    except KeyboardInterrupt:
        print("\nEverything that was started has ended.")
        return 0


@contextmanager
def _announced_with_containers(sandbox: Running) -> Iterator[None]:
    """Announce it, and let `sam local` find it, unless another one is up already."""
    description = sandbox.describe()
    if current() is not None:
        yield
        return
    with announced(description), reachable_from_containers(description):
        yield


def demo(speed: int) -> int:
    """Take orders through their lives, and pay in every way; 0 when every step was observed."""
    from sandbox.demo import run  # noqa: PLC0415 - not needed by the others
    from sandbox.onlooker import Addresses  # noqa: PLC0415 - the same

    with running(speed=speed) as sandbox, announced(sandbox.describe()):
        return run(
            Addresses(
                door=sandbox.door,
                shop=sandbox.shop,
                channels=sandbox.simulators,
                rate=sandbox.rate,
            )
        )


def _print_addresses(sandbox: Running) -> None:
    channels = {
        about.title: f"{sandbox.simulators[about.name]}  (password 123456)"
        for about in simulators()
    }
    rows = {
        "Demo shop": sandbox.shop,
        "What it received": f"{sandbox.shop}/inbox",
        **channels,
        "API and cashier": f"{sandbox.door}  (a cashier's address comes with its order)",
        "Emulated AWS": sandbox.endpoint,
        "Logs": str(sandbox.folder),
    }
    width = max(map(len, rows))
    table = "\n".join(f"  {name:<{width}}  {value}" for name, value in rows.items())
    print(
        f"\nThe sandbox is up, {pace(sandbox.rate)}:\n\n{table}\n\nCtrl-C ends everything.",
        flush=True,
    )


def main(arguments: list[str] | None = None) -> int:
    """Command line entry."""
    options = _parser().parse_args(arguments)
    try:
        return up(options.speed, _ports(options)) if options.what == "up" else demo(options.speed)
    except SandboxError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    commands = parser.add_subparsers(dest="what", required=True)
    for name in ("up", "demo"):
        command = commands.add_parser(name)
        command.add_argument(
            "--speed", type=_speed, default=1, help="business seconds per real second, 1 to 600"
        )
        if name == "up":
            for program, port in usual_ports().items():
                command.add_argument(f"--{program}-port", type=int, default=port)
    return parser


def _speed(text: str) -> int:
    speed = int(text)
    if not 1 <= speed <= 600:  # noqa: PLR2004 - the template's bounds of ClockRate
        raise argparse.ArgumentTypeError("a whole number from 1 to 600")
    return speed


def _ports(options: argparse.Namespace) -> Ports:
    return Ports(**{name: getattr(options, f"{name}_port") for name in usual_ports()})


if __name__ == "__main__":
    sys.exit(main())
