"""The notify queue: business lines are told."""

from typing import Any

from paycenter.bootstrap import adapters
from paycenter.entry.queue import consume
from paycenter.usecases.notify import run_notification


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Lambda entry."""
    return consume(event, lambda job: run_notification(job, adapters()))
