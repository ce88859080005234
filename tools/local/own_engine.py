"""A container engine of our own, where nobody runs one: the distribution's, started by hand and ended by its id.

It keeps its images in a cache folder, so that the one we build is built once; its sockets and notes lie in a run folder
like a sandbox's, so that the next run ends what a killed one left.
"""

import contextlib
import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sandbox.engine import Engine, EngineError
from sandbox.processes import clean_leftovers, program_environment, run_folder, start, stop
from sandbox.progress import step

# Short: a socket's path has 107 characters at most.
RUNS: Final = Path(tempfile.gettempdir()) / "paycenter-engine"
_PACKAGES: Final = ("docker.io", "debootstrap")
_INSTALL_LIMIT_SECONDS: Final = 300
_START_LIMIT_SECONDS: Final = 30.0
_STOP_LIMIT_SECONDS: Final = 20.0


class NotRun(Exception):
    """Functions can't be run in containers here; the message says why."""


def cache_folder() -> Path:
    """Return where images are kept between runs."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "paycenter"


@contextmanager
def engine() -> Iterator[Engine]:
    """Yield the engine that runs here, else one of our own that ends on leaving; raises NotRun."""
    found = Engine.find()
    if found is not None:
        print("Using the container engine that runs here.", flush=True)
        try:
            yield found
        finally:
            found.close()
        return
    install()
    clean_leftovers(RUNS)
    with _alone(), run_folder(RUNS, "run") as folder, _started(folder) as own:
        yield own


def install() -> None:
    """Install what is missing of the engine from the distribution's packages; raises NotRun where that can't be."""
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        raise NotRun("no container engine runs here, and only root on Linux can start one")
    if shutil.which("dockerd"):
        return
    if not shutil.which("apt-get"):
        raise NotRun("no container engine is installed, and there is no apt-get to install one")
    with step(f"Installing {' and '.join(_PACKAGES)}"):
        install_packages(_PACKAGES)
    if not shutil.which("dockerd"):
        raise NotRun(f"{_PACKAGES[0]} is installed, but no dockerd is on the path")


def install_packages(packages: tuple[str, ...]) -> None:
    """Install packages of the distribution; raises NotRun with the end of apt's words."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages],
    ):
        try:
            answer = subprocess.run(
                command,
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=_INSTALL_LIMIT_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise NotRun(f"{' '.join(command[:2])} did not end in time") from None
        if answer.returncode != 0:
            last = (answer.stderr.strip() or "no reason given").splitlines()[-1]
            raise NotRun(f"{' '.join(command[:2])} failed: {last}")


@contextmanager
def _alone() -> Iterator[None]:
    folder = cache_folder()
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "engine.lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise NotRun("another run of this has the engine") from None
        yield


@contextmanager
def _started(folder: Path) -> Iterator[Engine]:
    socket = f"unix://{folder}/docker.sock"
    command = [
        *("dockerd", "--host", socket, "--data-root", str(cache_folder() / "engine")),
        *("--exec-root", str(folder / "exec"), "--pidfile", str(folder / "docker.id")),
        # Containers reach this machine without any of the firewall's rules, and nothing else needs to be reached.
        *("--iptables=false", "--ip-masq=false"),
    ]
    for driver in ([], ["--storage-driver", "vfs"]):
        with step("Starting a container engine"):
            program = start(
                "dockerd", [*command, *driver], folder, environment=program_environment({})
            )
            deadline = time.monotonic() + _START_LIMIT_SECONDS
            while (own := Engine.find(socket)) is None and program.process.poll() is None:
                if time.monotonic() > deadline:
                    break
                time.sleep(0.2)
        if own is None:
            stop(program, _STOP_LIMIT_SECONDS)
            continue
        os.environ["DOCKER_HOST"] = socket
        try:
            yield own
        finally:
            del os.environ["DOCKER_HOST"]
            # The cache holds the image that all others are made from, and no others.
            with contextlib.suppress(EngineError, OSError):
                own.remove_function_images()
            own.close()
            with step("Ending the container engine"):
                stop(program, _STOP_LIMIT_SECONDS)
        return
    lines = program.log.read_text("utf-8", "replace").strip().splitlines() or ["no word"]
    raise NotRun(f"the container engine does not start: {lines[-1]}")
