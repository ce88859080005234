"""Environments: made once, made anew when pins change, refused when something else comes than is pinned."""

import hashlib
import os
import shutil
from pathlib import Path

import pytest

from tests.unit.oracles.fake import ORACLE
from tools.local.own_engine import NotRun
from tools.oracles import environments
from tools.oracles.catalogue import Kind, Oracle
from tools.oracles.environments import check_jars, install_tools, prepare, tools_missing


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Every folder in which an environment was made, in order."""
    program = tmp_path / "programs" / ORACLE.folder
    program.mkdir(parents=True)
    (program / "program.py").write_text("1", "utf-8")
    folders: list[Path] = []

    def make(_oracle: Oracle, folder: Path) -> None:
        folders.append(folder)

    monkeypatch.setattr(Oracle, "program", property(lambda _: program))
    monkeypatch.setattr(environments, "cache_folder", lambda: tmp_path / "cache")
    monkeypatch.setattr(environments, "_MAKERS", {Kind.COMMAND: make})
    monkeypatch.setattr(environments, "NEEDED", {Kind.COMMAND: {}})
    return folders


def test_an_environment_is_made_once(made: list[Path]) -> None:
    assert prepare(ORACLE) == prepare(ORACLE)
    assert len(made) == 1


def test_one_whose_making_was_broken_off_is_made_anew(made: list[Path]) -> None:
    prepare(ORACLE)
    (made[0] / ".ready").unlink()
    prepare(ORACLE)
    assert len(made) == 2


def test_other_pins_make_another_and_the_old_one_goes(made: list[Path]) -> None:
    prepare(ORACLE)
    (ORACLE.program / "requirements.txt").write_text("other", "utf-8")
    prepare(ORACLE)
    assert made[0] != made[1]
    assert [path.exists() for path in made] == [False, True]


def test_nothing_leads_a_program_to_the_products_packages(
    made: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIRTUAL_ENV", "/somewhere")
    monkeypatch.setenv("NODE_PATH", "/somewhere")
    variables = prepare(ORACLE).variables
    assert made
    assert "/somewhere" not in variables.values()


def test_a_machine_without_the_tools_is_told_which(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    assert tools_missing(Kind.JAVA) == ["default-jdk-headless", "maven"]
    with pytest.raises(NotRun, match="default-jdk-headless, maven"):
        prepare(Oracle(name="x", version="1", channel="fake", kind=Kind.JAVA, folder="x"))


def test_tools_are_installed_once_for_all_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    installed: list[tuple[str, ...]] = []
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(environments, "tools_missing", lambda kind: [f"for-{kind}"])
    monkeypatch.setattr(environments, "install_packages", installed.append)
    monkeypatch.setattr(shutil, "which", lambda _: "/usr/bin/apt-get")
    install_tools([Kind.NODE, Kind.JAVA])
    assert installed == [("for-java", "for-node")]


def test_only_root_installs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(environments, "tools_missing", lambda _: ["maven"])
    with pytest.raises(NotRun, match="maven"):
        install_tools([Kind.JAVA])


def test_exactly_the_pinned_files_are_taken(tmp_path: Path) -> None:
    (tmp_path / "a-1.jar").write_bytes(b"a")
    pins = f"{hashlib.sha256(b'a').hexdigest()} a-1.jar\n"
    check_jars(tmp_path, pins)
    for other in (pins.replace("a-1", "b-1"), pins * 2 + f"{'0' * 64} c-1.jar\n", ""):
        with pytest.raises(NotRun, match="not what is pinned"):
            check_jars(tmp_path, other)
    (tmp_path / "a-1.jar").write_bytes(b"b")
    with pytest.raises(NotRun, match=r"a-1\.jar"):
        check_jars(tmp_path, pins)


def test_a_step_that_fails_says_why(tmp_path: Path) -> None:
    with pytest.raises(NotRun, match="no such package"):
        environments._run(["sh", "-c", "echo no such package >&2; exit 1"], tmp_path)
