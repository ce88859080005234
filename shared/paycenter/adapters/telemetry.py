"""Logs and metrics by Powertools: one line a call, metrics in CloudWatch's embedded format, no call and no wait."""

from functools import cache
from typing import Final

from aws_lambda_powertools import Logger, single_metric
from aws_lambda_powertools.metrics import MetricUnit

# What no one foresaw: an answer of 500, a job that failed otherwise than by an error of ours.
DEFECTS: Final = "Defects"
_NAMESPACE: Final = "PayCenter"


@cache
def logger() -> Logger:
    """Return the container's logger: JSON, one line an entry, whatever the text holds."""
    return Logger()


class LogTelemetry:
    """Counts and notes into the function's log."""

    def count(self, metric: str, value: int = 1) -> None:
        """Write one metric of the namespace PayCenter."""
        with single_metric(name=metric, unit=MetricUnit.Count, value=value, namespace=_NAMESPACE):
            pass

    def note(self, what: str, **fields: object) -> None:
        """Write one line; values are words and numbers, never secrets."""
        logger().info(what, extra={"fields": fields})
