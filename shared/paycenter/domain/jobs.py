"""What a timer carries: enough to find the order and to know whether the job is still the one that was meant."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, Self

# A timer may arrive before the write it guards; it is sent again for this long, then dropped.
MISSING_RETRY_SECONDS: Final = 5
MISSING_GIVE_UP_SECONDS: Final = 60


class JobKind(StrEnum):
    """Which queue and consumer a job is for."""

    QUERY = "query"
    EXPIRE = "expire"
    NOTIFY = "notify"
    REFUND = "refund"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One thing to do for an order at `due_at`; all moments are business seconds since 1970 UTC.

    The last job of a stage of the query ladder `carries` the `rest`: the moments that follow, so that
    orders under way keep theirs when the configuration changes. `attempt` guards against duplicated messages. Jobs of
    one `group` share the queue fairly with those of others: a group that is slow does not make the others wait. A
    query that `confirms` asks about a payment that is booked already.
    """

    kind: JobKind
    order_id: str
    due_at: int
    sent_at: int
    payment_no: str = ""
    event_id: str = ""
    refund_no: str = ""
    attempt: int = 0
    rest: tuple[int, ...] = ()
    carries: bool = False
    hopped: bool = False
    group: str = ""
    confirms: bool = False

    @property
    def name(self) -> str:
        """Name the job: the same job has the same name wherever it is started, at most 80 characters."""
        subject = self.refund_no or self.payment_no or self.event_id or self.order_id
        return f"{self.kind}-{subject}-{self.attempt}-{self.due_at}"

    def again(self, now: int) -> Self | None:
        """Return the job to send for an order that is not there yet, or None when it is time to give up."""
        if now - self.sent_at >= MISSING_GIVE_UP_SECONDS:
            return None
        return replace(self, due_at=now + MISSING_RETRY_SECONDS)
