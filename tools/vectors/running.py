"""Runs directories of channel test vectors: `python -m tools.vectors [DIR]`.

A directory holds `keys.json` and files of cases made by implementations that are not ours. No protocol lives here: each
runner calls the functions that the strategies call in production and compares what they say with what a case expects.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tools.vectors import alipay, unionpay, wechatpay
from tools.vectors.cases import Case, Keys, NotRun, Runner

DEFAULT_DIRECTORY: Final = Path(__file__).parents[3] / "shared" / "vectors"
_KEYS_FILE: Final = "keys.json"
_SHOWN_CHARACTERS: Final = 160

RUNNERS: Final[Mapping[str, Runner]] = {
    **alipay.RUNNERS,
    **unionpay.RUNNERS,
    **wechatpay.RUNNERS,
}


@dataclass(slots=True)
class Count:
    """What became of the cases of one file."""

    passed: int = 0
    failures: list[str] = field(default_factory=list)
    not_run: list[str] = field(default_factory=list)

    @property
    def line(self) -> str:
        """Say it in one line."""
        skipped = f", {len(self.not_run)} not run ({', '.join(self.not_run)})"
        counted = f"{self.passed} passed, {len(self.failures)} failed"
        return counted + skipped if self.not_run else counted


def run_case(case: Case, keys: Keys, runner: Runner, count: Count) -> None:
    """Run one case and count it; whatever goes wrong fails the case and nothing else."""
    name = case.get("id", "without an id")
    try:
        differences = [check for check in runner(case, keys) if check[1] != check[2]]
    except NotRun as kind:
        count.not_run.append(f"{name}: {kind}")
    except Exception as error:  # noqa: BLE001 - a case may break anything, and the next one must run
        count.failures.append(f"{name}: raised {type(error).__name__}: {error}")
    else:
        lines = [f"{what}: expected {_shown(a)}, got {_shown(b)}" for what, a, b in differences]
        count.passed += not lines
        count.failures.extend([f"{name}: {'; '.join(lines)}"] if lines else [])


def run_directory(directory: Path, say: Callable[[str], None]) -> Count:
    """Run all files of a directory that have a runner, say what became of each, return the sum."""
    total, without_runner = Count(), []
    keys = json.loads((directory / _KEYS_FILE).read_text(encoding="utf-8"))
    for path in sorted(directory.glob("*.json")):
        if path.stem in RUNNERS:
            count = _run_file(path, keys)
            say(f"{path.stem}: {count.line}")
            for failure in count.failures:
                say(f"  FAILED {failure}")
            total.passed += count.passed
            total.failures.extend(count.failures)
            total.not_run.extend(count.not_run)
        elif path.name != _KEYS_FILE:
            without_runner.append(path.stem)
    if without_runner:
        say(f"files not run yet: {', '.join(without_runner)}")
    return total


def _run_file(path: Path, keys: Keys) -> Count:
    # A file has one or more lists of cases, under names of its own.
    lists = json.loads(path.read_text(encoding="utf-8"))
    count = Count()
    for name, cases in lists.items():
        if name != "about" and isinstance(cases, list):
            for case in cases:
                run_case(case, keys, RUNNERS[path.stem], count)
    return count


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…"


def main(arguments: Sequence[str]) -> int:
    """Run the directory named, or the default one; 0 only if cases ran and all of them passed."""
    directory = Path(arguments[0]) if arguments else DEFAULT_DIRECTORY
    if not (directory / _KEYS_FILE).is_file():
        print(f"{directory} holds no test vectors: it has no {_KEYS_FILE}.")
        return 1
    total = run_directory(directory, print)
    print(f"all: {total.line}" if total.passed or total.failures else "No case ran.")
    return 0 if total.passed and not total.failures else 1
