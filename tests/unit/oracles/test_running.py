"""The run as a whole: what it prints and with which status it ends."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.unit.oracles.fake import ORACLE, environment
from tools.local.own_engine import NotRun
from tools.oracles import running
from tools.oracles.catalogue import Kind, Oracle
from tools.oracles.checks import Check, Side
from tools.oracles.draw import Draw
from tools.oracles.environments import Environment
from tools.oracles.findings import ACCEPTED, REFUSED, Finding

type Bench = Callable[..., int]


def doubles(side: Side, draw: Draw) -> Iterator[Finding]:
    number = draw.number(1, 100)
    yield Finding(
        case="doubles", ours=number + number, theirs=side.talk.value("double", number=number)
    )


def odd_ones(side: Side, _draw: Draw) -> Iterator[Finding]:
    theirs = side.talk.accepts("even", number=2)
    yield Finding(case="two", ours=REFUSED, theirs=theirs, right=REFUSED)


def raising(_side: Side, _draw: Draw) -> Iterator[Finding]:
    yield from ()
    raise LookupError("our own fault")


def stumbling(side: Side, _draw: Draw) -> Iterator[Finding]:
    yield Finding(case="stumbles", ours=ACCEPTED, theirs=side.talk.accepts("stumble"))


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    def ran(
        *checks: Check,
        oracles: tuple[Oracle, ...] = (ORACLE,),
        known: dict[str, str] | None = None,
        missing: str = "",
        arguments: tuple[str, ...] = ("--rounds", "2"),
    ) -> int:
        def prepared(oracle: Oracle) -> Environment:
            if missing in ("all", oracle.name):
                raise NotRun("the registry lacks it")
            return environment(tmp_path)

        monkeypatch.setattr(running, "ORACLES", oracles)
        monkeypatch.setattr(running, "CHECKS", {"fake": checks})
        monkeypatch.setattr(running, "DIFFERENCES", {"fake": known or {}})
        monkeypatch.setattr(running, "prepare", prepared)
        return running.main(arguments)

    return ran


def test_agreement_ends_well_and_is_counted(run: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(doubles) == 0
    printed = capsys.readouterr().out
    assert "fake 1.2.3" in printed
    assert "2 cases, 2 agreed, 0 refused by us although accepted there" in printed


def test_a_difference_that_is_not_listed_fails_the_run(
    run: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(doubles, odd_ones) == 1
    assert "FAILED two: we say refused, they say accepted" in capsys.readouterr().out


def test_a_listed_difference_is_shown_with_its_reason(
    run: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(odd_ones, known={"two": "two is odd here"}) == 0
    printed = capsys.readouterr().out
    assert "two (fake): accepted there, refused here: two is odd here" in printed
    assert "2 refused by us although accepted there" in printed


def test_a_listed_difference_that_went_away_fails_the_run(
    run: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(doubles, known={"two": "gone"}) == 1
    assert "FAILED two: listed as a difference" in capsys.readouterr().out


def test_an_exception_of_ours_fails_its_check_and_the_next_one_runs(
    run: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(raising, doubles) == 1
    printed = capsys.readouterr().out
    assert "FAILED raising: raised LookupError: our own fault" in printed
    assert "2 agreed" in printed


def test_a_program_that_stumbles_fails_the_run(
    run: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(stumbling) == 1
    assert "a fault of the program" in capsys.readouterr().out


def test_another_version_than_the_pinned_one_fails_the_run(
    run: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(doubles, oracles=(replace(ORACLE, version="9.9"),)) == 1
    assert "is version 1.2.3, not 9.9" in capsys.readouterr().out


def test_a_channel_without_checks_fails_the_run(run: Bench) -> None:
    assert run() == 1


def test_one_that_can_not_run_is_told_and_not_counted(
    run: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(doubles, oracles=(ORACLE, replace(ORACLE, name="absent")), missing="absent") == 0
    printed = capsys.readouterr().out
    assert "NOT RUN: the registry lacks it" in printed
    assert "1 oracles, 1 not run: 2 cases, 2 agreed" in printed


def test_none_that_can_run_ends_with_77(run: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(doubles, missing="all") == 77
    assert "NOT RUN: no oracle could run" in capsys.readouterr().out


def test_one_can_be_chosen(run: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    both = (ORACLE, replace(ORACLE, name="other"))
    assert run(doubles, oracles=both, arguments=("--only", "other")) == 0
    assert "fake 1.2.3" not in capsys.readouterr().out


def test_a_name_that_nobody_has_is_told(run: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(doubles, arguments=("--only", "nobody")) == 2
    assert "fake" in capsys.readouterr().out


def test_the_same_seed_puts_the_same_cases(run: Bench) -> None:
    drawn: list[list[int]] = [[], []]
    for numbers in drawn:

        def remembering(side: Side, draw: Draw, numbers: list[int] = numbers) -> Iterator[Finding]:
            numbers.append(draw.number(1, 10**9))
            yield from doubles(side, draw)

        assert run(remembering, arguments=("--seed", "x", "--rounds", "3")) == 0
    assert drawn[0] == drawn[1]
    assert len(set(drawn[0])) == 3


def test_missing_tools_are_installed_when_that_is_asked_for(
    run: Bench, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted: list[Kind] = []

    def refusing(kinds: list[Kind]) -> None:
        wanted.extend(kinds)
        raise NotRun("no apt-get here")

    monkeypatch.setattr(running, "install_tools", refusing)
    assert run(doubles, arguments=("--install",)) == 0
    assert wanted == [Kind.COMMAND]
    assert "no apt-get here" in capsys.readouterr().out
