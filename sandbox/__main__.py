"""`python -m sandbox up | demo`: the whole system on one machine."""

import argparse
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields

from sandbox.containers import reachable_from_containers
from sandbox.current import announced, current, pace
from sandbox.ports import Ports
from sandbox.processes import ProgramError
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
    """Take four orders through their lives; 0 when every step was observed."""
    from sandbox.demo import Addresses, run  # noqa: PLC0415 - not needed by the others

    with running(speed=speed) as sandbox, announced(sandbox.describe()):
        return run(
            Addresses(
                door=sandbox.door, shop=sandbox.shop, alipay=sandbox.alipay, rate=sandbox.rate
            )
        )


def _print_addresses(sandbox: Running) -> None:
    print(
        f"""
The sandbox is up, {pace(sandbox.rate)}:

  demo shop         {sandbox.shop}
  what it received  {sandbox.shop}/inbox
  simulated Alipay  {sandbox.alipay}  (password 123456)
  API and cashier   {sandbox.door}  (a cashier's address comes with its order)
  emulated AWS      {sandbox.endpoint}
  logs              {sandbox.folder}

Ctrl-C ends everything.""",
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
            for entry in fields(Ports):
                command.add_argument(f"--{entry.name}-port", type=int, default=entry.default)
    return parser


def _speed(text: str) -> int:
    speed = int(text)
    if not 1 <= speed <= 600:  # noqa: PLR2004 - the template's bounds of ClockRate
        raise argparse.ArgumentTypeError("a whole number from 1 to 600")
    return speed


def _ports(options: argparse.Namespace) -> Ports:
    return Ports(**{entry.name: getattr(options, f"{entry.name}_port") for entry in fields(Ports)})


if __name__ == "__main__":
    sys.exit(main())
