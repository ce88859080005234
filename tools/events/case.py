"""A case, and the words in which the modules beside this one write theirs down."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from paycenter.contracts.jobs import encode
from paycenter.domain.jobs import Job, JobKind
from tools.events.envelopes import JSON, Event, Http, Record, message_id, schedule, sqs, stream
from tools.events.expectation import Expectation, OrderExpectation
from tools.seed.orders import SEEDS

# The sandbox's constants; sandbox/config.toml holds their digests.
TICKETS_KEY: Final = "tickets.sandbox-key-of-the-scenic-tickets-line"
TICKETS_READ_KEY: Final = "tickets.sandbox-key-that-may-only-read"
HOTEL_PAY_KEY: Final = "hotel.sandbox-key-that-may-only-pay"
NOBODYS_KEY: Final = "tickets.sandbox-key-that-nobody-ever-had"
LONG_AGO: Final = 1_767_225_600


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One event and what must come of it."""

    function: str
    name: str
    event: Event
    expect: Expectation


type Make = Callable[[str], Event]


def case(function: str, name: str, make: Make, expect: Expectation) -> Case:
    """Build a case; `make` gets what identifiers are derived from."""
    return Case(function=function, name=name, event=make(f"{function}/{name}"), expect=expect)


def of_http(request: Http) -> Make:
    """Make an HTTP event."""
    return request.event


def of_writes(*records: Record) -> Make:
    """Make a batch of the order table's stream."""
    return lambda seed: stream("paycenter-OrdersTable", records, seed)


def of_schedule(rule: str) -> Make:
    """Make a scheduled event."""
    return lambda seed: schedule(rule, seed)


@dataclass(frozen=True, slots=True)
class Consumer:
    """A function that takes jobs from its queue."""

    function: str
    queue: str

    def came(
        self,
        name: str,
        about: str,
        state: dict[str, OrderExpectation],
        *messages: Job | str,
        quiet: bool = False,
        poison: tuple[int, ...] = (),
    ) -> Case:
        """Return the case of a batch; `poison` are the messages, counted from 0, that are reported as failed."""
        bodies = [one if isinstance(one, str) else encode(one) for one in messages]
        expect = Expectation(
            about=about,
            batch_item_failures=[
                message_id(f"{self.function}/{name}", number) for number in poison
            ],
            quiet=quiet,
            state=state,
        )
        return case(self.function, name, lambda seed: sqs(self.queue, bodies, seed), expect)


def job(
    kind: JobKind,
    order_id: str,
    *,
    payment_no: str = "",
    event_id: str = "",
    refund_no: str = "",
) -> Job:
    """Return a job that was sent and due long ago: it is done when it comes, however late."""
    return Job(
        kind=kind,
        order_id=order_id,
        payment_no=payment_no,
        event_id=event_id,
        refund_no=refund_no,
        due_at=LONG_AGO,
        sent_at=LONG_AGO,
    )


def bearer(key: str = TICKETS_KEY) -> dict[str, str]:
    """Return the header that carries a business line's key."""
    return {"authorization": f"Bearer {key}"} if key else {}


def api(
    route: str,
    body: str = "",
    *,
    key: str = TICKETS_KEY,
    media_type: str = JSON,
    parameters: Mapping[str, str] | None = None,
    query: Mapping[str, str] | None = None,
) -> Http:
    """Return a request of a business line."""
    return Http(
        route=route,
        parameters=parameters or {},
        query=query or {},
        headers=bearer(key),
        body=body,
        media_type=media_type if body else "",
    )


def order(
    out_order_no: str, state: str | None = None, **more: object
) -> dict[str, OrderExpectation]:
    """Return what is expected of one order; its line is the seed's, and without a state it may be in any."""
    line = SEEDS[out_order_no].line if out_order_no in SEEDS else "tickets"
    expected = OrderExpectation.model_validate({"line": line, "state": state, **more})
    return {out_order_no: expected}


def untouched(*numbers: str) -> dict[str, OrderExpectation]:
    """Return the expectation that seeded orders stand exactly as seeded."""
    expected: dict[str, OrderExpectation] = {}
    for number in numbers:
        seeded = SEEDS[number].order(LONG_AGO)
        payments = {no[-3:]: payment.state.value for no, payment in seeded.payments.items()}
        expected |= order(number, seeded.state.value, version=seeded.version, payments=payments)
    return expected


def unique(cases: Iterable[Case]) -> list[Case]:
    """Return the cases; raises ValueError where two would write the same file."""
    found: dict[tuple[str, str], Case] = {}
    for one in cases:
        if found.setdefault((one.function, one.name), one) is not one:
            raise ValueError(f"two cases are called {one.function}/{one.name}")
    return list(found.values())
