"""On two schedules: each minute the health of channel accounts, twice a day the channels' public keys."""

from typing import Any, Final

from paycenter.adapters.telemetry import logger
from paycenter.bootstrap import adapters
from paycenter.usecases.tend_accounts import check_health, refresh_material

# As the template's schedules name them.
_TASKS: Final = {"health": check_health, "material": refresh_material}


def handler(event: dict[str, Any], _context: object) -> None:
    """Lambda entry."""
    task: str = event["task"]
    unwell = _TASKS[task](adapters())
    logger().info("tended accounts", extra={"fields": {"task": task, "unwell": unwell}})
