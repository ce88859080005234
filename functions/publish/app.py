"""The stream of the order table: owed events become messages, money becomes movements and exceptions."""

from dataclasses import asdict
from typing import Any

from paycenter.adapters.items import from_item
from paycenter.adapters.telemetry import logger
from paycenter.bootstrap import adapters
from paycenter.usecases.publish import Change, publish


def handler(event: dict[str, Any], _context: object) -> None:
    """Lambda entry; an error leaves it as an exception, and the stream repeats the batch."""
    changes = [
        _change(record["dynamodb"])
        for record in event["Records"]
        if "NewImage" in record["dynamodb"]
    ]
    sent = publish(changes, adapters())
    logger().info("published", extra={"fields": {"records": len(event["Records"]), **asdict(sent)}})


def _change(record: dict[str, Any]) -> Change:
    before = record.get("OldImage")
    return Change(before=from_item(before) if before else None, after=from_item(record["NewImage"]))
