"""Says what is going on, and again every two seconds when it takes longer."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_HEARTBEAT_SECONDS: Final = 2.0


@contextmanager
def step(what: str) -> Iterator[None]:
    """Print the step, a heartbeat while it lasts, and how long it took."""
    print(f"{what} …", flush=True)
    started = time.monotonic()
    done = threading.Event()
    beating = threading.Thread(target=_beat, args=(started, done), daemon=True)
    beating.start()
    try:
        yield
    finally:
        done.set()
        beating.join()
    print(f"  done in {time.monotonic() - started:.1f} s", flush=True)


def _beat(started: float, done: threading.Event) -> None:
    while not done.wait(_HEARTBEAT_SECONDS):
        print(f"  … {time.monotonic() - started:.0f} s", flush=True)
