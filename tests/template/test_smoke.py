"""Deployed functions load modules from their code, their layers, the runtime and the standard library alone."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.emulator import ROOT
from tests.emulated import EmulatedStack
from tests.template.smoking import function_with
from tools.smoke import BuiltFunction, built_functions, load

_FUNCTIONS = {function.handler.split(".")[1]: function for function in built_functions()}
_HANDLER = "def handler(event, context):\n    return event\n"


def test_every_function_was_built() -> None:
    assert set(_FUNCTIONS) == {path.parent.name for path in ROOT.glob("functions/*/app.py")}


@pytest.mark.parametrize("name", _FUNCTIONS)
def test_a_built_handler_finds_all_that_it_loads_while_it_works(
    name: str, stack: EmulatedStack
) -> None:
    cases = sorted(ROOT.glob(f"events/{name}/*.json"))
    events = [
        json.loads(case.read_text("utf-8"))
        for case in cases
        if not case.name.endswith(".expect.json")
    ]
    loaded = load(_FUNCTIONS[name], events, stack.environment(name))
    assert loaded.problems == []
    assert len(loaded.answers) == len(events)


def test_a_module_of_the_development_environment_is_found_out(tmp_path: Path) -> None:
    packages = Path(pytest.__file__).parent.parent
    source = f"import sys\nsys.path.append({str(packages)!r})\nimport httpx\n{_HANDLER}"
    problems = load(function_with(tmp_path, source)).problems
    assert any(problem.startswith("httpx: loaded from") for problem in problems)


def test_a_module_that_is_loaded_late_is_found_out(tmp_path: Path) -> None:
    source = (
        f"import sys\ndef handler(event, context):\n    sys.path.append({str(ROOT)!r})\n"
        "    import sandbox.ports\n"
    )
    function = function_with(tmp_path, source)
    assert load(function).problems == []
    problems = load(function, [{}]).problems
    assert any(problem.startswith("sandbox.ports: loaded from") for problem in problems)


def test_a_missing_package_is_found_out(tmp_path: Path) -> None:
    (problem,) = load(function_with(tmp_path, f"import pydantic\n{_HANDLER}")).problems
    assert "No module named 'pydantic'" in problem


def test_a_layer_without_bytecode_is_found_out(tmp_path: Path) -> None:
    function = function_with(tmp_path, f"import layered\n{_HANDLER}", layer="NUMBER = 1\n")
    (problem,) = load(function).problems
    assert problem.startswith("layered: no bytecode")
    _compile(function)
    assert load(function).problems == []


def test_the_runtime_has_its_own_packages_and_not_their_neighbours(tmp_path: Path) -> None:
    assert load(function_with(tmp_path, f"import boto3, dateutil, six\n{_HANDLER}")).problems == []
    (problem,) = load(function_with(tmp_path / "other", f"import ministack\n{_HANDLER}")).problems
    assert "No module named 'ministack'" in problem


def _compile(function: BuiltFunction) -> None:
    layer = function.layers[0]
    mode = ["--invalidation-mode", "unchecked-hash"]
    subprocess.run([sys.executable, "-m", "compileall", "-q", *mode, str(layer)], check=True)
