"""The sandbox that is up at this moment, as .sandbox/current.json tells other programs."""

import fcntl
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sandbox.emulator import ROOT

STATE_FOLDER: Final = ROOT / ".sandbox"
CURRENT: Final = STATE_FOLDER / "current.json"


def current() -> Mapping[str, Any] | None:
    """Return what is written about the running sandbox; None where none runs, also after one was killed."""
    try:
        found: Mapping[str, Any] = json.loads(CURRENT.read_text("utf-8"))
        lock = Path(found["logs"]) / "lock"
        with lock.open("r") as handle:
            # A lock that can be had is nobody's: its supervisor is gone.
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return found
    except (OSError, ValueError, KeyError):
        return None
    return None


def pace(rate: int) -> str:
    """Say how fast a sandbox's clock runs."""
    return "in real time" if rate == 1 else f"{rate} times as fast as real time"


@contextmanager
def announced(description: Mapping[str, Any]) -> Iterator[None]:
    """Tell other programs about a sandbox for as long as this lasts; one that was announced before stays announced."""
    if current() is not None:
        yield
        return
    CURRENT.write_text(json.dumps(description, indent=2) + "\n", "utf-8")
    try:
        yield
    finally:
        CURRENT.unlink(missing_ok=True)
