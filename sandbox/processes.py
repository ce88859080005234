"""Programs that the sandbox starts: each with its own log, each ended by its id, also after a supervisor was killed."""

import fcntl
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_STOP_LIMIT_SECONDS: Final = 10.0
_LOG_TAIL_LINES: Final = 15


@dataclass(frozen=True, slots=True)
class Program:
    """A started program and where its output goes."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path


class ProgramError(Exception):
    """A program ended or did not come up; the message holds the end of its log."""

    def __init__(self, program: Program) -> None:
        lines = program.log.read_text("utf-8", "replace").splitlines()[-_LOG_TAIL_LINES:]
        end = "\n".join(f"    {line}" for line in lines)
        super().__init__(f"The {program.name} did not come up or ended. Its last words:\n{end}")


def start(
    name: str, command: Sequence[str], folder: Path, *, environment: Mapping[str, str]
) -> Program:
    """Start a program in a session of its own, so that a Ctrl-C reaches the supervisor alone, and note its id."""
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / f"{name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    note = {"pid": process.pid, "started": _started(process.pid)}
    (folder / f"{name}.pid").write_text(json.dumps(note))
    return Program(name, process, log)


def program_environment(aws: Mapping[str, str]) -> dict[str, str]:
    """Return this process's environment with these AWS variables and no others of the caller's."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return inherited | dict(aws) | {"PYTHONUNBUFFERED": "1"}


def stop(program: Program, patience_seconds: float = _STOP_LIMIT_SECONDS) -> None:
    """End a program: asked first, forced after a while. A program that has ended already is fine."""
    program.process.terminate()
    try:
        program.process.wait(patience_seconds)
    except subprocess.TimeoutExpired:
        program.process.kill()
        program.process.wait()


@contextmanager
def run_folder(parent: Path, name: str) -> Iterator[Path]:
    """Make a folder for one run, held by a lock that dies with this process, and remove it on leaving."""
    folder = parent / f"{name}-{os.getpid()}"
    folder.mkdir(parents=True)
    unlocked = folder / "unlocked"
    with unlocked.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        # Only now may others look whether somebody holds it.
        unlocked.rename(folder / "lock")
        try:
            yield folder
        finally:
            remove(folder)


def clean_leftovers(parent: Path) -> int:
    """End the programs and remove the folders of runs whose supervisor was killed; returns how many runs."""
    cleaned = 0
    for lock in sorted(parent.glob("*/lock")):
        with lock.open("w") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                continue  # its supervisor lives
            for note in lock.parent.rglob("*.pid"):
                _end_noted(json.loads(note.read_text()))
            remove(lock.parent)
            cleaned += 1
    return cleaned


def remove(folder: Path) -> None:
    """Remove a folder into which programs that are just ending may still write."""
    for _ in range(50):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(0.1)


def _end_noted(note: Mapping[str, object]) -> None:
    pid = note["pid"]
    # A process id is reused: the moment of its start tells whether it is still the same program.
    if not isinstance(pid, int) or not note["started"] or _started(pid) != note["started"]:
        return
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + _STOP_LIMIT_SECONDS
    while _started(pid) == note["started"]:
        if time.monotonic() > deadline:
            os.kill(pid, signal.SIGKILL)
            return
        time.sleep(0.1)


def _started(pid: int) -> str:
    """Return when a live program began, in the system's own words, or nothing for one that has ended."""
    stat = Path(f"/proc/{pid}/stat")
    if Path("/proc/self/stat").exists():
        try:
            # Behind the name, which may hold anything: the state first, the start in ticks as the 20th.
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            return ""
        return "" if fields[0] == "Z" else fields[19]
    answer = subprocess.run(
        ["ps", "-o", "lstart=", "-p", str(pid)],  # noqa: S607 - the system's own, where there is no /proc
        capture_output=True,
        text=True,
        check=False,
    )
    return answer.stdout.strip()
