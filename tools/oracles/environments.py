"""Makes an oracle's environment in a cache folder: what its registry gives, pinned and checked, apart from the product's.

Each is made once and kept until its pins or its program change; two runs at once wait for each other.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tools.local.own_engine import NotRun, cache_folder, install_packages
from tools.oracles.catalogue import PROGRAMS, Kind, Oracle

_ROOT: Final = Path(__file__).parents[2]
_STEP_LIMIT_SECONDS: Final = 240
_MAVEN_COPY: Final = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies"
_SHARED: Final[Mapping[Kind, str]] = {
    Kind.NODE: "lines.js",
    Kind.PYTHON: "lines.py",
    Kind.JAVA: "Lines.java",
    Kind.COMMAND: "lines.py",
}
# Commands that a kind needs, and the distribution's packages that bring them.
NEEDED: Final[Mapping[Kind, Mapping[str, str]]] = {
    Kind.NODE: {"node": "nodejs", "npm": "npm"},
    Kind.PYTHON: {},
    Kind.JAVA: {"javac": "default-jdk-headless", "java": "default-jdk-headless", "mvn": "maven"},
    Kind.COMMAND: {"openssl": "openssl"},
}
# What would lead a program to the product's packages or to somebody's settings.
_LEFT_OUT: Final = (
    "PYTHONPATH",
    "PYTHONHOME",
    "VIRTUAL_ENV",
    "NODE_PATH",
    "NODE_OPTIONS",
    "CLASSPATH",
)


@dataclass(frozen=True, slots=True)
class Environment:
    """How to start an oracle's program, and where its last words go."""

    command: Sequence[str]
    variables: Mapping[str, str]
    log: Path


def tools_missing(kind: Kind) -> list[str]:
    """Return the distribution's packages whose commands are not there."""
    wanted = NEEDED[kind].items()
    return sorted({package for command, package in wanted if shutil.which(command) is None})


def install_tools(kinds: Sequence[Kind]) -> None:
    """Install what is missing for these kinds, where the distribution has it; raises NotRun."""
    packages = sorted({package for kind in kinds for package in tools_missing(kind)})
    if not packages:
        return
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise NotRun(f"{', '.join(packages)} can't be installed here")
    print(f"Installing {', '.join(packages)}", flush=True)
    install_packages(tuple(packages))


def prepare(oracle: Oracle) -> Environment:
    """Make the environment, or find it made; raises NotRun with the reason where the machine or a registry lacks it."""
    missing = tools_missing(oracle.kind)
    if missing:
        raise NotRun(
            f"this machine has no {', '.join(missing)} (`--install` installs what is missing)"
        )
    oracles = cache_folder() / "oracles"
    folder = oracles / f"{oracle.folder}-{_digest(oracle)}"
    with _alone(oracles, oracle.folder):
        if not (folder / ".ready").exists():
            for old in oracles.glob(f"{oracle.folder}-*/"):
                shutil.rmtree(old)
            folder.mkdir(parents=True)
            _MAKERS[oracle.kind](oracle, folder)
            (folder / ".ready").touch()
    return Environment(_command(oracle, folder), _variables(oracle, folder), folder / "stderr.log")


def _make_node(oracle: Oracle, folder: Path) -> None:
    for name in ("package.json", "package-lock.json"):
        shutil.copy(oracle.program / name, folder)
    _run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], folder)


def _make_python(oracle: Oracle, folder: Path) -> None:
    # The interpreter alone; the packages are put there by this environment's pip, checked against their hashes.
    _run([sys.executable, "-m", "venv", "--without-pip", str(folder / "venv")], folder)
    pip = [sys.executable, "-m", "pip", "--python", str(_python(folder))]
    options = ["--quiet", "--no-input", "--no-compile", "--require-hashes"]
    _run([*pip, "install", *options, "-r", str(oracle.program / "requirements.txt")], folder)


def _make_java(oracle: Oracle, folder: Path) -> None:
    pom, jars = oracle.program / "pom.xml", folder / "jars"
    maven = ["mvn", "--batch-mode", "--quiet", "--strict-checksums", "--file", str(pom)]
    _run([*maven, _MAVEN_COPY, f"-DoutputDirectory={jars}"], folder)
    check_jars(jars, (oracle.program / "jars.sha256").read_text("utf-8"))
    sources = [PROGRAMS / "Lines.java", oracle.program / "Program.java"]
    javac = ["javac", "-nowarn", "-proc:none", "-encoding", "UTF-8", "-cp", f"{jars}/*"]
    _run([*javac, "-d", str(folder / "classes"), *map(str, sources)], folder)


def _make_nothing(_oracle: Oracle, _folder: Path) -> None:
    pass


def check_jars(jars: Path, pins: str) -> None:
    """See that a folder holds exactly the files that are pinned, byte for byte; raises NotRun."""
    wanted = {name: digest for digest, name in (line.split() for line in pins.splitlines())}
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in jars.glob("*.jar")
    }
    strange = sorted(name for name in found.keys() | wanted if found.get(name) != wanted.get(name))
    if strange:
        raise NotRun(f"not what is pinned: {', '.join(strange)}")


def _python(folder: Path) -> Path:
    return folder / "venv" / "bin" / "python"


def _command(oracle: Oracle, folder: Path) -> list[str]:
    match oracle.kind:
        case Kind.NODE:
            return ["node", str(oracle.program / "program.js")]
        case Kind.PYTHON:
            return [str(_python(folder)), str(oracle.program / "program.py")]
        case Kind.JAVA:
            classpath = f"{folder / 'classes'}:{folder / 'jars'}/*"
            return ["java", "-XX:TieredStopAtLevel=1", "-Xshare:auto", "-cp", classpath, "Program"]
        case Kind.COMMAND:
            return [sys.executable, str(oracle.program / "program.py")]


_MAKERS: Final[Mapping[Kind, Callable[[Oracle, Path], None]]] = {
    Kind.NODE: _make_node,
    Kind.PYTHON: _make_python,
    Kind.JAVA: _make_java,
    Kind.COMMAND: _make_nothing,
}


def _variables(oracle: Oracle, folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in _LEFT_OUT}
    added = {
        Kind.NODE: {"NODE_PATH": str(folder / "node_modules")},
        Kind.PYTHON: {"PYTHONPATH": str(_ROOT)},
        Kind.COMMAND: {"PYTHONPATH": str(_ROOT)},
    }
    return {**kept, "TZ": "UTC", "PYTHONDONTWRITEBYTECODE": "1", **added.get(oracle.kind, {})}


def _digest(oracle: Oracle) -> str:
    paths = [PROGRAMS / _SHARED[oracle.kind], *sorted(oracle.program.iterdir())]
    whole = hashlib.sha256(sys.version.encode())
    for path in paths:
        if path.is_file():
            whole.update(path.name.encode() + path.read_bytes())
    return whole.hexdigest()[:12]


@contextmanager
def _alone(folder: Path, name: str) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _run(command: Sequence[str], folder: Path) -> None:
    shown = f"{Path(command[0]).name} {command[1]}"
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_STEP_LIMIT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise NotRun(f"{shown} did not end in {_STEP_LIMIT_SECONDS} s") from None
    if done.returncode != 0:
        words = [line for line in (done.stderr + done.stdout).splitlines() if line.strip()]
        raise NotRun(f"{shown} failed: {(words or ['without a word'])[0][:300]}")
