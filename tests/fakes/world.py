"""A world that runs by itself: each job is delivered at its time, the stream after each write, until nothing is left."""

import random
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from paycenter.domain.errors import PayCenterError
from paycenter.domain.jobs import Job, JobKind
from paycenter.domain.order import Order
from paycenter.usecases.publish import Change, publish
from paycenter.usecases.sweep import sweep
from tests.fakes.acting import CONSUMERS
from tests.fakes.clock import START
from tests.fakes.ports import FakePorts, fake_ports
from tests.fakes.wire import Killed

# More deliveries than any test needs: a ladder that never ends fails here instead of hanging.
MOST_DELIVERIES: Final = 5_000
_SWEEP_SECONDS: Final = 60
_VISIBILITY_SECONDS: Final = 30


@dataclass
class World:
    """Business time runs from job to job.

    Each message arrives `copies` times, or now and then twice at the rate `doubling`, and up to `lateness` seconds
    late, in an order that `seed` decides. With `sweeping` the schedule runs each minute.
    """

    ports: FakePorts = field(default_factory=fake_ports)
    copies: int = 1
    doubling: float = 0
    lateness: int = 0
    sweeping: bool = False
    seed: int = 0
    delivered: Counter[JobKind] = field(default_factory=Counter)
    words: list[str] = field(default_factory=list)
    _chance: random.Random = field(init=False)
    _swept_at: int = START
    _published: int = 0
    _before: dict[str, Order] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)

    def run(self, until: int | None = None) -> None:
        """Deliver all jobs that arrive until a moment, or until there are none; the clock stands there afterwards."""
        self._stream()
        while (arrives_at := self._next_at()) is not None:
            if until is not None and arrives_at > until:
                break
            if self.sweeping and arrives_at == self._sweep_at():
                self.ports.clock.forward_to(arrives_at)
                self._sweep(arrives_at)
                continue
            for job in self._arriving(arrives_at, until):
                self.deliver(job)
        if until is not None:
            self.ports.clock.forward_to(until)

    def deliver(self, job: Job) -> None:
        """Hand a message to its consumer, as often as it comes; what fails comes again later. Then the stream runs."""
        for _ in range(self.copies + (self._chance.random() < self.doubling)):
            self.delivered[job.kind] += 1
            assert sum(self.delivered.values()) < MOST_DELIVERIES, f"no end: {self.delivered}"
            try:
                self.words.append(CONSUMERS[job.kind](job, self.ports))
            except (Killed, PayCenterError):
                self.ports.timers.return_to_queue(job, _VISIBILITY_SECONDS)
            self._stream()

    def _sweep(self, now: int) -> None:
        self._swept_at = now
        with suppress(Killed, PayCenterError):
            sweep(self.ports)

    def _sweep_at(self) -> int:
        return self._swept_at + _SWEEP_SECONDS

    def _next_at(self) -> int | None:
        job_at = self.ports.timers.next_at()
        if not self.sweeping:
            return job_at
        return self._sweep_at() if job_at is None else min(job_at, self._sweep_at())

    def _arriving(self, first_at: int, until: int | None) -> list[Job]:
        latest = first_at + self._chance.randint(0, self.lateness)
        if until is not None:
            latest = min(latest, until)
        self.ports.clock.forward_to(latest)
        jobs = []
        while (at := self.ports.timers.next_at()) is not None and at <= latest:
            jobs.append(self.ports.timers.take())
        self._chance.shuffle(jobs)
        return jobs

    def _stream(self) -> None:
        history = self.ports.orders.history
        while self._published < len(history):
            order = history[self._published]
            try:
                publish([Change(self._before.get(order.id), order)], self.ports)
            except (Killed, PayCenterError):
                # A stream repeats its batch until it is through.
                continue
            self._before[order.id] = order
            self._published += 1
