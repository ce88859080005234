"""What the build made: wheels of the chosen processor, bytecode, and nothing of ours where it does not belong."""

import os
import subprocess
from pathlib import Path

import pytest

from sandbox.emulator import ROOT
from tests.template.smoking import LAYERS
from tools.build import BUILT, foreign_libraries, host_architecture

_ELF = b"\x7fELF" + bytes(14)
_MACHINES = {"x86_64": b"\x3e\x00", "arm64": b"\xb7\x00"}


def test_the_built_layers_hold_libraries_of_this_build_alone() -> None:
    assert list(BUILT.rglob("*.so"))
    assert foreign_libraries(BUILT, host_architecture()) == []


@pytest.mark.parametrize("architecture", _MACHINES)
def test_a_library_of_another_processor_is_found(tmp_path: Path, architecture: str) -> None:
    for name, machine in _MACHINES.items():
        (tmp_path / f"{name}.so").write_bytes(_ELF + machine)
    (other,) = _MACHINES.keys() - {architecture}
    assert foreign_libraries(tmp_path, architecture) == [tmp_path / f"{other}.so"]


@pytest.mark.parametrize(("architecture", "wheels"), [("arm64", "aarch64"), ("x86_64", "x86_64")])
def test_the_layer_asks_for_wheels_of_the_architecture_it_is_told(
    architecture: str, wheels: str
) -> None:
    commands = subprocess.run(
        ["make", "--dry-run", "build-DependenciesLayer"],
        cwd=ROOT / "layers/dependencies",
        env={"PATH": os.environ["PATH"], "PAYCENTER_ARCHITECTURE": architecture},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    platforms = {word for word in commands.split() if word.startswith("manylinux")}
    assert len(platforms) == 3
    assert all(platform.endswith(wheels) for platform in platforms)
    assert "--only-binary=:all:" in commands


def test_the_pinned_packages_are_pinned_by_hash_and_name_no_place() -> None:
    lines = (ROOT / "layers/dependencies/requirements.txt").read_text("utf-8").splitlines()
    packages = [line for line in lines if line and not line.startswith((" ", "#"))]
    assert packages
    assert all("==" in line and line.endswith("\\") for line in packages)
    assert not [line for line in lines if "://" in line or line.startswith("-")]


def test_boto3_is_left_to_the_runtime() -> None:
    assert not list((BUILT / "DependenciesLayer").rglob("boto*"))


@pytest.mark.parametrize("layer", LAYERS)
def test_every_module_of_a_layer_has_its_bytecode(layer: str) -> None:
    python = BUILT / layer / "python"
    sources = [path for path in python.rglob("*.py") if "/tests/" not in str(path)]
    assert sources
    missing = [
        source
        for source in sources
        if not (source.parent / "__pycache__" / f"{source.stem}.cpython-313.pyc").exists()
    ]
    assert missing == []


def test_a_functions_folder_holds_its_handler_alone() -> None:
    for folder in BUILT.glob("*Function"):
        names = {path.name for path in folder.rglob("*") if path.is_file()}
        assert "app.py" in names
        assert names <= {path.name for path in (ROOT / "functions").rglob("*.py")}


def test_the_shared_and_the_channels_layer_hold_one_package_each() -> None:
    for layer, package in (("SharedLayer", "paycenter"), ("ChannelsLayer", "paychannels")):
        assert [path.name for path in (BUILT / layer / "python").iterdir()] == [package]
