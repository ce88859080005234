"""What is fetched: pinned by version and hash, from wherever this machine's clients are told, named nowhere here."""

import json
import re
from pathlib import Path

import pytest

from tools.oracles.catalogue import ORACLES, PROGRAMS, Kind, Oracle
from tools.oracles.differences import DIFFERENCES
from tools.oracles.running import CHECKS


def of_kind(kind: Kind) -> pytest.MarkDecorator:
    found = [oracle for oracle in ORACLES if oracle.kind is kind]
    return pytest.mark.parametrize("oracle", found, ids=lambda oracle: oracle.name)


@of_kind(Kind.NODE)
def test_node_packages_are_pinned_by_their_digest(oracle: Oracle) -> None:
    wanted = json.loads((oracle.program / "package.json").read_text("utf-8"))["dependencies"]
    lock = json.loads((oracle.program / "package-lock.json").read_text("utf-8"))["packages"]
    assert wanted == {oracle.name: oracle.version}
    assert lock[f"node_modules/{oracle.name}"]["version"] == oracle.version
    assert all("integrity" in entry for name, entry in lock.items() if name)
    assert not any("resolved" in entry for entry in lock.values())


@of_kind(Kind.PYTHON)
def test_python_packages_are_pinned_by_their_digests(oracle: Oracle) -> None:
    pins = (oracle.program / "requirements.in").read_text("utf-8")
    text = (oracle.program / "requirements.txt").read_text("utf-8")
    requirements = [block for block in re.split(r"\n(?=\S)", text.strip()) if block]
    assert pins.strip() == f"{oracle.name}=={oracle.version}"
    assert any(one.startswith(f"{oracle.name}=={oracle.version} ") for one in requirements)
    assert all("--hash=sha256:" in one for one in requirements)
    assert "://" not in text


@of_kind(Kind.JAVA)
def test_java_archives_are_pinned_by_their_digests(oracle: Oracle) -> None:
    pom = (oracle.program / "pom.xml").read_text("utf-8")
    pins = (oracle.program / "jars.sha256").read_text("utf-8").split()
    named = re.findall(r"<artifactId>([^*<]+)</artifactId>\s*<version>([^<]+)</version>", pom)[1:]
    assert pins[1::2] == sorted(f"{name}-{version}.jar" for name, version in named)
    assert all(re.fullmatch(r"[0-9a-f]{64}", digest) for digest in pins[::2])
    assert (oracle.name, oracle.version) in named
    # Nothing comes along that is not named.
    assert pom.count("<exclusions>") == len(named)
    assert "://" not in pom


def test_every_program_has_its_oracle() -> None:
    folders = {
        path.name for path in PROGRAMS.iterdir() if path.is_dir() and any(path.glob("*rogram.*"))
    }
    assert folders == {oracle.folder for oracle in ORACLES}


def test_every_channel_has_checks_and_every_difference_an_oracle_and_a_reason() -> None:
    assert {oracle.channel for oracle in ORACLES} == set(CHECKS)
    assert set(DIFFERENCES) <= {oracle.name for oracle in ORACLES}
    assert all(reason for cases in DIFFERENCES.values() for reason in cases.values())


def test_programs_import_nothing_of_ours_but_their_lines() -> None:
    """Or product code would agree with itself."""
    for path in PROGRAMS.rglob("*.py"):
        text = Path(path).read_text("utf-8")
        ours = re.findall(
            r"^(?:from|import) ((?:tools|pay\w+|sandbox|functions)[\w.]*)", text, re.MULTILINE
        )
        assert set(ours) <= {"tools.oracles.programs.lines"}, path
