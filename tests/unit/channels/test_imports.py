"""Channels depend on the ports and the domain, and never on each other."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import paychannels
from paychannels.registry import CHANNELS

ROOT = Path(paychannels.__file__).parent
FILES = sorted(ROOT.rglob("*.py"))
ALLOWED = ("paycenter.ports", "paycenter.domain", "paychannels", "cryptography")


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            yield from (f"{node.module}.{name.name}" for name in node.names)


def _within(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_imports_only_what_it_may(path: Path) -> None:
    folder = path.relative_to(ROOT).parts[0]
    others = CHANNELS.keys() - {folder}
    for name in _imported(path):
        top = name.partition(".")[0]
        assert top in sys.stdlib_module_names or any(_within(name, package) for package in ALLOWED)
        assert not any(_within(name, f"paychannels.{other}") for other in others), name
