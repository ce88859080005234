"""The whole system up and down: emulator, deployed template, configuration, front door, simulated channels, demo shop."""

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from sandbox.current import STATE_FOLDER
from sandbox.deploy import STACK, TEMPLATE, DeployError, Stack, deploy
from sandbox.emulator import (
    ROOT,
    Emulator,
    client_environment,
    emulator,
    wait_until_answers,
)
from sandbox.ports import Ports, usual_ports
from sandbox.processes import (
    Program,
    ProgramError,
    clean_leftovers,
    program_environment,
    run_folder,
    start,
    stop,
)
from sandbox.progress import step
from sandbox.simulator.description import simulators
from sandbox.warming import warm
from tools.build import BUILT, build_lock, foreign_libraries, host_architecture

_CONFIGURATION: Final = ROOT / "sandbox" / "config.toml"
_PROGRAM_LIMIT_SECONDS: Final = 30.0


class SandboxError(Exception):
    """The sandbox can't start or go on; the message says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A running sandbox."""

    ports: Ports
    rate: int
    anchor: int
    stack: Stack
    folder: Path
    programs: list[Program] = field(default_factory=list)

    @property
    def door(self) -> str:
        """Return the address of the API and the cashier."""
        return self.ports.url("door")

    @property
    def shop(self) -> str:
        """Return the address of the demo shop and its inbox."""
        return self.ports.url("shop")

    @property
    def simulators(self) -> Mapping[str, str]:
        """Return the address of each simulated channel by its name."""
        return {about.name: self.ports.url(about.name) for about in simulators()}

    @property
    def endpoint(self) -> str:
        """Return the address of the emulated AWS."""
        return self.ports.url("emulator")

    @property
    def outputs(self) -> Mapping[str, str]:
        """Return the stack's outputs: names of tables, addresses of queues, the wait machine."""
        return self.stack.outputs

    @property
    def functions(self) -> Mapping[str, str]:
        """Return what Invoke takes, by the function's logical id."""
        return self.stack.functions

    @property
    def environment(self) -> dict[str, str]:
        """Return what points tools and AWS clients at this sandbox."""
        return client_environment(self.endpoint)

    def describe(self) -> dict[str, Any]:
        """Return what other programs want to know about it, as .sandbox/current.json holds it."""
        return {
            **{name: self.ports.url(name) for name in usual_ports()},
            "stack": STACK,
            "clock_rate": self.rate,
            "clock_anchor": self.anchor,
            "functions": self.functions,
            "outputs": dict(self.outputs),
            "logs": str(self.folder),
            "pid": os.getpid(),
        }

    def ended(self) -> Program | None:
        """Return a program that has ended by itself, if one has."""
        return next((one for one in self.programs if one.process.poll() is not None), None)


@contextmanager
def running(
    *, speed: int = 1, ports: Ports | None = None, seeded: bool = False
) -> Iterator[Running]:
    """Run the whole sandbox; everything that was started ends on leaving, by whatever way.

    `speed` is business seconds per real second. Without `ports` the usual ones are taken where they are free, others
    where not. `seeded` also puts the orders there that the example events speak of. Raises SandboxError: before
    anything is started for a port that is taken or a missing build, later for a part that does not come up.
    """
    if clean_leftovers(STATE_FOLDER):
        print("Removed what a killed sandbox had left behind.", flush=True)
    ports = ports or Ports.usual_or_free()
    _refuse_taken(ports)
    _refuse_other_build()
    everything = ExitStack()
    with _terminated_like_interrupted():
        try:
            yield _bring_up(everything, ports, speed, seeded=seeded)
        except ProgramError as error:
            raise SandboxError(str(error)) from error
        finally:
            # A second Ctrl-C must not leave half of it running.
            _ignore_signals()
            with step("Ending everything that was started"):
                everything.close()


