"""The recipe of the stand-in: what a function expects of Lambda's image is in it."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from sandbox.emulator import ROOT
from tools.local import image
from tools.local.own_engine import NotRun

LISTING = """/usr/bin/python3.13:
	linux-vdso.so.1 (0x00007ffd)
	libpython3.13.so.1.0 => /opt/py/lib/libpython3.13.so.1.0 (0x00007f)
	libc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f)
	libm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x00007f)
	/lib64/ld-linux-x86-64.so.2 (0x00007f)
_ssl.so:
	libssl.so.3 => /lib/x86_64-linux-gnu/libssl.so.3 (0x00007f)
	libc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f)
	libgone.so.1 => not found
"""


def test_the_name_is_the_one_that_the_sam_cli_looks_for() -> None:
    assert re.fullmatch(r"public\.ecr\.aws/lambda/python:3\.13-(x86_64|arm64)", image.image_name())


def test_the_libraries_are_copied_but_for_the_c_librarys() -> None:
    assert [path.name for path in image.needed_libraries(LISTING)] == [
        "libssl.so.3",
        "libpython3.13.so.1.0",
    ]


@pytest.mark.parametrize("wrapper", ["", "/bin/echo"])
def test_the_bootstrap_starts_the_runtime_through_the_wrapper_where_there_is_one(
    wrapper: str, tmp_path: Path
) -> None:
    script = tmp_path / "bootstrap"
    script.write_text(image.BOOTSTRAP.replace("/var/lang/bin/python3.13", "/bin/echo"), "utf-8")
    answer = subprocess.run(
        ["/bin/sh", str(script)],
        env={**os.environ, "_HANDLER": "a.b", "AWS_LAMBDA_EXEC_WRAPPER": wrapper},
        capture_output=True,
        text=True,
        timeout=10,
        check=True,
    )
    assert answer.stdout == ("/bin/echo " if wrapper else "") + "-m awslambdaric a.b\n"


def test_its_runtime_is_pinned() -> None:
    pinned = (ROOT / "requirements" / "runtime.txt").read_text("utf-8")
    assert {"awslambdaric", "boto3"} <= set(re.findall(r"^([\w-]+)==", pinned, re.MULTILINE))
    assert "--hash=sha256:" in pinned


def test_the_distribution_is_this_machines() -> None:
    assert image._suite("ID=debian\nVERSION_CODENAME=bookworm\n") == "bookworm"
    with pytest.raises(NotRun, match="debootstrap"):
        image._suite("ID=other\n")
