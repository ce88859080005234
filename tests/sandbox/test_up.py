"""`python -m sandbox up` from its start to its end, as a person uses it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from sandbox.ports import Ports, free_port, usual_ports

pytestmark = pytest.mark.sandbox

_LIMIT_SECONDS = 120


def test_it_comes_up_says_where_and_takes_everything_with_it(tmp_path: Path) -> None:
    ports = Ports(**{name: free_port() for name in usual_ports()})
    flags = [f"--{name}-port={ports[name]}" for name in usual_ports()]
    log = tmp_path / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "sandbox", "up", "--speed", "60", *flags],
            stdout=output,
            stderr=subprocess.STDOUT,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
        )
    try:
        deadline = time.monotonic() + _LIMIT_SECONDS
        while b"Ctrl-C ends everything" not in log.read_bytes():
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        for name in usual_ports():
            assert ports.url(name) in log.read_text()
        assert httpx.get(ports.url("shop"), trust_env=False).status_code == 200
        unknown = httpx.get(f"{ports.url('door')}/v1/orders/NONE", trust_env=False)
        assert unknown.status_code == 401
    finally:
        process.send_signal(signal.SIGINT)
        code = process.wait(60)
    assert code == 0, log.read_text()
    assert ports.taken() == []
    logs = next(line.split()[-1] for line in log.read_text().splitlines() if "  Logs " in line)
    assert not Path(logs).exists()
