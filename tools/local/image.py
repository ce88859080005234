"""The image that functions run in: Lambda's own where it can be pulled, else a stand-in under the same name.

The stand-in is made of what the package registries give: a minimal system of this machine's distribution, this very
Python with the libraries that it needs, and Lambda's runtime interface client with boto3. It is laid out as Lambda's
own image is: /var/lang, /var/runtime, /var/task, /opt.
"""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sandbox.emulator import ROOT
from sandbox.engine import Engine, EngineFailure
from sandbox.progress import step
from tools.build import host_architecture
from tools.local.own_engine import NotRun, cache_folder, install_packages

PYTHON: Final = "3.13"
_PULL_LIMIT_SECONDS: Final = 240
_FIRST_ANSWER_SECONDS: Final = 8
_DEBOOTSTRAP_LIMIT_SECONDS: Final = 600
_REQUIREMENTS: Final = ROOT / "requirements" / "runtime.txt"

BOOTSTRAP: Final = f"""#!/bin/sh
# As Lambda's own: through the wrapper where there is one.
export PYTHONPATH="/var/task:/opt/python:/var/runtime"
export AWS_EXECUTION_ENV=AWS_Lambda_python{PYTHON}
set -- /var/lang/bin/python{PYTHON} -m awslambdaric "$_HANDLER"
exec ${{AWS_LAMBDA_EXEC_WRAPPER:+"$AWS_LAMBDA_EXEC_WRAPPER"}} "$@"
"""
CHANGES: Final = (
    "ENV PATH=/var/lang/bin:/usr/local/bin:/usr/bin:/bin",
    "ENV LD_LIBRARY_PATH=/var/lang/lib:/var/runtime:/var/task:/var/task/lib:/opt/lib",
    "ENV LAMBDA_TASK_ROOT=/var/task LAMBDA_RUNTIME_DIR=/var/runtime LANG=C.UTF-8 TZ=:UTC",
    "LABEL paycenter.stand-in=true",
    "WORKDIR /var/task",
)
# What a function never imports, and the parts of the C library: those are the image's own.
_LEFT_OUT: Final = frozenset(
    {"site-packages", "test", "idlelib", "tkinter", "turtledemo", "ensurepip", "__pycache__"}
)
_FROM_SYSTEM: Final = re.compile(r"(libc|libm|libdl|librt|libpthread|libutil|ld-linux[\w-]*)\.so")
_NOT_NEEDED: Final = ("usr/share/doc", "usr/share/locale", "usr/share/man", "var/cache/apt")


def image_name() -> str:
    """Return the name under which the SAM CLI looks for the image of this machine's processor."""
    return f"public.ecr.aws/lambda/python:{PYTHON}-{host_architecture()}"


def provide(engine: Engine) -> str:
    """See to it that the image is there and can be run, and say what it is; raises NotRun."""
    name = image_name()
    kind = "kept from before"
    if engine.image_bytes(name) is None:
        kind = "pulled" if _pull(name) else _build(engine, name)
    with refusal_means_not_run("run a container"):
        engine.run(name, "/bin/true")
    size = (engine.image_bytes(name) or 0) / 1e6
    return f"{name}: {kind}, {size:.0f} MB"


@contextmanager
def refusal_means_not_run(what: str) -> Iterator[None]:
    """Turn an engine's failure at something that it does on other machines into NotRun.

    An engine without its permissions starts on some machines, and fails only here. What is wrong with the image or the
    request it answers otherwise: that stays an EngineError.
    """
    try:
        yield
    except EngineFailure as error:
        if not error.is_server_error():
            raise
        raise NotRun(f"the container engine can't {what}: {error.explanation}") from error


