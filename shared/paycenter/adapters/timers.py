"""The delay port on AWS: delayed SQS messages up to 900 s, a Step Functions wait beyond.

The adapter is chosen by business time; only then is the clock's rate divided out, so that a fast sandbox passes the
same hops as production.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import batched
from json import dumps
from typing import Any, Final

from botocore.exceptions import ClientError

from paycenter.adapters.aws import aws_errors, client
from paycenter.adapters.clock import ScaledClock
from paycenter.contracts.jobs import encode
from paycenter.domain.errors import TryAgain
from paycenter.domain.jobs import Job, JobKind

LONGEST_MESSAGE_DELAY_SECONDS: Final = 900
_BATCH: Final = 10


@dataclass(frozen=True, slots=True)
class AwsTimers:
    """Sends jobs to the queue of their kind. `queues` may lack kinds that a function never sends."""

    clock: ScaledClock
    queues: Mapping[JobKind, str]
    wait_machine: str

    def schedule(self, jobs: Sequence[Job]) -> None:
        """Send at most ten jobs a request; a long one hops for 900 s first, for most orders are paid by then."""
        now = self.clock.now()
        entries = [self._entry(number, job, now) for number, job in enumerate(jobs)]
        for batch in batched(entries, _BATCH, strict=False):
            self._send(self.queues[jobs[0].kind], list(batch))

    def resume(self, job: Job) -> None:
        """Send a job on its way that came early: one execution where a whole hop or more is left after its first.

        What was left at the end of the hop decides, not the moment at which a worker came to it.
        """
        if job.hopped and job.due_at - job.sent_at >= 2 * LONGEST_MESSAGE_DELAY_SECONDS:
            self._wait(job)
        else:
            self.schedule([replace(job, hopped=False)])

    def _entry(self, number: int, job: Job, now: int) -> dict[str, Any]:
        delay = max(0, job.due_at - now)
        if delay > LONGEST_MESSAGE_DELAY_SECONDS:
            job, delay = replace(job, hopped=True), LONGEST_MESSAGE_DELAY_SECONDS
        fairly = {"MessageGroupId": job.group} if job.group else {}
        return {
            "Id": str(number),
            "MessageBody": encode(job),
            "DelaySeconds": math.ceil(delay / self.clock.rate),
            **fairly,
        }

    def _send(self, queue_url: str, entries: list[dict[str, Any]]) -> None:
        with aws_errors():
            if len(entries) == 1:
                single = {name: value for name, value in entries[0].items() if name != "Id"}
                client("sqs").send_message(QueueUrl=queue_url, **single)
                return
            answer = client("sqs").send_message_batch(QueueUrl=queue_url, Entries=entries)
        if answer.get("Failed"):
            # Some were sent: the caller repeats all of them, and duplicates are harmless.
            message = "Not every timer could be set; repeat the same request."
            raise TryAgain(message)

    def _wait(self, job: Job) -> None:
        due = datetime.fromtimestamp(math.ceil(self.clock.real(job.due_at)), UTC)
        execution = {
            "due": due.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "queue_url": self.queues[job.kind],
            "body": encode(replace(job, hopped=False)),
        }
        try:
            with aws_errors():
                client("stepfunctions").start_execution(
                    stateMachineArn=self.wait_machine, name=job.name, input=dumps(execution)
                )
        except TryAgain as error:
            # The same job was started before: that is what its name is for.
            if not _exists(error.__cause__):
                raise


def _exists(cause: BaseException | None) -> bool:
    return (
        isinstance(cause, ClientError)
        and cause.response["Error"]["Code"] == "ExecutionAlreadyExists"
    )
