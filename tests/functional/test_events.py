"""Every file of `events/` through its handler, over the real adapters: the answer, and the state afterwards."""

from pathlib import Path

import pytest

from tests.functional import blueprint
from tests.functional.bench import Bench
from tools.events.__main__ import all_cases, files, stale
from tools.events.check import answer_problems, state_problems
from tools.events.expectation import EVENTS_FOLDER, event_files, event_of, expectation_of
from tools.seed.writing import reset

pytestmark = pytest.mark.emulator


def _name(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


@pytest.mark.parametrize("path", event_files(), ids=_name)
def test_event(bench: Bench, path: Path) -> None:
    function, expect = path.parent.name, expectation_of(path)
    reset(bench.system, expect)
    bench.outbox.take()

    answer, error = None, False
    with bench.calls():
        try:
            answer = bench.invoke(function, event_of(path))
        except Exception:
            if not expect.error:
                raise
            error = True
        writes = bench.outbox.writes

    assert answer_problems(expect, answer, error=error) == []
    assert state_problems(expect, bench.tables) == []
    assert not expect.quiet or writes == []
    for number, expected in expect.state.items():
        if expected.sent is not None:
            order_id = bench.order(number, expected.line).id
            targets = [sent.target for sent in bench.outbox.about(order_id)]
            assert {name: targets.count(name) for name in targets} == expected.sent, number


def test_events_are_what_make_events_writes() -> None:
    assert stale(files(all_cases())) == []


def test_every_function_has_events_and_every_event_a_function() -> None:
    assert sorted(folder.name for folder in EVENTS_FOLDER.iterdir()) == blueprint.functions()
