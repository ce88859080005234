"""What account versions are checked for against what is stored already, and the channels' public keys that they get."""

from collections.abc import Mapping
from typing import Any

import boto3
from boto3.dynamodb.types import TypeDeserializer

from paycenter.ports.channel import Account, Outcome
from paycenter.ports.channels import Channels
from paycenter.usecases.tend_accounts import fetch_material
from paychannels.registry import manifest
from tools.configure.plan import SANDBOX_STAGE, Plan, Target

_deserializer = TypeDeserializer()


def stored_accounts(plan: Plan, table: str) -> dict[str, dict[str, Any]]:
    """Return those of the planned account versions that are stored already, as they are, by their id."""
    dynamodb = boto3.client("dynamodb")
    found: dict[str, dict[str, Any]] = {}
    for account_id in plan.accounts:
        answer = dynamodb.get_item(TableName=table, Key={"id": {"S": f"account#{account_id}"}})
        if "Item" in answer:
            found[account_id] = {
                name: _deserializer.deserialize(value) for name, value in answer["Item"].items()
            }
    return found


def identity_problems(plan: Plan, stored: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Say which account versions would become another merchant: payments already made pin the version as it is."""
    return [
        f"accounts.{account_id}: another merchant; add a new version instead"
        for account_id, item in stored.items()
        if _identity(item) != _identity(plan.accounts[account_id])
    ]


def _identity(item: Mapping[str, Any]) -> tuple[str, dict[str, str | None]]:
    # Keys, their serials, modes and addresses may change; who the merchant is may not.
    fields = [field.id for field in manifest(item["channel"]).account_fields if field.identity]
    return item["channel"], {name: item["settings"].get(name) for name in fields}


def material_problems(
    plan: Plan, target: Target, stored: Mapping[str, Mapping[str, Any]], channels: Channels
) -> list[str]:
    """Fetch channels' public keys into the plan; say for which live accounts that failed.

    A retired version keeps the keys that it has, and so does every one in the sandbox, whose channels may not be up
    yet: there the schedule fetches them.
    """
    problems: list[str] = []
    live = plan.live()
    for account_id, item in plan.accounts.items():
        known = stored.get(account_id, {}).get("material", {})
        answer = fetch_material(_account(account_id, item, known, plan), channels)
        if answer is None:
            continue
        item["material"] = known
        if answer.outcome is Outcome.DONE:
            item["material"] = dict(answer.material)
        elif account_id in live and target.stage != SANDBOX_STAGE:
            problems.append(
                f"accounts.{account_id}: its channel's public keys can't be fetched"
                f" ({answer.code or answer.outcome}); check merchant, keys and network, then repeat"
            )
        else:
            print(f"accounts.{account_id}: its channel's public keys could not be fetched yet")
    return problems


def _account(
    account_id: str, item: Mapping[str, Any], material: Mapping[str, str], plan: Plan
) -> Account:
    return Account(
        id=account_id,
        channel=item["channel"],
        settings=item["settings"],
        secrets={name: plan.secrets[path] for name, path in item["secrets"].items()},
        material=material,
    )
