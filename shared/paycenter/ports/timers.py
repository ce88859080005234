"""Delayed work: a timer is a hint, its consumer reads the order first and drops what is out of date."""

from collections.abc import Sequence
from typing import Protocol

from paycenter.domain.jobs import Job


class Timers(Protocol):
    """Sends jobs so that they arrive at their due time, at least once, never cancelled."""

    def schedule(self, jobs: Sequence[Job]) -> None:
        """Send all jobs of one kind, in as few requests as possible; raises when one could not be sent.

        Due within 900 s: one delayed message. Later: lazily, a first hop of 900 s, after which `resume` decides.
        A repeat sends again, which is harmless.
        """

    def resume(self, job: Job) -> None:
        """Send a job on its way that came before its due time; after its first hop a long rest is waited for elsewhere."""
