"""The seeded orders, by number. Each case that changes something has an order of its own, so that their order is free."""

from typing import Final

from paycenter.domain.order import MAXIMUM_PAYMENTS, LatePolicy
from tools.seed.story import (
    AMOUNT_FEN,
    Deed,
    Seed,
    asked_back,
    closed,
    closing,
    ended,
    paid,
    started,
    told,
    untold,
)

_OPENED: Final = (Deed.OPENED,)
_OPENED_AND_PAID: Final = (Deed.OPENED, Deed.PAID)
_OPENED_AND_CLOSED: Final = (Deed.OPENED, Deed.CLOSED)
_UNPAID: Final = (started(), ended(), closed)


def trade_no(number: int) -> str:
    """Return a number as the channel gives it to a trade; below 100 it is a seeded order's, above a single notice's."""
    return f"2026010122001400{number:012d}"


_ORDERS: Final = (
    # Looked at, and changed by no case.
    Seed(out_order_no="EVENT-CREATED"),
    Seed(out_order_no="EVENT-PAYING", steps=(started(),)),
    Seed(out_order_no="EVENT-PAID", steps=(started(), paid(trade_no(1)), told)),
    Seed(out_order_no="EVENT-CLOSED", steps=(*_UNPAID, told)),
    Seed(out_order_no="EVENT-CLOSING", steps=(started(), closing)),
    Seed(out_order_no="EVENT-HOTEL", line="hotel"),
    Seed(out_order_no="EVENT-REPEATED"),
    # The cashier.
    Seed(out_order_no="EVENT-RETURN-GET", steps=(started(),)),
    Seed(out_order_no="EVENT-RETURN-POST", steps=(started(),)),
    # Payments.
    Seed(out_order_no="EVENT-PAY-PAGE"),
    Seed(out_order_no="EVENT-PAY-QR"),
    Seed(out_order_no="EVENT-PAY-AGAIN", steps=(started(),)),
    Seed(out_order_no="EVENT-PAY-SWITCH", steps=(started(),)),
    Seed(out_order_no="EVENT-PAY-AFTER-END", steps=(started(), ended())),
    Seed(out_order_no="EVENT-PAY-REFUSED", deeds=_OPENED_AND_CLOSED),
    Seed(out_order_no="EVENT-PAY-UNKNOWN", deeds=(Deed.FAILING,)),
    Seed(
        out_order_no="EVENT-PAY-TEN",
        steps=tuple(
            step for count in range(1, MAXIMUM_PAYMENTS + 1) for step in (started(), ended(count))
        ),
    ),
    Seed(out_order_no="EVENT-PAY-OVERDUE", overdue=60),
    Seed(out_order_no="EVENT-PAYER-PAGE"),
    Seed(out_order_no="EVENT-PAYER-WAP"),
    Seed(out_order_no="EVENT-PAYER-QR"),
    Seed(out_order_no="EVENT-PAYER-UNKNOWN", deeds=(Deed.FAILING,)),
    # Callbacks.
    Seed(out_order_no="EVENT-CALLBACK-PAID", steps=(started(),)),
    Seed(out_order_no="EVENT-CALLBACK-FINISHED", steps=(started(),)),
    Seed(out_order_no="EVENT-CALLBACK-EMPTY-SIGNED", steps=(started(),)),
    Seed(out_order_no="EVENT-CALLBACK-EMPTY-UNSIGNED", steps=(started(),)),
    Seed(out_order_no="EVENT-CALLBACK-FIRST", steps=(started("qr"),)),
    Seed(out_order_no="EVENT-CALLBACK-CLOSED", steps=(started(),)),
    Seed(out_order_no="EVENT-CALLBACK-CLOSING", steps=(started(), closing)),
    Seed(out_order_no="EVENT-LATE", steps=(*_UNPAID, told)),
    Seed(out_order_no="EVENT-LATE-ACCEPT", steps=(*_UNPAID, told), late_policy=LatePolicy.ACCEPT),
    Seed(out_order_no="EVENT-LATE-HOLD", steps=(*_UNPAID, told), late_policy=LatePolicy.HOLD),
    Seed(
        out_order_no="EVENT-DOUBLE",
        steps=(started(), started("qr"), paid(trade_no(2)), told),
    ),
    # Rungs of the active query.
    Seed(out_order_no="EVENT-RUNG-WAITING", steps=(started(),), deeds=_OPENED),
    Seed(out_order_no="EVENT-RUNG-PAID", steps=(started(),), deeds=_OPENED_AND_PAID),
    Seed(out_order_no="EVENT-RUNG-CLOSED", steps=(started(),), deeds=_OPENED_AND_CLOSED),
    Seed(out_order_no="EVENT-RUNG-LATE", steps=(*_UNPAID, told), deeds=_OPENED_AND_PAID),
    Seed(out_order_no="EVENT-RUNG-BATCH", steps=(started(),), deeds=_OPENED_AND_PAID),
    Seed(out_order_no="EVENT-RUNG-LADDER", steps=(started(),)),
    # Closes.
    Seed(out_order_no="EVENT-EARLY"),
    Seed(out_order_no="EVENT-EARLY-HOPPED"),
    Seed(out_order_no="EVENT-DUE", overdue=60),
    Seed(out_order_no="EVENT-DUE-BATCH", overdue=60),
    Seed(out_order_no="EVENT-DUE-PAYING", steps=(started(),), overdue=60),
    Seed(out_order_no="EVENT-DUE-OPEN", steps=(started(),), overdue=60, deeds=_OPENED),
    Seed(out_order_no="EVENT-DUE-PAID", steps=(started(),), overdue=60, deeds=_OPENED_AND_PAID),
    Seed(out_order_no="EVENT-CLOSE-CREATED"),
    Seed(out_order_no="EVENT-CLOSE-PAYING", steps=(started(),)),
    Seed(out_order_no="EVENT-CLOSE-OPEN", steps=(started(),), deeds=_OPENED),
    Seed(out_order_no="EVENT-CLOSE-PAID", steps=(started(),), deeds=_OPENED_AND_PAID),
    # Notifications: owed, and due in a day.
    Seed(out_order_no="EVENT-NOTIFY", steps=(started(), paid(trade_no(11)), untold())),
    Seed(out_order_no="EVENT-NOTIFY-BATCH", steps=(started(), paid(trade_no(12)), untold())),
    Seed(out_order_no="EVENT-NOTIFY-CLOSED", steps=(closed, untold())),
    Seed(out_order_no="EVENT-NOTIFY-OLD", steps=(started(), paid(trade_no(13)), untold())),
    Seed(
        out_order_no="EVENT-NOTIFY-DEPARTED",
        line="departed",
        steps=(started(), paid(trade_no(14)), untold()),
    ),
    Seed(
        out_order_no="EVENT-NOTIFY-OVERTAKEN",
        steps=(*_UNPAID, paid(trade_no(15)), untold()),
        late_policy=LatePolicy.ACCEPT,
    ),
    # Refunds.
    Seed(
        out_order_no="EVENT-REFUND",
        steps=(started(), paid(trade_no(31)), told),
        deeds=_OPENED_AND_PAID,
    ),
    Seed(
        out_order_no="EVENT-REFUND-DUE",
        steps=(started(), paid(trade_no(32)), told, asked_back(3000)),
        deeds=_OPENED_AND_PAID,
    ),
    Seed(
        out_order_no="EVENT-REFUND-BATCH",
        steps=(started(), paid(trade_no(33)), told, asked_back(1)),
        deeds=_OPENED_AND_PAID,
    ),
    Seed(
        out_order_no="EVENT-REFUND-OLD",
        steps=(started(), paid(trade_no(34)), told, asked_back(12800)),
    ),
    # What the stream tells of, and what the sweep finds.
    Seed(out_order_no="EVENT-STREAM-PAID", steps=(started(), paid(trade_no(21)), untold())),
    Seed(out_order_no="EVENT-STREAM-CLOSED", steps=(closed, untold())),
    Seed(out_order_no="EVENT-STREAM-LATE", steps=(*_UNPAID, told, paid(trade_no(22)))),
    Seed(
        out_order_no="EVENT-STREAM-DOUBLE",
        steps=(started(), started("qr"), paid(trade_no(23)), told, paid(trade_no(24), 2)),
    ),
    Seed(out_order_no="EVENT-SWEEP-OVERDUE", overdue=600),
    Seed(
        out_order_no="EVENT-SWEEP-UNTOLD",
        steps=(started(), paid(trade_no(31)), untold(-600)),
    ),
)

SEEDS: Final = {seed.out_order_no: seed for seed in _ORDERS}
if len(SEEDS) != len(_ORDERS):
    raise AssertionError("two seeds have the same number")

__all__ = ["AMOUNT_FEN", "SEEDS", "trade_no"]
