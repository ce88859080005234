"""Delayed work as a list: what was sent, and what has not arrived yet."""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from paycenter.domain.jobs import Job, JobKind
from tests.fakes.clock import FrozenClock
from tests.fakes.wire import Wire

LONGEST_HOP_SECONDS: Final = 900


@dataclass
class RecordingTimers:
    """Keeps jobs until their time; `requests` are the batches as they were sent, `waits` the long ones."""

    clock: FrozenClock
    wire: Wire = field(default_factory=Wire)
    requests: list[tuple[Job, ...]] = field(default_factory=list)
    waits: dict[str, Job] = field(default_factory=dict)
    _under_way: list[tuple[int, int, Job]] = field(default_factory=list)
    _count: int = 0

    def schedule(self, jobs: Sequence[Job]) -> None:
        """Send jobs of one kind; what is due in more than 900 s hops first."""
        kinds = {job.kind for job in jobs}
        assert len(kinds) == 1, f"one request is for one queue, not for {kinds}"
        self.wire.run("timers.schedule", f"{jobs[0].kind}", lambda: self._schedule(jobs))

    def resume(self, job: Job) -> None:
        """Send a job on that came early: where a whole hop is left after its first, as one wait, once for a name."""
        self.wire.run("timers.resume", job.kind, lambda: self._resume(job))

    @property
    def sent(self) -> list[Job]:
        """Return every job that was scheduled, in order."""
        return [job for request in self.requests for job in request]

    def sent_of(self, kind: JobKind) -> list[Job]:
        """Return the scheduled jobs of one queue."""
        return [job for job in self.sent if job.kind is kind]

    def next_at(self) -> int | None:
        """Return the moment at which the next job arrives, or None where all have."""
        return self._under_way[0][0] if self._under_way else None

    def take(self) -> Job:
        """Return the job that arrives next."""
        return heapq.heappop(self._under_way)[2]

    def return_to_queue(self, job: Job, visibility_seconds: int) -> None:
        """Let a message that failed come again, as its queue does."""
        self._push(self.clock.now() + visibility_seconds, job)

    def _schedule(self, jobs: Sequence[Job]) -> None:
        self.requests.append(tuple(jobs))
        now = self.clock.now()
        for job in jobs:
            if job.due_at - now > LONGEST_HOP_SECONDS:
                self._push(now + LONGEST_HOP_SECONDS, replace(job, hopped=True))
            else:
                self._push(max(now, job.due_at), job)

    def _resume(self, job: Job) -> None:
        if not job.hopped or job.due_at - job.sent_at < 2 * LONGEST_HOP_SECONDS:
            self._schedule([replace(job, hopped=False)])
        elif job.name not in self.waits:
            self.waits[job.name] = job
            self._push(job.due_at, replace(job, hopped=False))

    def _push(self, arrives_at: int, job: Job) -> None:
        self._count += 1
        heapq.heappush(self._under_way, (arrives_at, self._count, job))
