"""What the simulator will do later, in business time: deadlines, callback attempts, late money."""

import asyncio
import heapq
import itertools
import traceback
from collections.abc import Awaitable, Callable

from sandbox.business_clock import Clock

type Action = Callable[[], Awaitable[None]]

LONGEST_NAP_SECONDS = 60.0


class Agenda:
    """A heap of actions by due moment; run by one task in a program, by hand in tests with a clock of their own."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._entries: list[tuple[float, int, Action]] = []
        self._order = itertools.count()
        self._changed = asyncio.Event()
        self._running: set[asyncio.Task[None]] = set()

    def at(self, due: float, action: Action) -> None:
        """Do the action once business time has reached ``due`` (epoch seconds), soon when that is past."""
        heapq.heappush(self._entries, (due, next(self._order), action))
        self._changed.set()

    @property
    def next_due(self) -> float | None:
        """The earliest due moment, or None when nothing is planned."""
        return self._entries[0][0] if self._entries else None

    def take_due(self) -> list[Action]:
        """Remove and return what is due by now, earliest first."""
        due: list[Action] = []
        while self._entries and self._entries[0][0] <= self._clock.now():
            due.append(heapq.heappop(self._entries)[2])
        return due

    async def run_due(self) -> int:
        """Do what is due, one after the other, and say how much it was (for tests with a fake clock)."""
        actions = self.take_due()
        for action in actions:
            await action()
        return len(actions)

    async def run_forever(self) -> None:
        """Do everything in its time; one slow receiver delays nothing else. Ends by cancellation."""
        while True:
            self._changed.clear()
            for action in self.take_due():
                task = asyncio.create_task(_reported(action))
                self._running.add(task)
                task.add_done_callback(self._running.discard)
            await self._nap()

    async def _nap(self) -> None:
        nap = LONGEST_NAP_SECONDS
        if self.next_due is not None:
            nap = min(nap, self._clock.real_seconds(max(0.0, self.next_due - self._clock.now())))
        try:
            await asyncio.wait_for(self._changed.wait(), timeout=nap)
        except TimeoutError:
            return


async def _reported(action: Action) -> None:
    """Run an action; a defect of the simulator is printed and stops nothing else."""
    try:
        await action()
    except Exception:  # noqa: BLE001 - the loop must outlive any single action
        traceback.print_exc()
