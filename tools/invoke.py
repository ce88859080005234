"""`make invoke FUNCTION=create_order [EVENT=case]`: run example events through a function of the running sandbox.

The orders that a case speaks of are put back into their seeded state first, so that a case can be run again and again.
One case prints its whole answer; without a case, all cases of the function run, one line each.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from sandbox.current import current
from sandbox.deploy import client
from sandbox.emulator import client_environment
from tools.events.check import Tables, answer_problems, state_problems
from tools.events.expectation import (
    EVENTS_FOLDER,
    Expectation,
    event_files,
    event_of,
    expectation_of,
)
from tools.seed.system import System, find_system
from tools.seed.writing import reset

# Some of what a case expects is done by the functions that follow: its stream, its queues.
_SETTLE_SECONDS: Final = 10.0


class Sandbox:
    """The running sandbox as a caller of its functions sees it."""

    def __init__(self, description: Mapping[str, Any]) -> None:
        """Lead this process to the sandbox that `.sandbox/current.json` describes."""
        os.environ.update(client_environment(description["emulator"]))
        self._functions: Mapping[str, str] = description["functions"]
        self._endpoint: str = description["emulator"]
        self.system: System = find_system(description["stack"])

    def invoke(self, function: str, event: Mapping[str, object]) -> tuple[Any, bool]:
        """Return what a function (`create_order`) answered, and whether it ended with an error."""
        name = "".join(word.capitalize() for word in function.split("_")) + "Function"
        answer = client(self._endpoint, "lambda").invoke(
            FunctionName=self._functions[name], Payload=json.dumps(event).encode()
        )
        return json.loads(answer["Payload"].read()), "FunctionError" in answer

    @property
    def tables(self) -> Tables:
        """Return the sandbox's tables."""
        named = self.system.environment
        return Tables(
            dynamodb=client(self._endpoint, "dynamodb"),
            orders=named["ORDERS_TABLE"],
            exceptions=named["EXCEPTIONS_TABLE"],
            movements=named["MOVEMENTS_TABLE"],
        )


def run(sandbox: Sandbox, path: Path, *, whole: bool) -> list[str]:
    """Run one case and return how its answer and the state afterwards differ from what is expected."""
    expect = expectation_of(path)
    reset(sandbox.system, expect)
    started = time.monotonic()
    answer, error = sandbox.invoke(path.parent.name, event_of(path))
    milliseconds = (time.monotonic() - started) * 1000
    if whole:
        print(f"{path.parent.name}/{path.stem}: {expect.about}\n")
        print(json.dumps(answer, indent=2, ensure_ascii=False), "\n")
    problems = answer_problems(expect, answer, error=error) + settled(expect, sandbox.tables)
    print(
        f"  {path.stem:<32}{'as expected' if not problems else 'DIFFERS':<13}{milliseconds:.0f} ms"
    )
    for problem in problems:
        print(f"      {problem}")
    return problems


def settled(expect: Expectation, tables: Tables) -> list[str]:
    """Return how the state differs from what is expected once everything that follows a call has had its time."""
    deadline = time.monotonic() + _SETTLE_SECONDS
    while (problems := state_problems(expect, tables)) and time.monotonic() < deadline:
        time.sleep(0.2)
    return problems


def choose(function: str, event: str) -> list[Path]:
    """Return the event files that were asked for; raises LookupError with a sentence that names what there is."""
    functions = sorted({path.parent.name for path in event_files()})
    if function not in functions:
        raise LookupError(f"Say which function: FUNCTION={' | '.join(functions)}")
    cases = {path.stem: path for path in event_files() if path.parent.name == function}
    if not event:
        return list(cases.values())
    if event not in cases:
        raise LookupError(f"{function} has no event {event!r}; there are: {', '.join(cases)}")
    return [cases[event]]


def main(arguments: list[str] | None = None) -> int:
    """Command line entry: 0 when everything was as expected, 1 when not, 2 when nothing could be run."""
    parser = argparse.ArgumentParser(prog="make invoke", description=__doc__)
    parser.add_argument("function", help=f"a folder of {EVENTS_FOLDER.name}/")
    parser.add_argument("event", nargs="?", default="", help="a case; all where none is named")
    options = parser.parse_args(arguments)
    try:
        paths = choose(options.function, options.event)
    except LookupError as error:
        print(error.args[0], file=sys.stderr)
        return 2
    description = current()
    if description is None:
        print(
            "No sandbox is up: start one with `make sandbox` in another terminal.", file=sys.stderr
        )
        return 2
    sandbox = Sandbox(description)
    failed = [path for path in paths if run(sandbox, path, whole=len(paths) == 1)]
    if len(paths) > 1:
        print(f"{len(paths) - len(failed)} as expected, {len(failed)} not.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
