"""Check a configuration file and write it to a stage, the sandbox's or a real account's."""

import argparse
import os
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import ValidationError

from paycenter.adapters.clock import ScaledClock
from paycenter.adapters.http import ChannelTransport
from paycenter.contracts.configuration import ConfigurationFile
from paychannels.registry import Registry
from sandbox.current import current
from sandbox.deploy import STACK
from sandbox.emulator import client_environment
from tools.configure.accounts import identity_problems, material_problems, stored_accounts
from tools.configure.plan import SANDBOX_STAGE, make_plan
from tools.configure.stage import find_target, write


def main(arguments: list[str] | None = None) -> int:
    """Apply a file; 0 when it is written, 1 with one sentence a problem when it is not."""
    options = _options(arguments)
    path = Path(options.file)
    try:
        document = ConfigurationFile.model_validate(tomllib.loads(path.read_text("utf-8")))
    except OSError as error:
        return _refuse([f"{path}: {error.strerror}"])
    except ValidationError as error:
        return _refuse([f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()])
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        return _refuse([f"{path}: not TOML in UTF-8: {error}"])
    if options.stage == SANDBOX_STAGE and not _led_to_sandbox():
        return _refuse(["no sandbox is up: start one with `make sandbox`, or name another stage"])
    try:
        return _apply(
            document, path.parent, options.stack or _stack_of(options.stage), options.stage
        )
    except (BotoCoreError, ClientError) as error:
        return _refuse([f"stage {options.stage} can't be reached: {error}"])


def _apply(document: ConfigurationFile, folder: Path, stack: str, stage: str) -> int:
    target = find_target(stack, stage)
    plan = make_plan(document, target, folder)
    if plan.problems:
        return _refuse(plan.problems)
    stored = stored_accounts(plan, target.table)
    clock = ScaledClock(target.clock_rate, target.clock_anchor)
    problems = identity_problems(plan, stored) or material_problems(
        plan, target, stored, Registry(ChannelTransport(), clock)
    )
    if problems:
        return _refuse(problems)
    write(plan, target)
    print(
        f"Configuration of stage {stage} written: {len(document.lines)} business lines,"
        f" {len(document.accounts)} account versions, {len(plan.parameters)} ladder parameters."
    )
    return 0


def _led_to_sandbox() -> bool:
    """Lead the AWS clients to the running sandbox, unless the environment leads them somewhere already."""
    if "AWS_ENDPOINT_URL" in os.environ:
        return True
    description = current()
    if description is None:
        return False
    os.environ |= client_environment(description["emulator"])
    return True


def _stack_of(stage: str) -> str:
    # As samconfig.toml names them.
    return STACK if stage == SANDBOX_STAGE else f"{STACK}-{stage}"


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", help="the configuration, a TOML file")
    parser.add_argument("--stage", default=SANDBOX_STAGE)
    parser.add_argument(
        "--stack", default="", help="default: the stage's, as samconfig.toml names it"
    )
    return parser.parse_args(arguments)


def _refuse(problems: list[str] | Mapping[str, str]) -> int:
    for problem in problems:
        print(f"Refused: {problem}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
