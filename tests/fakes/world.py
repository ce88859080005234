"""A world that runs by itself: each job is delivered at its time, the stream after each write, until nothing is left."""

import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from paycenter.domain.jobs import Job, JobKind
from paycenter.domain.order import Order
from paycenter.usecases.publish import Change, publish
from paycenter.usecases.sweep import sweep
from tests.fakes.acting import CONSUMERS
from tests.fakes.clock import START
from tests.fakes.ports import FakePorts, fake_ports

# More deliveries than any test needs: a ladder that never ends fails here instead of hanging.
MOST_DELIVERIES: Final = 5_000
_SWEEP_SECONDS: Final = 60


@dataclass
class World:
    """Business time runs from job to job.

    Each message arrives `copies` times and up to `lateness` seconds late, in an order that `seed` decides. With
    `sweeping` the schedule runs each minute.
    """

    ports: FakePorts = field(default_factory=fake_ports)
    copies: int = 1
    lateness: int = 0
    sweeping: bool = False
    seed: int = 0
    delivered: Counter[JobKind] = field(default_factory=Counter)
    words: list[str] = field(default_factory=list)
    _swept_at: int = START
    _published: int = 0
    _before: dict[str, Order] = field(default_factory=dict)

    def run(self, until: int | None = None) -> None:
        """Deliver all jobs that arrive until a moment, or until there are none; the clock stands there afterwards."""
        chance = random.Random(self.seed)
        self._stream()
        while (arrives_at := self._next_at()) is not None:
            if until is not None and arrives_at > until:
                break
            if self.sweeping and arrives_at == self._sweep_at():
                self.ports.clock.forward_to(arrives_at)
                self._swept_at = arrives_at
                sweep(self.ports)
                continue
            for job in self._arriving(arrives_at, until, chance):
                self.deliver(job)
        if until is not None:
            self.ports.clock.forward_to(until)

    def deliver(self, job: Job) -> None:
        """Hand a message to its consumer, as often as it comes; then the stream runs."""
        for _ in range(self.copies):
            self.delivered[job.kind] += 1
            assert sum(self.delivered.values()) < MOST_DELIVERIES, f"no end: {self.delivered}"
            self.words.append(CONSUMERS[job.kind](job, self.ports))
            self._stream()

    def _sweep_at(self) -> int:
        return self._swept_at + _SWEEP_SECONDS

    def _next_at(self) -> int | None:
        job_at = self.ports.timers.next_at()
        if not self.sweeping:
            return job_at
        return self._sweep_at() if job_at is None else min(job_at, self._sweep_at())

    def _arriving(self, first_at: int, until: int | None, chance: random.Random) -> list[Job]:
        latest = first_at + (chance.randint(0, self.lateness) if self.lateness else 0)
        if until is not None:
            latest = min(latest, until)
        self.ports.clock.forward_to(latest)
        jobs = []
        while (at := self.ports.timers.next_at()) is not None and at <= latest:
            jobs.append(self.ports.timers.take())
        chance.shuffle(jobs)
        return jobs

    def _stream(self) -> None:
        history = self.ports.orders.history
        while self._published < len(history):
            order = history[self._published]
            publish([Change(self._before.get(order.id), order)], self.ports)
            self._before[order.id] = order
            self._published += 1
