"""All interleavings of a few callers at the calls to their ports: exhaustive, one thread running at a time."""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from tests.fakes.wire import Wire

type Task = Callable[[], object]


@dataclass
class Schedule:
    """Runs tasks in turns. `prefix` says whose turn it is at each step; then the first that is alive goes on."""

    tasks: Sequence[Task]
    prefix: tuple[int, ...] = ()
    taken: list[int] = field(default_factory=list)
    choices: list[tuple[int, ...]] = field(default_factory=list)
    results: dict[int, object] = field(default_factory=dict)
    _turns: list[threading.Semaphore] = field(default_factory=list)
    _back: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    _mine: threading.local = field(default_factory=threading.local)

    def run(self) -> None:
        """Run all tasks to their end; an exception of a task is its result."""
        self._turns = [threading.Semaphore(0) for _ in self.tasks]
        threads = [
            threading.Thread(target=self._follow, args=(number,))
            for number in range(len(self.tasks))
        ]
        for number, thread in enumerate(threads):
            thread.start()
            # Up to its first call a task touches nothing that another can see: no choice is lost.
            self._give_turn(number)
        while alive := tuple(n for n in range(len(self.tasks)) if n not in self.results):
            step = len(self.taken)
            turn = self.prefix[step] if step < len(self.prefix) else alive[0]
            self.choices.append(alive)
            self.taken.append(turn)
            self._give_turn(turn)
        for thread in threads:
            thread.join()

    def pause(self) -> None:
        """Give the turn back before a call; called by the wire."""
        number: int | None = getattr(self._mine, "number", None)
        if number is not None:
            self._back.release()
            self._turns[number].acquire()

    def _give_turn(self, number: int) -> None:
        self._turns[number].release()
        self._back.acquire()

    def _follow(self, number: int) -> None:
        self._mine.number = number
        self._turns[number].acquire()
        try:
            self.results[number] = self.tasks[number]()
        except Exception as error:  # noqa: BLE001 - what a task raises is what it gave
            self.results[number] = error
        self._back.release()


def interleavings(
    make: Callable[[], tuple[Wire, Sequence[Task]]], at_most: int = 5_000
) -> Iterator[dict[int, object]]:
    """Run fresh tasks under every possible interleaving and give their results, task by task.

    `make` returns a fresh world's wire and tasks; the caller keeps the world and looks at it after each result.
    """
    waiting: list[tuple[int, ...]] = [()]
    for _ in range(at_most):
        if not waiting:
            return
        prefix = waiting.pop()
        wire, tasks = make()
        schedule = Schedule(tasks, prefix)
        wire.before_each = schedule.pause
        schedule.run()
        wire.before_each = lambda: None
        for step in range(len(prefix), len(schedule.taken)):
            turn = schedule.taken[step]
            others = [other for other in schedule.choices[step] if other != turn]
            waiting += [(*schedule.taken[:step], other) for other in others]
        yield schedule.results
    raise AssertionError(f"more than {at_most} interleavings")
