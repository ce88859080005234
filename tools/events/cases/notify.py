"""Cases of `notify`: business lines are told, once for each fact that is still news."""

from dataclasses import replace
from typing import Final

from paycenter.domain.jobs import Job, JobKind
from tools.events.case import Case, Consumer, job, order, untouched
from tools.seed.orders import SEEDS

_FUNCTION: Final = "notify"
_NOBODY: Final = "A" * 26
_consumer: Final = Consumer(_FUNCTION, "paycenter-NotifyQueue")


def _news(number: str, count: int = 1) -> Job:
    order_id = SEEDS[number].order_id if number else _NOBODY
    return job(JobKind.NOTIFY, order_id, event_id=f"{order_id}E{count:02d}")


def cases() -> list[Case]:
    """Return the cases of the function."""
    delivered = {"delivery": {"E01": "DELIVERED"}, "attempts": {"E01": 0}, "sent": {}}
    paid = order("EVENT-NOTIFY", "PAID", told=["order.paid"], **delivered)
    batch = order("EVENT-NOTIFY-BATCH", "PAID", told=["order.paid"], **delivered)
    closed = order("EVENT-NOTIFY-CLOSED", "CLOSED", told=["order.closed"], **delivered)
    departed = order(
        "EVENT-NOTIFY-DEPARTED",
        "PAID",
        delivery={"E01": "OWED"},
        attempts={"E01": 1},
        sent={"notify": 1},
    )
    overtaken = order(
        "EVENT-NOTIFY-OVERTAKEN",
        "PAID",
        told=["order.closed", "order.paid"],
        delivery={"E01": "SUPERSEDED", "E02": "OWED"},
        sent={},
    )
    old = untouched("EVENT-NOTIFY-OLD")
    return [
        _consumer.came("paid", "The business line is told of the money, and acknowledges.", paid, _news("EVENT-NOTIFY")),
        _consumer.came("closed", "The business line is told of the close, and acknowledges.", closed, _news("EVENT-NOTIFY-CLOSED")),
        _consumer.came("line_departed", "There is no such business line any more: the attempt has failed, the next is sent.", departed, _news("EVENT-NOTIFY-DEPARTED")),
        _consumer.came("overtaken", "The close that late money has overtaken is not told any more.", overtaken, _news("EVENT-NOTIFY-OVERTAKEN")),
        _consumer.came("out_of_date", "A repeat of an attempt that has been made: nothing to do.", old, replace(_news("EVENT-NOTIFY-OLD"), attempt=4), quiet=True),
        _consumer.came("unknown_event", "An event that the order never owed.", old, _news("EVENT-NOTIFY-OLD", 7), quiet=True),
        _consumer.came("delivered", "Told already: nothing to do.", untouched("EVENT-PAID"), _news("EVENT-PAID"), quiet=True),
        _consumer.came("unknown_order", "An order that never came; its minute is over.", {}, _news(""), quiet=True),
        _consumer.came("batch_with_poison", "A message that is no job fails alone; the good one beside it is done.", batch, "\x00", _news("EVENT-NOTIFY-BATCH"), poison=(0,)),
    ]  # fmt: skip