def _pull(name: str) -> bool:
    """Tell whether it could be pulled; one that has not begun to come after some seconds will not."""
    docker = shutil.which("docker")
    if docker is None:
        return False
    with (
        step(f"Pulling {name}"),
        subprocess.Popen(
            [docker, "pull", name],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as pull,
    ):
        try:
            pull.wait(_FIRST_ANSWER_SECONDS)
        except subprocess.TimeoutExpired:
            os.set_blocking(pull.stdout.fileno(), False)  # type: ignore[union-attr]  # asked for above
            begun = pull.stdout.read() if pull.stdout else b""
            try:
                pull.wait(_PULL_LIMIT_SECONDS if begun else 0)
            except subprocess.TimeoutExpired:
                pull.kill()
    return pull.returncode == 0


def _build(engine: Engine, name: str) -> str:
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        raise NotRun(f"{name} can't be pulled, and only root on Linux can build a stand-in")
    if not shutil.which("debootstrap"):
        if not shutil.which("apt-get"):
            raise NotRun(f"{name} can't be pulled, and there is no debootstrap to build a stand-in")
        with step("Installing debootstrap"):
            install_packages(("debootstrap",))
    cache_folder().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache_folder(), prefix="image-") as folder:
        root = Path(folder)
        with step("Building a stand-in of Lambda's image: a minimal system"):
            _system(root)
        with step("Building a stand-in of Lambda's image: Python and the runtime"):
            _language(root / "var" / "lang")
            _runtime(root / "var" / "runtime")
            for empty in ("var/task", "opt"):
                (root / empty).mkdir(parents=True, exist_ok=True)
        with step("Importing it"):
            _import(engine, root, name)
    return "a stand-in, built now"


def _system(root: Path) -> None:
    suite = _suite(Path("/etc/os-release").read_text("utf-8"))
    _run(
        ["debootstrap", "--variant=minbase", "--include=ca-certificates", suite, str(root)],
        _DEBOOTSTRAP_LIMIT_SECONDS,
    )
    for folder in _NOT_NEEDED:
        shutil.rmtree(root / folder, ignore_errors=True)


def _suite(release: str) -> str:
    """Return the code name in an os-release file: the image's C library must be no older than this machine's."""
    found = re.search(r'^VERSION_CODENAME="?(\w+)', release, re.MULTILINE)
    if found is None:
        raise NotRun("this distribution is not one that debootstrap can build an image of")
    return found[1]


def _language(target: Path) -> None:
    """Copy the interpreter that runs this, its standard library and the shared libraries that they load."""
    library = Path(sysconfig.get_path("stdlib", vars={"installed_base": sys.base_prefix}))
    shutil.copytree(
        library,
        target / "lib" / f"python{PYTHON}",
        ignore=lambda _, names: [
            name for name in names if name in _LEFT_OUT or name.startswith("config-")
        ],
    )
    (target / "bin").mkdir()
    interpreter = Path(sys.executable).resolve()
    shutil.copy2(interpreter, target / "bin" / f"python{PYTHON}")
    modules = sorted((library / "lib-dynload").glob("*.so"))
    kept = [module for module in modules if not module.name.startswith(("_tkinter", "_test"))]
    for shared in needed_libraries(_run(["ldd", str(interpreter), *map(str, kept)], 60)):
        shutil.copy2(shared.resolve(), target / "lib" / shared.name)


def needed_libraries(listing: str) -> Iterable[Path]:
    """Return what `ldd` lists, once each, without the C library's own parts."""
    found = {Path(path) for path in re.findall(r"=> (/\S+)", listing)}
    return sorted(path for path in found if not _FROM_SYSTEM.match(path.name))


def _runtime(target: Path) -> None:
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-input", "--no-deps"]
    _run([*pip, "--require-hashes", "-r", str(_REQUIREMENTS), "--target", str(target)], 300)
    bootstrap = target / "bootstrap"
    bootstrap.write_text(BOOTSTRAP, "utf-8")
    bootstrap.chmod(0o755)


def _import(engine: Engine, root: Path, name: str) -> None:
    repository, _, tag = name.rpartition(":")
    with tempfile.NamedTemporaryFile(dir=cache_folder(), suffix=".tar") as archive:
        with tarfile.open(fileobj=archive, mode="w") as tar:
            tar.add(root, arcname=".", filter=_plain)
        archive.flush()
        with refusal_means_not_run("take in an image"):
            engine.client.api.import_image_from_file(
                archive.name, repository=repository, tag=tag, changes=list(CHANGES)
            )


def _plain(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    # Device nodes are the engine's business.
    return None if member.ischr() or member.isblk() else member


def _run(command: Sequence[str], limit_seconds: float) -> str:
    try:
        answer = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=limit_seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise NotRun(f"{command[0]} did not end in {limit_seconds:.0f} s") from None
    if answer.returncode != 0:
        last = (answer.stderr.strip() or answer.stdout.strip() or "no word").splitlines()[-1]
        raise NotRun(f"{Path(command[0]).name} failed: {last}")
    return answer.stdout
