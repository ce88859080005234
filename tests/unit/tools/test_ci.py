"""What `.ci/run` makes of its steps' exit statuses, with stand-ins for make and for the last step."""

import shutil
import subprocess
from pathlib import Path

import pytest

from sandbox.emulator import ROOT

STEPS = 14


def program(path: Path, status: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\nexit {status}\n", "utf-8")
    path.chmod(0o755)


def ci(folder: Path, *, make: str, local: str) -> tuple[int, list[str]]:
    """Run a copy of it in an empty folder; returns its exit status and its last lines."""
    program(folder / "bin" / "chromium", "0")
    program(folder / "bin" / "make", make)
    only_local = f'"$([ "$2" = tools.local ] && echo {local} || echo 0)"'
    program(folder / ".venv" / "bin" / "python", only_local)
    script = folder / ".ci" / "run"
    script.parent.mkdir()
    shutil.copy2(ROOT / ".ci" / "run", script)
    answer = subprocess.run(
        [script],
        env={"PATH": f"{folder}/bin:/usr/local/bin:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert not answer.stderr
    return answer.returncode, answer.stdout.splitlines()


def test_all_passed_is_said_in_the_last_line(tmp_path: Path) -> None:
    status, lines = ci(tmp_path, make="0", local="0")
    assert status == 0
    assert lines[-1] == f"steps: {STEPS} passed, 0 failed"


def test_a_step_that_cannot_be_run_is_neither_passed_nor_failed(tmp_path: Path) -> None:
    status, lines = ci(tmp_path, make="0", local="77")
    assert status == 0
    assert lines[-1] == f"steps: {STEPS - 1} passed, 0 failed, 1 not run"
    name, _, _, result = lines[-2].split(maxsplit=3)
    assert (name, result) == ("local-invoke", "NOT RUN")


@pytest.mark.parametrize("status", ["1", "2", "130"])
def test_any_other_status_is_a_failure_that_is_named(status: str, tmp_path: Path) -> None:
    code, lines = ci(tmp_path, make="0", local=status)
    assert code == 1
    assert lines[-2:] == [f"steps: {STEPS - 1} passed, 1 failed", "failed: local-invoke"]


def test_a_failed_step_keeps_no_other_from_running(tmp_path: Path) -> None:
    only_types = '"$([ "$1" = types ] && echo 2 || echo 0)"'
    code, lines = ci(tmp_path, make=only_types, local="77")
    assert code == 1
    assert lines[-2:] == [f"steps: {STEPS - 2} passed, 1 failed, 1 not run", "failed: types"]
