"""What a configuration file would write, and what speaks against writing it."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from paycenter.adapters.addresses import AddressRefused, check_url, parse_networks
from paycenter.contracts.configuration import (
    AccountSection,
    ConfigurationFile,
    LineSection,
    SecretSource,
    check_webhook_secret,
)
from paychannels.registry import CHANNELS, check_account, completed_settings, manifest

SANDBOX_STAGE: Final = "local"


@dataclass(slots=True)
class Plan:
    """What will be written: table items, plain parameters and secret ones; and what speaks against writing.

    `items` are the lines, `accounts` the account versions, `channels` who of them is live and who retired.
    """

    items: list[dict[str, Any]] = field(default_factory=list)
    accounts: dict[str, dict[str, Any]] = field(default_factory=dict)
    channels: dict[str, dict[str, list[Any]]] = field(default_factory=dict)
    parameters: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def live(self) -> set[str]:
        """Return the account versions that new payments use."""
        return {
            entry["account"] for accounts in self.channels.values() for entry in accounts["live"]
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where the file is applied to."""

    stage: str
    prefix: str
    table: str
    private_networks: str
    clock_rate: int = 1
    clock_anchor: int = 0


def _plan_ladders(document: ConfigurationFile, plan: Plan, target: Target) -> None:
    for name, value in document.ladders.all_parameters().items():
        plan.parameters[f"{target.prefix}/ladder/{name}"] = value
    for line_id in document.ladders.lines.keys() - document.lines.keys():
        plan.problems.append(f"ladders.lines.{line_id}: there is no such line")
    for channel in document.ladders.channels.keys() - CHANNELS.keys():
        plan.problems.append(f"ladders.channels.{channel}: there is no such channel")


def make_plan(document: ConfigurationFile, target: Target, folder: Path) -> Plan:
    """Check everything that the file's own form can't, and return what would be written."""
    plan = Plan()
    _plan_ladders(document, plan, target)
    for line_id, line in document.lines.items():
        _plan_line(line_id, line, plan, target, folder)
    for account_id, account in document.accounts.items():
        _plan_account(account_id, account, plan, target, folder)
    for channel in sorted({account.channel for account in document.accounts.values()}):
        versions = {
            account_id: account
            for account_id, account in document.accounts.items()
            if account.channel == channel
        }
        plan.channels[channel] = {
            "live": [
                {"account": account_id, "weight": account.weight}
                for account_id, account in versions.items()
                if account.live
            ],
            "retired": [account_id for account_id, account in versions.items() if not account.live],
        }
    return plan


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
    plan.accounts[account_id] = {
        "channel": account.channel,
        "settings": completed_settings(account.channel, account.settings),
        "secrets": names,
    }


def _read(
    source: SecretSource, where: str, plan: Plan, target: Target, folder: Path
) -> Iterator[str]:
    if source.text and target.stage != SANDBOX_STAGE:
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
