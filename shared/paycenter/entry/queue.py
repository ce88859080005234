"""SQS events in: each message is one job, done beside the others of its batch, and reported one by one.

No exception leaves a consumer: an item that failed is reported and comes again, the others are done.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any, Final, Never

from aws_lambda_powertools.utilities.batch import (
    AsyncBatchProcessor,
    EventType,
    async_process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from paycenter.adapters.telemetry import DEFECTS, LogTelemetry, logger
from paycenter.contracts.jobs import decode
from paycenter.domain.errors import PayCenterError
from paycenter.domain.jobs import Job

# As many as the queues' mappings hand over at once.
_BATCH: Final = 10

type Consumer = Callable[[Job], str]
# What is done once for a batch: from all jobs that can be read to the consumer of each.
type Preparation = Callable[[Sequence[Job]], Consumer]


def consume_together(event: dict[str, Any], prepare: Preparation) -> dict[str, Any]:
    """Consume a batch whose jobs share a preparation, such as one read for all of them.

    Where the preparation fails, all of its jobs do, and are repeated.
    """
    jobs = [job for record in event["Records"] if (job := _readable(record["body"])) is not None]
    try:
        consumer = prepare(jobs)
    except PayCenterError as error:
        logger().exception("batch failed")
        failed = error
        return consume(event, lambda _job: _fail(failed))
    return consume(event, consumer)


def _readable(body: str) -> Job | None:
    try:
        return decode(body)
    except PayCenterError:
        return None


def _fail(error: PayCenterError) -> Never:
    raise error


def consume(event: dict[str, Any], consumer: Consumer) -> dict[str, Any]:
    """Run every job of a batch at the same time and answer which of them failed; one line of the log each.

    `consumer` returns a word on what became of the job. A job that fails is repeated by the queue and ends among the
    dead letters, where an alarm waits.
    """

    async def handle(record: SQSRecord) -> None:
        await asyncio.get_running_loop().run_in_executor(_workers(), _one, record.body, consumer)

    processor = AsyncBatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    return dict(
        async_process_partial_response(event=event, record_handler=handle, processor=processor)
    )


@cache
def _workers() -> ThreadPoolExecutor:
    # asyncio's own pool has as many threads as the machine's cores allow, which is fewer than a batch has messages.
    return ThreadPoolExecutor(_BATCH, "job")


def _one(body: str, consumer: Consumer) -> None:
    try:
        job = decode(body)
        became = consumer(job)
    except Exception as error:
        logger().exception("job failed")
        if not isinstance(error, PayCenterError):
            LogTelemetry().count(DEFECTS)
        raise
    logger().info(
        "job",
        extra={
            "fields": {
                "kind": job.kind,
                "order": job.order_id,
                "attempt": job.attempt,
                "became": became,
            }
        },
    )
