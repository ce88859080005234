"""`make build`: `sam build` for one architecture, with progress, and a look at what came out.

SAM tells a makefile layer nothing about the architecture it builds for, so it goes in twice: as the template's
parameter and in the environment. Wheels of the wrong processor would be noticed on AWS first; here they are an error.
"""

import argparse
import fcntl
import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
BUILT: Final = ROOT / ".aws-sam" / "build"
ARCHITECTURES: Final = ("arm64", "x86_64")
# ELF header, field e_machine at byte 18.
_ELF_MACHINES: Final = {b"\x3e\x00": "x86_64", b"\xb7\x00": "arm64"}
_STEPS: Final = ("Building layer", "Building codeuri", "Valid cache found", "Build Succeeded")
_NOISE: Final = ("SAM CLI update available",)


def host_architecture() -> str:
    """Return this machine's processor in Lambda's words."""
    return "arm64" if platform.machine().lower() in {"arm64", "aarch64"} else "x86_64"


@contextmanager
def build_lock() -> Iterator[None]:
    """Hold .aws-sam for oneself: two builds at once, or a deploy during one, would read half of it."""
    folder = ROOT / ".aws-sam"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def foreign_libraries(folder: Path, architecture: str) -> list[Path]:
    """Return the shared libraries below `folder` that are not for `architecture`."""
    return [
        library
        for library in sorted(folder.rglob("*.so"))
        if _ELF_MACHINES.get(library.read_bytes()[18:20]) != architecture
    ]


def build(architecture: str) -> int:
    """Build everything into .aws-sam/build; returns the exit code. A repeat without changes takes seconds."""
    started = time.monotonic()
    command = [
        str(Path(sys.executable).parent / "sam"),
        "build",
        "--parameter-overrides",
        f"Architecture={architecture} PublicUrl=http://127.0.0.1:8080",
    ]
    print(f"Building layers and functions for {architecture}", flush=True)
    with build_lock():
        code, output = _run(command, _environment(architecture))
        foreign = foreign_libraries(BUILT, architecture) if code == 0 else []
    warnings = [line for line in output if "warning" in line.lower()]
    if code != 0 or warnings:
        print("".join(output), end="")
        print("sam build failed" if code else f"sam build warned: {warnings[0]}")
        return code or 1
    if foreign:
        print(
            f"{foreign[0].relative_to(ROOT)} is not for {architecture}; remove .aws-sam, build again."
        )
        return 1
    print(f"Built in {time.monotonic() - started:.1f} s: {BUILT.relative_to(ROOT)}")
    return 0


def _environment(architecture: str) -> dict[str, str]:
    # A makefile inside a makefile must not take over the outer one's job server.
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return kept | {
        "PYTHON": sys.executable,
        "PAYCENTER_ARCHITECTURE": architecture,
        "SAM_CLI_TELEMETRY": "0",
    }


def _run(command: list[str], environment: dict[str, str]) -> tuple[int, list[str]]:
    output: list[str] = []
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout is not None  # noqa: S101 - asked for above
        for line in process.stdout:
            if any(noise in line for noise in _NOISE):
                continue
            output.append(line)
            if line.startswith(_STEPS):
                print(
                    f"  {line.split(' runtime:')[0].replace(f'{ROOT}/', '').rstrip()}", flush=True
                )
    return process.returncode, output


def main() -> int:
    """Command line entry."""
    parser = argparse.ArgumentParser(prog="make build", description=__doc__)
    parser.add_argument("--architecture", choices=ARCHITECTURES, default=host_architecture())
    return build(parser.parse_args().architecture)


if __name__ == "__main__":
    sys.exit(main())