def _bring_up(everything: ExitStack, ports: Ports, speed: int, *, seeded: bool) -> Running:
    anchor = int(time.time())
    folder = everything.enter_context(run_folder(STATE_FOLDER, "run"))
    with step("Starting the emulated AWS, with its policies enforced"):
        aws = everything.enter_context(
            emulator(folder / "emulator", ports["emulator"], policies=True)
        )
    with step("Deploying template.yaml"), build_lock():
        stack = _deploy(aws, ports, speed, anchor)
    sandbox = Running(ports=ports, rate=speed, anchor=anchor, stack=stack, folder=folder)
    sandbox.programs.append(aws.program)
    configuration = _write_configuration(sandbox)
    with step("Starting the front door, the simulated channels and the demo shop"):
        _start_programs(everything, sandbox, configuration)
    # After the channels: saving an account may fetch its channel's public keys.
    with step("Writing business lines, channel accounts and ladders"):
        _run_tool(sandbox, "tools.configure", str(configuration), "--stage", "local")
    with step("Calling each function once, so that none is cold"):
        warm(sandbox.door, sandbox.endpoint, sandbox.stack)
    if seeded:
        with step("Seeding the orders of the example events"):
            _run_tool(sandbox, "tools.seed")
    return sandbox


def _refuse_taken(ports: Ports) -> None:
    for name, port in ports.taken():
        raise SandboxError(
            f"Port {port} ({name}) is taken: end the program that has it, or choose another:"
            f" --{name}-port N (make sandbox SANDBOX_FLAGS='--{name}-port N')."
        )


def _refuse_other_build() -> None:
    if not TEMPLATE.exists():
        raise SandboxError("Nothing is built yet: run `make build` first.")
    if foreign_libraries(BUILT, host_architecture()):
        raise SandboxError("What is built is for another processor: run `make build` first.")


def _deploy(aws: Emulator, ports: Ports, speed: int, anchor: int) -> Stack:
    parameters = {
        "Stage": "local",
        "Architecture": host_architecture(),
        "PublicUrl": ports.url("door"),
        "ClockRate": str(speed),
        "ClockAnchor": str(anchor),
        "PrivateNetworks": "127.0.0.0/8",
    }
    try:
        return deploy(aws.endpoint, parameters)
    except DeployError as error:
        raise SandboxError(f"The template could not be deployed.\n{error}") from error


def _write_configuration(sandbox: Running) -> Path:
    """Write the sandbox's configuration with this run's addresses, and keys found from wherever it lies."""
    text = _CONFIGURATION.read_text("utf-8")
    usual = Ports()
    for name in usual_ports():
        text = text.replace(usual.url(name), sandbox.ports.url(name))
    target = sandbox.folder / "config.toml"
    target.write_text(text.replace('"keys/', f'"{_CONFIGURATION.parent}/keys/'), "utf-8")
    return target


def _start_programs(everything: ExitStack, sandbox: Running, configuration: Path) -> None:
    clock = ["--clock-rate", str(sandbox.rate), "--clock-anchor", str(sandbox.anchor)]
    shop = ["sandbox.shop", "--api", sandbox.door, "--config", str(configuration), *clock]
    commands = {
        "door": ["sandbox.door", "--endpoint", sandbox.endpoint],
        **{about.name: [about.module, *clock] for about in simulators()},
        "shop": shop,
    }
    for name, command in commands.items():
        port = ["--port", str(sandbox.ports[name])]
        program = _start(sandbox, name, [*command, *port])
        everything.callback(stop, program)
        sandbox.programs.append(program)
    for program in sandbox.programs[1:]:
        wait_until_answers(program, sandbox.ports.url(program.name), _PROGRAM_LIMIT_SECONDS)


def _run_tool(sandbox: Running, module: str, *arguments: str) -> None:
    program = _start(sandbox, module, [module, *arguments])
    try:
        if program.process.wait() != 0:
            raise ProgramError(program)
    finally:
        stop(program)


def _start(sandbox: Running, name: str, command: Sequence[str]) -> Program:
    return start(
        name,
        [sys.executable, "-m", *command],
        sandbox.folder,
        environment=program_environment(sandbox.environment),
    )


@contextmanager
def _terminated_like_interrupted() -> Iterator[None]:
    """Let SIGTERM and a closed terminal end the sandbox as Ctrl-C does; the old handlers come back afterwards."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.signal(number, signal.default_int_handler) for number in signals]
    try:
        yield
    finally:
        for number, handler in zip(signals, before, strict=True):
            signal.signal(number, handler)


def _ignore_signals() -> None:
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
