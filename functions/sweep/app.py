"""Each minute: what was lost is found and sent again."""

from typing import Any

from paycenter.adapters.telemetry import logger
from paycenter.bootstrap import adapters
from paycenter.usecases.sweep import sweep


def handler(_event: dict[str, Any], _context: object) -> None:
    """Lambda entry."""
    logger().info("swept", extra={"fields": {"jobs": sweep(adapters())}})
