"""A sandbox that somebody else started may end before the last case has run."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from sandbox import current as announcing
from sandbox.current import announced, current
from sandbox.processes import run_folder
from sandbox.supervisor import SandboxError
from tools.local.__main__ import explained


@pytest.fixture
def description(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mapping[str, Any]]:
    monkeypatch.setattr(announcing, "CURRENT", tmp_path / "current.json")
    with run_folder(tmp_path, "run") as folder:
        yield {"logs": str(folder)}


def test_it_is_said_that_it_has_ended(description: Mapping[str, Any]) -> None:
    with announced(description):
        assert current() == description
    with pytest.raises(SandboxError, match="ended meanwhile"), explained(description):
        raise ConnectionRefusedError


def test_what_fails_while_it_is_up_is_left_as_it_is(description: Mapping[str, Any]) -> None:
    with announced(description), pytest.raises(ConnectionRefusedError), explained(description):
        raise ConnectionRefusedError
