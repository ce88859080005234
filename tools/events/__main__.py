"""`make events`: write the event files, or say which are not what they should be."""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from tools.events.case import Case, unique
from tools.events.cases import (
    callback,
    cashier,
    create_order,
    create_payment,
    expire,
    notify,
    publish,
    query,
    refund,
    sweep,
    tend_accounts,
)
from tools.events.expectation import EVENTS_FOLDER, EXPECT_SUFFIX

_FUNCTIONS = (
    create_order,
    cashier,
    create_payment,
    callback,
    query,
    notify,
    expire,
    refund,
    publish,
    sweep,
    tend_accounts,
)


def all_cases() -> list[Case]:
    """Return every case of every function."""
    return unique(case for module in _FUNCTIONS for case in module.cases())


def files(cases: list[Case], folder: Path | None = None) -> dict[Path, str]:
    """Return what should stand in the folder; the same at every call."""
    folder = folder or EVENTS_FOLDER
    return {path: text for case in cases for path, text in _two_files(case, folder)}


def _two_files(case: Case, folder: Path) -> Iterator[tuple[Path, str]]:
    place = folder / case.function
    yield place / f"{case.name}.json", json.dumps(case.event, indent=2, ensure_ascii=False) + "\n"
    yield place / f"{case.name}{EXPECT_SUFFIX}", case.expect.to_json()


def stale(wanted: dict[Path, str], folder: Path | None = None) -> list[Path]:
    """Return files that are missing, different, or there without a case."""
    folder = folder or EVENTS_FOLDER
    different = [
        path
        for path, text in wanted.items()
        if not path.is_file() or path.read_text("utf-8") != text
    ]
    return sorted([*different, *(path for path in folder.glob("*/*.json") if path not in wanted)])


def main(arguments: list[str] | None = None) -> int:
    """Write what is not as it should be, or with `--check` only name it and return 1."""
    parser = argparse.ArgumentParser(prog="python -m tools.events", description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="write nothing; fail where files are stale"
    )
    options = parser.parse_args(arguments)
    cases = all_cases()
    wanted = files(cases)
    changed = stale(wanted)
    for path in changed:
        print(
            f"{'stale' if options.check else 'written'}: {path.relative_to(EVENTS_FOLDER.parent)}"
        )
        if not options.check:
            _put(path, wanted.get(path))
    if options.check and changed:
        print("Run `make events` and commit what it writes.", file=sys.stderr)
        return 1
    print(f"{len(cases)} events of {len(_FUNCTIONS)} functions are as they should be.")
    return 0


def _put(path: Path, text: str | None) -> None:
    if text is None:
        path.unlink()
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


if __name__ == "__main__":
    sys.exit(main())
