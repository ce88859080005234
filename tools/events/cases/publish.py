"""Cases of `publish`: writes to the order table, as its stream tells them."""

from typing import Final

from paycenter.adapters.items import to_item
from paycenter.domain.order import Order
from tools.events.case import LONG_AGO, Case, case, of_writes, order, untouched
from tools.events.envelopes import Record
from tools.events.expectation import Expectation, OrderExpectation
from tools.seed.orders import SEEDS, trade_no
from tools.seed.story import Step, closed, created, ended, paid, started, told, untold

_FUNCTION: Final = "publish"


def _order(number: str, *steps: Step) -> Order:
    """Return a seeded order after these steps, as a write leaves it."""
    made = created(SEEDS[number], LONG_AGO)
    for step in steps:
        made = step(made, made.created_at)
    return made


def _write(number: str, before: tuple[Step, ...], *now: Step) -> Record:
    return Record(
        before=to_item(_order(number, *before)), after=to_item(_order(number, *before, *now))
    )


def _told(
    name: str, about: str, state: dict[str, OrderExpectation], *records: Record, **more: object
) -> Case:
    expect = Expectation.model_validate({"about": about, "state": state, **more})
    return case(_FUNCTION, name, of_writes(*records), expect)


def _exception(kind: str, trade: int) -> list[str]:
    return [f"alipay|alipay-main|{kind}|{trade_no(trade)}"]


def cases() -> list[Case]:
    """Return the cases of the function."""
    unpaid = (started(), ended(), closed, told)
    two = (started(), started("qr"), paid(trade_no(23)), told)
    money = _write("EVENT-STREAM-PAID", (started(),), paid(trade_no(21)))
    late = _write("EVENT-STREAM-LATE", unpaid, paid(trade_no(22)))
    double = _write("EVENT-STREAM-DOUBLE", two, paid(trade_no(24), 2))
    close = _write("EVENT-STREAM-CLOSED", (), closed)
    acknowledged = _write("EVENT-PAID", (started(), paid(trade_no(1))), told)
    postponed = _write("EVENT-PAID", (started(), paid(trade_no(1))), untold())
    first = Record(after=to_item(_order("EVENT-CREATED")))
    removed = Record(before=to_item(_order("EVENT-CREATED")))
    unreadable = Record(after={"id": {"S": "A" * 26}, "outbox": {"N": "2"}})
    paid_order = order("EVENT-STREAM-PAID", "PAID", movements=["P01"], sent={"notify": 1})
    closed_order = order("EVENT-STREAM-CLOSED", "CLOSED", sent={"notify": 1})
    late_order = order("EVENT-STREAM-LATE", "CLOSED", movements=["P01"], sent={"refund": 1})
    double_order = order("EVENT-STREAM-DOUBLE", "PAID", movements=["P02"], sent={"refund": 1})
    late_id, double_id = _exception("LATE_PAYMENT", 22), _exception("DUPLICATE_PAYMENT", 24)
    unsent = untouched("EVENT-CREATED")
    return [
        _told("paid", "An order was paid: its news and its movement.", paid_order, money),
        _told("closed", "An order was closed: its news.", closed_order, close),
        _told("late", "Money came late: an exception for people, a movement, and its refund on its way.", late_order, late, exceptions=late_id),
        _told("double", "Money came twice: an exception for people, a movement, and its refund on its way.", double_order, double, exceptions=double_id),
        _told("batch", "Several writes in one batch.", {**paid_order, **closed_order}, close, first, money),
        _told("created", "A new order owes nobody anything yet.", unsent, first, quiet=True),
        _told("nothing_new", "What was owed has been told: nothing to send.", untouched("EVENT-PAID"), acknowledged, quiet=True),
        _told("owed_before", "The old image owed it too, and it is owed still: sent once already.", untouched("EVENT-PAID"), postponed, quiet=True),
        _told("removed", "An order was taken out of the table by hand.", unsent, removed, quiet=True),
        _told("unreadable", "An image that is no order: the stream repeats the batch, nothing is lost.", {}, unreadable, error=True, quiet=True),
    ]  # fmt: skip
