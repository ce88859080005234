"""The emulated AWS: ministack in its own environment, on the loopback, with folders of its own that go with it."""

import os
import sysconfig
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sandbox.processes import Program, ProgramError, start, stop

ROOT: Final = Path(__file__).resolve().parent.parent
LOOPBACK: Final = "127.0.0.1"
REGION: Final = "us-east-1"
_PYTHON: Final = ROOT / ".venv-emulator" / "bin" / "python"
_START_LIMIT_SECONDS: Final = 30.0
# It waits for its waiting state machines, perhaps for hours. Nothing that it holds is kept, and the functions' processes
# end with it however it ends.
_PATIENCE_SECONDS: Final = 3.0
_PROCESS: Final = ROOT / "sandbox" / "emulator_process.py"


@dataclass(frozen=True, slots=True)
class Emulator:
    """A running emulator: where it listens, and the environment that leads the AWS clients there."""

    endpoint: str
    program: Program

    @property
    def environment(self) -> dict[str, str]:
        """Return the variables that point boto3 and the SAM CLI at it; the key is its root's and opens nothing else."""
        return client_environment(self.endpoint)


def client_environment(endpoint: str) -> dict[str, str]:
    """Return the variables that point boto3 and the SAM CLI at an emulator."""
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


@contextmanager
def emulator(folder: Path, port: int, *, policies: bool) -> Iterator[Emulator]:
    """Run an emulator in `folder`; `policies` makes it enforce IAM. Ends it, with its workers, on leaving.

    Raises ProgramError when it does not come up. The folder is the caller's to remove.
    """
    program = start(
        "emulator",
        [str(_PYTHON), str(_PROCESS), _packages_of_this_environment()],
        folder,
        environment=_environment(folder, port, policies=policies),
    )
    try:
        endpoint = f"http://{LOOPBACK}:{port}"
        wait_until_answers(program, f"{endpoint}/_ministack/health", _START_LIMIT_SECONDS)
        yield Emulator(endpoint, program)
    finally:
        stop(program, _PATIENCE_SECONDS)


def wait_until_answers(program: Program, url: str, limit_seconds: float) -> None:
    """Wait until the program says that it listens and answers; raises ProgramError when it ends or the limit passes.

    An answer alone proves nothing: another program may have taken the port in the meantime.
    """
    base = "/".join(url.split("/")[:3])
    deadline = time.monotonic() + limit_seconds
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while True:
        if program.process.poll() is not None or time.monotonic() > deadline:
            raise ProgramError(program)
        if base in program.log.read_text("utf-8", "replace") and _answers(opener, url):
            return
        time.sleep(0.05)


def _answers(opener: urllib.request.OpenerDirector, url: str) -> bool:
    try:
        with opener.open(url, timeout=2):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def _packages_of_this_environment() -> str:
    return sysconfig.get_path("purelib")


def _environment(folder: Path, port: int, *, policies: bool) -> Mapping[str, str]:
    temporary, state = folder / "tmp", folder / "state"
    temporary.mkdir(parents=True)
    state.mkdir()
    # Nothing of the caller's AWS or Python settings may reach the functions.
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "PYTHON", "PAYCENTER_", "POWERTOOLS_"))
    }
    return inherited | {
        "BIND_HOST": LOOPBACK,
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",  # else a listener opens on all addresses
        "AUTH": "true" if policies else "false",
        "TMPDIR": str(temporary),
        "STATE_DIR": str(state),
        "MINISTACK_REGION": REGION,
        "LOG_LEVEL": "INFO",
    }
