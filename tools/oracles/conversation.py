"""Talks with an oracle's program: one JSON object a line each way, over its standard input and output."""

import json
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tools.oracles.findings import REFUSED, verdict

_ANSWER_LIMIT_SECONDS: Final = 20.0
_END_LIMIT_SECONDS: Final = 5.0
_SHOWN_LINES: Final = 8


class Broken(Exception):
    """The program did not answer, or not in our form: a fault of the harness or of the SDK, never a verdict."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a program said: a value, or that its SDK refused, with the reason for a person."""

    value: Any = None
    refused: str | None = None


@dataclass(slots=True)
class Conversation:
    """A running program: its version, what it can do, and the questions put to it."""

    process: subprocess.Popen[str]
    log: Path
    version: str = ""
    abilities: frozenset[str] = frozenset()

    def can(self, what: str) -> bool:
        """Tell whether the program knows this question."""
        return what in self.abilities

    def value(self, what: str, **details: object) -> Any:  # noqa: ANN401 - each question has its own kind of answer
        """Ask for a value; a refusal is the word for it. Raises Broken."""
        answer = self._ask(what, details)
        return answer.value if answer.refused is None else REFUSED

    def accepts(self, what: str, **details: object) -> str:
        """Ask for a verdict: accepted or refused, by the SDK's yes or no or by its exception. Raises Broken."""
        answer = self._ask(what, details)
        return verdict(answer.refused is None and answer.value is True)

    def greet(self) -> None:
        """Ask for the SDK's version and the program's abilities. Raises Broken."""
        said = self._ask("hello", {}).value
        if not isinstance(said, dict):
            raise Broken("its greeting is none")
        self.version, self.abilities = str(said.get("version")), frozenset(said.get("can", ()))

    def _ask(self, what: str, details: Mapping[str, object]) -> Answer:
        assert self.process.stdin is not None  # noqa: S101 - it was opened as a pipe
        assert self.process.stdout is not None  # noqa: S101 - as above
        impatience = threading.Timer(_ANSWER_LIMIT_SECONDS, self.process.kill)
        impatience.start()
        try:
            self.process.stdin.write(json.dumps({"do": what, **details}) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except (BrokenPipeError, UnicodeDecodeError) as error:
            raise Broken(f"{what}: {error}; {self._last_words()}") from None
        finally:
            impatience.cancel()
        return self._read(what, line)

    def _read(self, what: str, line: str) -> Answer:
        try:
            said = json.loads(line)
        except ValueError:
            raise Broken(f"{what}: answered {line[:200]!r}; {self._last_words()}") from None
        if not isinstance(said, dict) or "broken" in said or not said.keys() & {"value", "refused"}:
            raise Broken(f"{what}: {said.get('broken', said) if isinstance(said, dict) else said}")
        return Answer(value=said.get("value"), refused=said.get("refused"))

    def _last_words(self) -> str:
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return " | ".join(lines[-_SHOWN_LINES:]) or "it left no word"


@contextmanager
def conversation(
    command: Sequence[str], environment: Mapping[str, str], log: Path
) -> Iterator[Conversation]:
    """Start a program, greet it, and end it on leaving; what it writes to standard error goes to `log`. Raises Broken."""
    with log.open("w", encoding="utf-8") as words:
        process = subprocess.Popen(
            command,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=words,
            encoding="utf-8",
        )
        try:
            talk = Conversation(process, log)
            talk.greet()
            yield talk
        finally:
            _end(process)


def _end(process: subprocess.Popen[str]) -> None:
    with suppress(OSError):
        if process.stdin:
            process.stdin.close()
    try:
        process.wait(_END_LIMIT_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    finally:
        if process.stdout:
            process.stdout.close()
