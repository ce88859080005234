"""`make smoke`: import every built handler as Lambda would, and see where each loaded module came from.

The interpreter is isolated; its path holds the function's built folder, its built layers and the packages that the
Lambda runtime brings. Anything loaded from elsewhere would be missing on AWS.
"""

import json
import os
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any, Final

from samcli.yamlhelper import yaml_parse

from tools.build import BUILT, ROOT

_CHILD: Final = ROOT / "tools" / "smoke_child.py"
_EMULATOR_PACKAGES: Final = ROOT / ".venv-emulator/lib/python3.13/site-packages"
# What the runtime python3.13 has beside the standard library (AWS Lambda, "Packages available in Python runtimes").
RUNTIME_PACKAGES: Final = (
    *("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six.py", "urllib3"),
)
# PEP 552: a pyc that is found by its hash and never compared with its source.
_UNCHECKED_HASH: Final = (1).to_bytes(4, "little")
_LIMIT_SECONDS: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltFunction:
    """A function as it was built: its handler, its folder, and its layers' folders in order."""

    name: str
    handler: str
    code: Path
    layers: Sequence[Path]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What a handler loaded and answered, and everything that speaks against it."""

    modules: int
    answers: Sequence[Any]
    problems: Sequence[str]


def built_functions(folder: Path = BUILT) -> list[BuiltFunction]:
    """Read the built template; layers of Globals come first, as SAM merges them."""
    template = yaml_parse((folder / "template.yaml").read_text("utf-8"))
    resources = template["Resources"]
    shared = template.get("Globals", {}).get("Function", {}).get("Layers", [])
    return [
        BuiltFunction(
            name=name,
            handler=entry["Properties"]["Handler"],
            code=folder / entry["Properties"]["CodeUri"],
            layers=[
                folder / resources[layer["Ref"]]["Properties"]["ContentUri"] / "python"
                for layer in [*shared, *entry["Properties"].get("Layers", [])]
            ],
        )
        for name, entry in resources.items()
        if entry["Type"] == "AWS::Serverless::Function"
    ]


def load(
    function: BuiltFunction,
    events: Sequence[Any] = (),
    environment: Mapping[str, str] | None = None,
) -> Loaded:
    """Import a built handler alone, call it with the events (that loads what is loaded late), and judge the modules."""
    with _runtime_folder() as runtime, tempfile.TemporaryDirectory() as scratch:
        plan, result = Path(scratch) / "plan.json", Path(scratch) / "result.json"
        path = [function.code, *function.layers, runtime]
        plan.write_text(
            json.dumps(
                {
                    "path": [str(entry) for entry in path],
                    "handler": function.handler,
                    "events": list(events),
                    "result": str(result),
                }
            )
        )
        answer = subprocess.run(
            [sys.executable, "-I", "-S", "-B", str(_CHILD), str(plan)],
            env={"PATH": os.defpath, **(environment or {})},
            capture_output=True,
            text=True,
            timeout=_LIMIT_SECONDS,
            check=False,
        )
        if answer.returncode != 0:
            return Loaded(modules=0, answers=[], problems=[answer.stderr.strip()])
        found = json.loads(result.read_text("utf-8"))
        return Loaded(
            modules=len(found["modules"]),
            answers=found["answers"],
            problems=list(_problems(found["modules"], function, runtime)),
        )


def _problems(modules: Mapping[str, str], function: BuiltFunction, runtime: Path) -> Iterator[str]:
    standard = [Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib")]
    for name, file in modules.items():
        if not file:
            continue
        place = Path(file)
        if any(place.is_relative_to(layer) for layer in function.layers):
            if place.suffix == ".py" and not _is_precompiled(place):
                yield f"{name}: no bytecode that Lambda would take beside {place.name}"
        elif "site-packages" in place.parts or not any(
            place.is_relative_to(allowed) for allowed in (function.code, runtime, *standard)
        ):
            yield f"{name}: loaded from {place}, which Lambda does not have"


def _is_precompiled(source: Path) -> bool:
    bytecode = Path(cache_from_source(str(source)))
    return bytecode.exists() and bytecode.read_bytes()[4:8] == _UNCHECKED_HASH


@contextmanager
def _runtime_folder() -> Iterator[Path]:
    """Make a folder that exposes the runtime's own packages, and none of their neighbours."""
    with tempfile.TemporaryDirectory(prefix="runtime-") as folder:
        for name in RUNTIME_PACKAGES:
            (Path(folder) / name).symlink_to(_EMULATOR_PACKAGES / name)
        yield Path(folder)


def main() -> int:
    """Command line entry: 0 when every handler imports and has all it loads."""
    failed = 0
    for function in built_functions():
        started = time.monotonic()
        loaded = load(function)
        seconds = time.monotonic() - started
        if loaded.problems:
            failed += 1
            print(f"  {function.handler:<42} FAILED")
            for problem in loaded.problems:
                print(f"      {problem}")
        else:
            print(f"  {function.handler:<42} ok  {loaded.modules} modules in {seconds:.1f} s")
    print("Every built handler imports as in Lambda." if not failed else f"{failed} failed.")
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main())
