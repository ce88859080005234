"""A machine that can't run functions in containers is told so in a sentence, and by the status that CI knows."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from sandbox.emulator import ROOT
from sandbox.engine import EngineFailure
from tools.local import own_engine
from tools.local.image import refusal_means_not_run
from tools.local.own_engine import NotRun, engine

NOBODY = "unix:///nowhere/docker.sock"


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the only folder on the path, of a machine of root's where no engine runs."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("DOCKER_HOST", NOBODY)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(own_engine, "RUNS", tmp_path / "runs")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(sys, "platform", "linux")
    return folder


def program(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    path.chmod(0o755)


def reason() -> str:
    with pytest.raises(NotRun) as refused, engine():
        pass
    return str(refused.value)


def test_the_tool_says_so_and_ends_with_77(tmp_path: Path) -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "tools.local"],
        cwd=ROOT,
        env={"PATH": str(tmp_path), "HOME": str(tmp_path), "DOCKER_HOST": NOBODY},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert answer.returncode == 77
    assert answer.stdout.startswith("NOT RUN: no container engine ")
    assert len(answer.stdout.splitlines()) == 1
    assert not answer.stderr


@pytest.mark.usefixtures("programs")
def test_nothing_to_install_an_engine_with() -> None:
    assert reason() == "no container engine is installed, and there is no apt-get to install one"


@pytest.mark.usefixtures("programs")
def test_not_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert reason() == "no container engine runs here, and only root on Linux can start one"


def test_packages_that_cannot_be_had(programs: Path) -> None:
    program(programs, "apt-get", "echo 'E: Unable to locate package docker.io' >&2; exit 100")
    assert reason() == "apt-get update failed: E: Unable to locate package docker.io"


def test_an_engine_that_is_not_on_the_path(programs: Path) -> None:
    program(programs, "apt-get", "exit 0")
    assert reason() == "docker.io is installed, but no dockerd is on the path"


def test_an_engine_that_does_not_start(programs: Path) -> None:
    program(programs, "dockerd", "echo 'failed to mount: operation not permitted'; exit 1")
    assert reason() == (
        "the container engine does not start: failed to mount: operation not permitted"
    )
    assert not list(own_engine.RUNS.iterdir())


def test_an_engine_that_another_run_has(programs: Path) -> None:
    program(programs, "dockerd", "exit 1")
    with own_engine._alone():
        assert reason() == "another run of this has the engine"


def answered(status: int) -> EngineFailure:
    response = requests.Response()
    response.status_code = status
    return EngineFailure("no", response, "unable to apply caps: operation not permitted")


def test_an_engine_that_starts_but_may_not_run_anything() -> None:
    sentence = "^the container engine can't run a container: unable to apply caps: operation not permitted$"
    with pytest.raises(NotRun, match=sentence), refusal_means_not_run("run a container"):
        raise answered(500)


def test_what_is_wrong_with_the_image_is_a_failure() -> None:
    with pytest.raises(EngineFailure), refusal_means_not_run("run a container"):
        raise answered(400)
