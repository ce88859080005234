"""`make config`: check a configuration file and write it to a stage, the sandbox's or a real account's.

A repeat writes the same again. Nothing is written before everything has been checked.
"""

import argparse
import hashlib
import os
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import batched
from pathlib import Path
from typing import Any, Final

import boto3
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import BotoCoreError, ClientError
from pydantic import ValidationError

from paycenter.adapters.addresses import AddressRefused, check_url, parse_networks
from paycenter.contracts.configuration import (
    AccountSection,
    ConfigurationFile,
    LineSection,
    SecretSource,
    check_webhook_secret,
)
from paychannels.registry import CHANNELS, check_account, completed_settings, manifest
from sandbox.current import current
from sandbox.deploy import STACK
from sandbox.emulator import client_environment

_SANDBOX_STAGE: Final = "local"
_MOST_DELETED_AT_ONCE: Final = 10
_serializer = TypeSerializer()
_deserializer = TypeDeserializer()


@dataclass(slots=True)
class Plan:
    """What will be written: table items, plain parameters and secret ones; and what speaks against writing."""

    items: list[dict[str, Any]] = field(default_factory=list)
    parameters: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where the file is applied to."""

    stage: str
    prefix: str
    table: str
    private_networks: str


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
    if options.stage == _SANDBOX_STAGE and not _led_to_sandbox():
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
    problems = plan.problems or identity_problems(plan, target.table)
    if problems:
        return _refuse(problems)
    write(plan, target.table, target.prefix)
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
    return STACK if stage == _SANDBOX_STAGE else f"{STACK}-{stage}"


def make_plan(document: ConfigurationFile, target: Target, folder: Path) -> Plan:
    """Check everything that the file's own form can't, and return what would be written."""
    plan = Plan()
    for name, value in document.ladders.all_parameters().items():
        plan.parameters[f"{target.prefix}/ladder/{name}"] = value
    for line_id in document.ladders.lines.keys() - document.lines.keys():
        plan.problems.append(f"ladders.lines.{line_id}: there is no such line")
    for channel in document.ladders.channels.keys() - CHANNELS.keys():
        plan.problems.append(f"ladders.channels.{channel}: there is no such channel")
    for line_id, line in document.lines.items():
        _plan_line(line_id, line, plan, target, folder)
    for account_id, account in document.accounts.items():
        _plan_account(account_id, account, plan, target, folder)
    for channel in sorted({account.channel for account in document.accounts.values()}):
        live = [
            {"account": account_id, "weight": account.weight}
            for account_id, account in document.accounts.items()
            if account.channel == channel and account.live
        ]
        plan.items.append({"id": f"channel#{channel}", "live": live})
    return plan


def identity_problems(plan: Plan, table: str) -> list[str]:
    """Say which account versions would become another merchant: payments already made pin the version as it is."""
    dynamodb = boto3.client("dynamodb")
    problems: list[str] = []
    for item in plan.items:
        if not item["id"].startswith("account#"):
            continue
        answer = dynamodb.get_item(TableName=table, Key={"id": {"S": item["id"]}})
        if "Item" not in answer:
            continue
        stored = {name: _deserializer.deserialize(value) for name, value in answer["Item"].items()}
        if _identity(stored) != _identity(item):
            name = item["id"].removeprefix("account#")
            problems.append(f"accounts.{name}: another merchant; add a new version instead")
    return problems


def _identity(item: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    # Everything that is not secret, but for the address: a gateway may move.
    gateway = manifest(item["channel"]).gateway_field
    settings = {name: value for name, value in item["settings"].items() if name != gateway}
    return item["channel"], settings


def write(plan: Plan, table: str, prefix: str) -> None:
    """Write secrets first, then what refers to them; ladders that the file no longer has are removed."""
    ssm, dynamodb = boto3.client("ssm"), boto3.client("dynamodb")
    for name, value in plan.secrets.items():
        ssm.put_parameter(Name=name, Value=value, Type="SecureString", Overwrite=True)
    for name, value in plan.parameters.items():
        ssm.put_parameter(Name=name, Value=value, Type="String", Overwrite=True)
    # A level that the file no longer has must not go on counting.
    stale = [name for name in _stored_ladders(ssm, prefix) if name not in plan.parameters]
    for batch in batched(stale, _MOST_DELETED_AT_ONCE, strict=False):
        ssm.delete_parameters(Names=list(batch))
    for item in plan.items:
        typed = {name: _serializer.serialize(value) for name, value in item.items()}
        dynamodb.put_item(TableName=table, Item=typed)


def _stored_ladders(ssm: Any, prefix: str) -> list[str]:  # noqa: ANN401 - boto3's client has no type of its own
    pages = ssm.get_paginator("get_parameters_by_path").paginate(
        Path=f"{prefix}/ladder", Recursive=True
    )
    return [parameter["Name"] for page in pages for parameter in page["Parameters"]]


def find_target(stack: str, stage: str) -> Target:
    """Look up the stack's table, and what it allows, in the account that the environment's credentials lead to."""
    cloudformation = boto3.client("cloudformation")
    resource = cloudformation.describe_stack_resource(
        StackName=stack, LogicalResourceId="ConfigTable"
    )
    parameters = cloudformation.describe_stacks(StackName=stack)["Stacks"][0].get("Parameters", [])
    values = {entry["ParameterKey"]: entry["ParameterValue"] for entry in parameters}
    return Target(
        stage=stage,
        prefix=f"/paycenter/{stage}",
        table=resource["StackResourceDetail"]["PhysicalResourceId"],
        private_networks=values.get("PrivateNetworks", ""),
    )


def _plan_line(line_id: str, line: LineSection, plan: Plan, target: Target, folder: Path) -> None:
    try:
        check_url(line.notify_url, parse_networks(target.private_networks))
    except AddressRefused as refusal:
        plan.problems.append(f"lines.{line_id}.notify_url: {refusal}")
    for channel, product in line.cashier:
        if channel not in CHANNELS or product not in manifest(channel).products:
            plan.problems.append(f"lines.{line_id}.cashier: there is no {product} in {channel}")
    names = []
    for source in line.webhook_secrets:
        for secret in _read(source, f"lines.{line_id}.webhook_secrets", plan, target, folder):
            # Named by what it is: a rotation adds a name, and takes effect with the line's one write, not before.
            digest = hashlib.sha256(secret.encode()).hexdigest()[:16]
            name = f"{target.prefix}/secrets/lines/{line_id}/webhook-{digest}"
            names.append(name)
            plan.secrets[name] = secret
            problem = check_webhook_secret(secret)
            if problem:
                plan.problems.append(f"lines.{line_id}.webhook_secrets: {problem}")
    plan.items.append(
        {
            "id": f"line#{line_id}",
            **line.model_dump(mode="json", exclude={"webhook_secrets"}),
            "webhook_secrets": names,
        }
    )


def _plan_account(
    account_id: str, account: AccountSection, plan: Plan, target: Target, folder: Path
) -> None:
    if account.channel not in CHANNELS:
        plan.problems.append(f"accounts.{account_id}: there is no channel {account.channel}")
        return
    secrets = {
        name: secret
        for name, source in account.secrets.items()
        for secret in _read(source, f"accounts.{account_id}.secrets.{name}", plan, target, folder)
    }
    problems = check_account(
        account.channel, account.settings, secrets, plain_http=bool(target.private_networks)
    )
    plan.problems += [f"accounts.{account_id}: {problem}" for problem in problems]
    # Parameter names know no tilde.
    folder_name = f"{target.prefix}/secrets/accounts/{account_id.replace('~', '.')}"
    names = {name: f"{folder_name}/{name}" for name in secrets}
    plan.secrets |= {names[name]: secret for name, secret in secrets.items()}
    plan.items.append(
        {
            "id": f"account#{account_id}",
            "channel": account.channel,
            "settings": completed_settings(account.channel, account.settings),
            "secrets": names,
        }
    )


def _read(
    source: SecretSource, where: str, plan: Plan, target: Target, folder: Path
) -> Iterator[str]:
    if source.text and target.stage != _SANDBOX_STAGE:
        plan.problems.append(
            f"{where}: a secret must not stand in the file itself; use file or env"
        )
    elif source.text:
        yield source.text
    elif source.env and source.env not in os.environ:
        plan.problems.append(f"{where}: the environment variable {source.env} is not set")
    elif source.env:
        yield os.environ[source.env]
    elif not (folder / source.file).is_file():
        plan.problems.append(f"{where}: there is no file {source.file}")
    else:
        yield (folder / source.file).read_text("utf-8").strip()


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", help="the configuration, a TOML file")
    parser.add_argument("--stage", default=_SANDBOX_STAGE)
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
