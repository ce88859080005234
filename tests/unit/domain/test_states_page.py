"""The published picture of the states is drawn from the tables, and is never out of date."""

import re

import pytest

from paycenter.domain.states import ORDER, PAYMENT, OrderEvent, OrderState
from tools import draw_states


def test_the_page_is_what_the_tables_say_today() -> None:
    assert draw_states.PAGE.read_text("utf-8") == draw_states.page(), (
        "docs/states.md is out of date; run python -m tools.draw_states"
    )


def test_a_picture_shows_every_move_and_no_other() -> None:
    drawn = re.findall(r"^    (\w+) --> (\w+): (\w+)$", draw_states.draw(PAYMENT), re.MULTILINE)
    moves = [(s, after, e) for s, moves in PAYMENT.items() for e, after in moves.items()]
    assert sorted(drawn) == sorted(moves)


def test_a_picture_begins_and_ends_where_the_table_does() -> None:
    drawn = draw_states.draw(ORDER, OrderState.CREATED)
    assert "    [*] --> CREATED\n" in drawn
    assert [line for line in drawn.splitlines() if line.endswith("[*]")] == ["    PAID --> [*]"]


def test_a_changed_table_makes_the_check_fail(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["draw_states", "--check"])
    assert draw_states.main() == 0
    changed = {**ORDER, OrderState.PAID: {OrderEvent.CLOSED: OrderState.CLOSED}}
    monkeypatch.setattr(draw_states, "ORDER", changed)
    assert draw_states.main() == 1
    assert "out of date" in capsys.readouterr().out
