"""Nothing that the sandbox starts outlives it, whatever way it ends."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.current import CURRENT, announced, current
from sandbox.ports import Ports, free_port, is_free
from sandbox.processes import (
    Program,
    ProgramError,
    clean_leftovers,
    program_environment,
    run_folder,
    start,
    stop,
)
from sandbox.supervisor import SandboxError, running

_SLEEP = [sys.executable, "-c", "import time; print('sleeping', flush=True); time.sleep(60)"]
_STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); time.sleep(60)",
]
# A supervisor that starts a program in a folder of its own and waits to be killed.
_SUPERVISOR = """
import sys, time
from pathlib import Path
from sandbox.processes import run_folder, start
with run_folder(Path(sys.argv[1]), "run") as folder:
    program = start("sleeper", [sys.executable, "-c", "import time; time.sleep(60)"], folder, environment={})
    print(program.process.pid, flush=True)
    time.sleep(60)
"""


@pytest.fixture
def sleeper(tmp_path: Path) -> Iterator[Program]:
    program = start("sleeper", _SLEEP, tmp_path, environment={})
    yield program
    stop(program)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # One that has ended and whose parent has not looked yet is no longer alive.
    return ") Z " not in Path(f"/proc/{pid}/stat").read_text()


def _said(program: Program) -> None:
    while not program.log.read_bytes():
        time.sleep(0.01)


def test_a_program_is_ended_and_a_second_stop_is_harmless(sleeper: Program) -> None:
    stop(sleeper)
    assert sleeper.process.returncode == -signal.SIGTERM
    stop(sleeper)


def test_a_program_that_does_not_listen_is_forced(tmp_path: Path) -> None:
    program = start("stubborn", _STUBBORN, tmp_path, environment={})
    _said(program)
    stop(program, 0.1)
    assert program.process.returncode == -signal.SIGKILL


def test_the_error_tells_a_programs_last_words(sleeper: Program) -> None:
    _said(sleeper)
    assert "sleeping" in str(ProgramError(sleeper))


def test_a_ctrl_c_reaches_the_supervisor_alone(sleeper: Program) -> None:
    assert os.getsid(sleeper.process.pid) == sleeper.process.pid


def test_no_aws_settings_of_the_caller_reach_a_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    environment = program_environment({"AWS_ENDPOINT_URL": "http://127.0.0.1:1"})
    assert [name for name in environment if name.startswith("AWS_")] == ["AWS_ENDPOINT_URL"]


def test_a_run_folder_goes_with_its_run(tmp_path: Path) -> None:
    with run_folder(tmp_path, "run") as folder:
        (folder / "deep").mkdir()
        assert clean_leftovers(tmp_path) == 0, "its supervisor lives"
    assert not folder.exists()


def test_what_a_killed_supervisor_leaves_behind_is_ended_and_removed(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _SUPERVISOR, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as supervisor:
        assert supervisor.stdout is not None
        pid = int(supervisor.stdout.readline())
        assert clean_leftovers(tmp_path) == 0
        supervisor.kill()
    assert _alive(pid)
    assert clean_leftovers(tmp_path) == 1
    assert not _alive(pid)
    assert list(tmp_path.iterdir()) == []


def test_a_stranger_with_a_reused_id_is_left_alone(sleeper: Program, tmp_path: Path) -> None:
    left = tmp_path / "left" / "run-1"
    left.mkdir(parents=True)
    (left / "lock").touch()
    (left / "program.pid").write_text(json.dumps({"pid": sleeper.process.pid, "started": "1"}))
    assert clean_leftovers(tmp_path / "left") == 1
    assert sleeper.process.poll() is None


def test_a_taken_port_is_one_sentence_and_nothing_is_started() -> None:
    import socket  # noqa: PLC0415 - for this test alone

    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        ports = Ports(emulator=free_port(), door=port, shop=free_port(), alipay=free_port())
        with pytest.raises(SandboxError) as caught, running(ports=ports):
            pass
    message = str(caught.value)
    assert message.startswith(f"Port {port} (door) is taken")
    assert "--door-port" in message
    assert len(message.splitlines()) == 1
    assert is_free(ports["emulator"])


def test_other_ports_are_chosen_where_nobody_named_any() -> None:
    ports = Ports.usual_or_free()
    assert ports.taken() == []
    assert ports.url("door") == f"http://127.0.0.1:{ports['door']}"


def test_a_sandbox_is_announced_while_it_is_up_and_not_after_it_was_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "current.json"
    monkeypatch.setattr("sandbox.current.CURRENT", file)
    assert CURRENT.name == file.name
    assert current() is None
    with run_folder(tmp_path, "run") as folder, announced({"logs": str(folder)}):
        assert current() == {"logs": str(folder)}
        left = file.read_text()
        with announced({"logs": "another sandbox"}):
            assert current() == {"logs": str(folder)}
        assert current() == {"logs": str(folder)}
    assert current() is None
    file.write_text(left)
    assert current() is None
