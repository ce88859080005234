"""Talking with a program: values, verdicts, refusals, and everything that is none of these."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.oracles.fake import environment
from tools.oracles import conversation as conversations
from tools.oracles.conversation import Broken, Conversation, conversation
from tools.oracles.findings import ACCEPTED, REFUSED


@pytest.fixture
def talk(tmp_path: Path) -> Iterator[Conversation]:
    started = environment(tmp_path)
    with conversation(started.command, started.variables, started.log) as talk:
        yield talk


def test_it_greets_with_version_and_abilities(talk: Conversation) -> None:
    assert talk.version == "1.2.3"
    assert talk.can("double")
    assert not talk.can("fly")


def test_it_answers_with_values(talk: Conversation) -> None:
    assert talk.value("double", number=21) == 42


def test_a_refusal_is_no_value(talk: Conversation) -> None:
    assert talk.value("refuse") == REFUSED


def test_only_a_plain_yes_is_a_verdict_of_acceptance(talk: Conversation) -> None:
    assert talk.accepts("even", number=2) == ACCEPTED
    assert talk.accepts("even", number=3) == REFUSED
    assert talk.accepts("refuse") == REFUSED
    assert talk.accepts("double", number=1) == REFUSED


def test_what_an_sdk_prints_disturbs_nothing(talk: Conversation) -> None:
    assert talk.accepts("chatter") == ACCEPTED


@pytest.mark.parametrize("question", ["stumble", "fly"])
def test_a_fault_of_the_program_is_no_verdict(talk: Conversation, question: str) -> None:
    with pytest.raises(Broken, match=question):
        talk.accepts(question)


def test_who_leaves_is_quoted(talk: Conversation) -> None:
    with pytest.raises(Broken, match="last words"):
        talk.value("leave")


def test_who_babbles_is_not_understood(talk: Conversation) -> None:
    with pytest.raises(Broken, match="no JSON"):
        talk.value("babble")


def test_nobody_waits_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started = environment(tmp_path)
    with conversation(started.command, started.variables, started.log) as talk:
        monkeypatch.setattr(conversations, "_ANSWER_LIMIT_SECONDS", 0.2)
        with pytest.raises(Broken, match="sleep"):
            talk.value("sleep")


def test_the_program_ends_with_the_conversation(tmp_path: Path) -> None:
    started = environment(tmp_path)
    with conversation(started.command, started.variables, started.log) as talk:
        pass
    assert talk.process.returncode == 0


def test_a_program_that_does_not_start_is_told(tmp_path: Path) -> None:
    started = environment(tmp_path, "import nonsense_that_is_not_there")
    with (
        pytest.raises(Broken, match="nonsense_that_is_not_there"),
        conversation(started.command, started.variables, started.log),
    ):
        pass
