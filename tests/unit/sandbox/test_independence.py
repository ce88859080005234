"""The simulators are the other side of the wire: they share no code with the product."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import sandbox
from sandbox.simulator.description import simulators

ROOT = Path(sandbox.__path__[0])
PRODUCT = {"paycenter", "paychannels", "functions", "shared", "layers", "tools"}
SIMULATORS = sorted(about.name for about in simulators())
PROGRAMS = sorted(
    path for name in [*SIMULATORS, "simulator", "shop"] for path in (ROOT / name).rglob("*.py")
)
SHARED = ("sandbox.simulator", "sandbox.business_clock", "sandbox.serving", "sandbox.forms")
SHARED_BY_THEM = [ROOT / f"{name.rpartition('.')[2]}.py" for name in SHARED[1:]]


def imported(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "a relative import hides where it leads"
            yield node.module or ""
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            # A name handed to importlib would be an import too.
            yield from (node.value for name in PRODUCT if node.value.startswith(f"{name}."))


@pytest.mark.parametrize(
    "path", [*PROGRAMS, *SHARED_BY_THEM], ids=lambda p: str(p.relative_to(ROOT))
)
def test_no_simulator_imports_product_code(path: Path) -> None:
    names = list(imported(path.read_text("utf-8")))
    assert not [name for name in names if name.partition(".")[0] in PRODUCT]


@pytest.mark.parametrize(
    "path", [*PROGRAMS, *SHARED_BY_THEM], ids=lambda p: str(p.relative_to(ROOT))
)
def test_a_program_imports_of_the_sandbox_itself_and_the_kit_alone(path: Path) -> None:
    """Or product code could come in through the supervisor, and one channel's mistakes through another."""
    ours = [name for name in imported(path.read_text("utf-8")) if name.startswith("sandbox")]
    allowed = tuple(f"{name}." for name in (f"sandbox.{path.relative_to(ROOT).parts[0]}", *SHARED))
    assert not [name for name in ours if not f"{name}.".startswith(allowed)]


def test_the_rule_sees_an_import_of_product_code() -> None:
    for line in (
        "import paycenter",
        "from paychannels.rsa import sign",
        "import functions.query.app as f",
    ):
        assert [name for name in imported(line) if name.partition(".")[0] in PRODUCT], line
    assert len(PROGRAMS) > 25
