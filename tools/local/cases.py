"""Runs cases in containers and prints a line for each, with its time."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools.events.check import answer_problems
from tools.events.expectation import expectation_of
from tools.invoke import Sandbox, settled
from tools.local.sam import LambdaService, Sam, SamError, failed, logical_id
from tools.seed.writing import reset


@dataclass(slots=True)
class Count:
    """How many ran, and which differed."""

    ran: int = 0
    different: list[str] = field(default_factory=list)

    def add(self, problems: Mapping[str, list[str]]) -> None:
        """Count what ran, by name, with its problems."""
        self.ran += len(problems)
        self.different += [name for name, found in problems.items() if found]

    def __str__(self) -> str:
        named = f" ({', '.join(self.different)})" if self.different else ""
        good = self.ran - len(self.different)
        return f"{self.ran} run: {good} as expected, {len(self.different)} not{named}"


class Examined:
    """The sandbox's functions, examined from containers."""

    def __init__(self, description: Mapping[str, Any]) -> None:
        """Lead this process to the sandbox."""
        self._sandbox = Sandbox(description)
        self.count = Count()

    def by_command(self, sam: Sam, path: Path) -> None:
        """Examine a case with `sam local invoke`."""
        self._examine(path, lambda: sam.invoke(logical_id(path.parent.name), path))

    def by_service(self, service: LambdaService, path: Path) -> None:
        """Examine a case through `sam local start-lambda`."""
        event = path.read_bytes()
        self._examine(path, lambda: service.invoke(logical_id(path.parent.name), event))

    def _examine(self, path: Path, invoke: Callable[[], Any]) -> None:
        name = f"{path.parent.name}/{path.stem}"
        expect = expectation_of(path)
        reset(self._sandbox.system, expect)
        started = time.monotonic()
        try:
            answer = invoke()
        except SamError as error:
            problems = [str(error)]
        else:
            problems = answer_problems(expect, answer, error=failed(answer))
        milliseconds = (time.monotonic() - started) * 1000
        problems += settled(expect, self._sandbox.tables)
        say(name, problems, milliseconds)
        self.count.add({name: problems})


def say(name: str, problems: list[str], milliseconds: float) -> None:
    """Print the line of a case, and its problems below."""
    result = "DIFFERS" if problems else "as expected"
    print(f"  {name:<40}{result:<13}{milliseconds:6.0f} ms", flush=True)
    for problem in problems:
        print(f"      {problem}", flush=True)
