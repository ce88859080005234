"""`make local-invoke`: every event through its function in a container, the answers and the state afterwards checked.

Against the sandbox that is up, or one of its own. Exit status 0 when everything was as expected, 1 when not, 77 with
the reason where functions can't be run in containers.
"""

import json
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final, NoReturn

from sandbox.containers import ENVIRONMENT_FILE, ports_of, reachable_from_containers, relayed, write
from sandbox.current import STATE_FOLDER, announced, current, pace
from sandbox.engine import Engine, EngineError
from sandbox.processes import ProgramError, clean_leftovers, run_folder
from sandbox.progress import step
from sandbox.supervisor import SandboxError, running
from tools.build import BUILT
from tools.events.expectation import EVENTS_FOLDER, event_files
from tools.local.cases import Count, Examined
from tools.local.image import provide
from tools.local.own_engine import NotRun, engine
from tools.local.payment import whole_payment
from tools.local.sam import Sam, SamError

NOT_RUN: Final = 77
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_EVENTS_LIMIT_SECONDS: Final = 420


def main() -> int:
    """Command line entry."""
    for number in _SIGNALS:
        signal.signal(number, _interrupted)
    started = time.monotonic()
    try:
        with ExitStack() as everything:
            count = _run(everything)
            seconds = time.monotonic() - started
    except NotRun as reason:
        print(f"NOT RUN: {reason}.", flush=True)
        return NOT_RUN
    except (SandboxError, ProgramError, SamError, EngineError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 130
    print(f"\n{count} in {seconds:.0f} s.")
    return 1 if count.different else 0


def _interrupted(_number: int, _frame: object) -> NoReturn:
    """End at the first signal, and be left in peace while what was started is ended."""
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _run(everything: ExitStack) -> Count:
    container_engine = everything.enter_context(engine())
    print(provide(container_engine), flush=True)
    description = everything.enter_context(_sandbox())
    gateway = container_engine.gateway
    if gateway:
        everything.enter_context(relayed(gateway, ports_of(description)))
    clean_leftovers(STATE_FOLDER)
    folder = everything.enter_context(run_folder(STATE_FOLDER, "sam-local"))
    everything.enter_context(_containers_removed(container_engine))
    started = time.monotonic()
    count = _examine(Sam(description["emulator"], folder), description)
    print(f"\nThe events and the payment took {time.monotonic() - started:.0f} s.")
    return count


def _examine(sam: Sam, description: Mapping[str, Any]) -> Count:
    environment = json.loads(ENVIRONMENT_FILE.read_text("utf-8"))
    examined = Examined(description)
    paths = event_files()
    print("\nOne event of each function through `sam local invoke`:")
    for path in _first_of_each(paths):
        examined.by_command(sam, path)
    examined.denied(sam, EVENTS_FOLDER / "create_order" / "created.json", "callback", environment)
    if len(examined.count.different) == examined.count.ran:
        raise SamError("No function answered as expected: the other events are not tried.")
    print("\nEvery event through `sam local start-lambda`:")
    with ExitStack() as served:
        with step("Starting a container for each function"):
            service = served.enter_context(sam.lambda_service())
        deadline = time.monotonic() + _EVENTS_LIMIT_SECONDS
        for number, path in enumerate(paths):
            if time.monotonic() > deadline:
                raise SamError(f"Out of time after {number} of {len(paths)} events.")
            examined.by_service(service, path)
    print("\nA whole payment through `sam local start-api`:")
    with sam.api(environment) as address:
        examined.count.add(whole_payment(address, description))
    return examined.count


def _first_of_each(paths: list[Path]) -> list[Path]:
    first: dict[str, Path] = {}
    for path in paths:
        first.setdefault(path.parent.name, path)
    return list(first.values())


@contextmanager
def _sandbox() -> Iterator[Mapping[str, Any]]:
    """Yield the description of the sandbox that is up, or of one that lives as long as this."""
    description = current()
    if description is not None:
        print(f"Using the sandbox that is up, {pace(description['clock_rate'])}.", flush=True)
        with explained(description):
            write(description)  # what is there may be older than the credentials in it may become
            yield description
        return
    with running(seeded=True) as sandbox:
        own = sandbox.describe()
        with announced(own), reachable_from_containers(own):
            yield own


@contextmanager
def explained(description: Mapping[str, Any]) -> Iterator[None]:
    """Turn what fails because somebody else's sandbox has ended into a SandboxError that says so."""
    try:
        yield
    except Exception as error:
        if current() == description:
            raise
        message = "The sandbox that was up ended meanwhile: `make sandbox` keeps one up, `make demo` does not."
        raise SandboxError(message) from error


@contextmanager
def _containers_removed(container_engine: Engine) -> Iterator[None]:
    """Remove the containers of our functions afterwards: the SAM CLI leaves some behind."""
    before = container_engine.function_containers(BUILT)
    try:
        yield
    finally:
        made = container_engine.function_containers(BUILT) - before
        container_engine.remove_containers(made)


if __name__ == "__main__":
    sys.exit(main())
