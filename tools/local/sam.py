"""The SAM CLI's three ways to run functions in containers, as a developer would type them in this folder."""

import json
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import boto3
import botocore
from botocore.config import Config

from sandbox.emulator import LOOPBACK, ROOT, client_environment
from sandbox.ports import free_port
from sandbox.processes import Program, ProgramError, program_environment, start, stop

_SAM: Final = str(Path(sys.executable).parent / "sam")
_INVOKE_LIMIT_SECONDS: Final = 120
_START_LIMIT_SECONDS: Final = 180.0
_CALL_LIMIT_SECONDS: Final = 70
_STOP_LIMIT_SECONDS: Final = 20.0
_CREDENTIALS: Final = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")

# Each function's environment, by its logical id.
type Environments = Mapping[str, Mapping[str, str]]


class SamError(Exception):
    """The SAM CLI did not do what was asked; the message holds its words."""


@dataclass(frozen=True, slots=True)
class Sam:
    """The SAM CLI, led to an emulator, with logs in a folder."""

    endpoint: str
    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """Return its environment: with an emulator to ask for the account it need not look for one."""
        return program_environment(
            client_environment(self.endpoint)
            | {"SAM_CLI_TELEMETRY": "0", "SAM_CLI_POLL_DELAY": "1"}
        )

    def invoke(self, function: str, event: Path, environment: Environments | None = None) -> Any:  # noqa: ANN401 - whatever a function answers
        """Return what `sam local invoke` printed as the answer; raises SamError.

        `environment` stands in for the functions' own.
        """
        command = [_SAM, "local", "invoke", function, "--event", str(event)]
        if environment:
            command += self._instead(environment, "invoke-env.json")
        try:
            answer = subprocess.run(
                command,
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=_INVOKE_LIMIT_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise SamError(f"{' '.join(command[1:])} did not end in time") from None
        self._log(function).write_text(answer.stderr, "utf-8")
        return parse_answer(answer.stdout, answer.stderr)

    def words(self, function: str) -> str:
        """Return what a function's last `invoke` logged, the SAM CLI's own words among it."""
        return self._log(function).read_text("utf-8")

    def _log(self, function: str) -> Path:
        return self.folder / f"invoke-{function}.log"

    @contextmanager
    def lambda_service(self) -> Iterator["LambdaService"]:
        """Run `sam local start-lambda` with a warm container for each function."""
        port = free_port()
        command = ["start-lambda", "--port", str(port), "--warm-containers", "EAGER"]
        with self._serving(command, port):
            yield LambdaService(f"http://{LOOPBACK}:{port}")

    @contextmanager
    def api(self, environment: Environments) -> Iterator[str]:
        """Run `sam local start-api`, its functions told that it is the public address; yields that address."""
        port = free_port()
        address = f"http://{LOOPBACK}:{port}"
        told = self._instead(with_public_url(environment, address), "api-env.json")
        command = ["start-api", "--port", str(port), "--warm-containers", "LAZY", *told]
        with self._serving(command, port):
            yield address

    def _instead(self, environment: Environments, name: str) -> list[str]:
        file = self.folder / name
        file.write_text(json.dumps(environment), "utf-8")
        return ["--env-vars", str(file)]

    @contextmanager
    def _serving(self, command: list[str], port: int) -> Iterator[None]:
        program = start(
            command[0],
            [sys.executable, "-c", _IN_THIS_FOLDER, str(ROOT), _SAM, "local", *command],
            self.folder,
            environment=self.environment,
        )
        try:
            _wait_until_it_serves(program, port)
            yield
        finally:
            stop(program, _STOP_LIMIT_SECONDS)


# `start` gives a program no folder of its own, and the SAM CLI finds samconfig.toml where it stands.
_IN_THIS_FOLDER: Final = (
    "import os, sys; os.chdir(sys.argv[1]); os.execv(sys.argv[2], sys.argv[2:])"
)


@dataclass(frozen=True, slots=True)
class LambdaService:
    """A running `sam local start-lambda`."""

    address: str

    def invoke(self, function: str, event: bytes) -> Any:  # noqa: ANN401 - whatever a function answers
        """Return a function's answer; raises SamError where the service itself fails."""
        client = boto3.client(
            "lambda",
            endpoint_url=self.address,
            config=Config(read_timeout=_CALL_LIMIT_SECONDS, retries={"total_max_attempts": 1}),
        )
        try:
            answer = client.invoke(FunctionName=function, Payload=event)
        except (
            botocore.exceptions.BotoCoreError,
            botocore.exceptions.ClientError,
        ) as error:
            raise SamError(str(error)) from error
        return parse_answer(answer["Payload"].read().decode(), "")


def parse_answer(output: str, words: str) -> Any:  # noqa: ANN401 - whatever a function answers
    """Return the answer that stands at the end of the output; raises SamError, with the end of `words`, for none."""
    lines = output.strip().splitlines()
    try:
        return json.loads(lines[-1]) if lines else None
    except ValueError:
        end = "\n".join([*lines, *words.strip().splitlines()][-5:])
        raise SamError(f"no answer but: {end}") from None


def failed(answer: object) -> bool:
    """Tell whether a function ended with an error: the SAM CLI sets no FunctionError, but shows what was raised."""
    return isinstance(answer, dict) and "errorMessage" in answer and "statusCode" not in answer


def with_public_url(environment: Environments, address: str) -> dict[str, dict[str, str]]:
    """Return the functions' environments with another public address."""
    return {
        name: {**variables, **({"PUBLIC_URL": address} if "PUBLIC_URL" in variables else {})}
        for name, variables in environment.items()
    }


def with_role_of(other: str, function: str, environment: Environments) -> Environments:
    """Return the functions' environments, one of them with the credentials of another's role."""
    borrowed = {name: environment[other][name] for name in _CREDENTIALS}
    return {**environment, function: {**environment[function], **borrowed}}


def logical_id(folder: str) -> str:
    """Return a function's logical id: CreateOrderFunction for `create_order`."""
    return re.sub(r"(?:^|_)(\w)", lambda found: found[1].upper(), folder) + "Function"


def _wait_until_it_serves(program: Program, port: int) -> None:
    deadline = time.monotonic() + _START_LIMIT_SECONDS
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while program.process.poll() is None and time.monotonic() < deadline:
        try:
            opener.open(f"http://{LOOPBACK}:{port}/", timeout=2).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise ProgramError(program)
