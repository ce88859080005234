"""Cases of `query`: rungs of the ladder from the queue, and what business lines ask."""

from dataclasses import replace
from typing import Final

from paycenter.domain.jobs import Job, JobKind
from tools.events.case import (
    HOTEL_PAY_KEY,
    LONG_AGO,
    NOBODYS_KEY,
    TICKETS_KEY,
    Case,
    Consumer,
    api,
    case,
    job,
    of_http,
    order,
    untouched,
)
from tools.events.envelopes import Http
from tools.events.expectation import Expectation
from tools.seed.orders import SEEDS

_FUNCTION: Final = "query"
_consumer: Final = Consumer(_FUNCTION, "paycenter-QueryQueue")
_NOBODY: Final = "A" * 26


def _rung(number: str, count: int = 1) -> Job:
    order_id = SEEDS[number].order_id if number else _NOBODY
    return job(JobKind.QUERY, order_id, payment_no=f"{order_id}P{count:02d}")


def _rungs() -> list[Case]:
    paid = order("EVENT-RUNG-PAID", "PAID", payments={"P01": "SUCCEEDED"}, told=["order.paid"])
    closed = order("EVENT-RUNG-CLOSED", "PAYING", payments={"P01": "CLOSED"}, told=[])
    late = order(
        "EVENT-RUNG-LATE",
        "CLOSED",
        payments={"P01": "SUCCEEDED"},
        refunds={"P01D": "REQUESTED"},
        exceptions=["LATE_PAYMENT"],
    )
    ladder = order("EVENT-RUNG-LADDER", "PAYING", payments={"P01": "PENDING"}, sent={"query": 3})
    batch = order(
        "EVENT-RUNG-BATCH", "PAID", payments={"P01": "SUCCEEDED"}, told=["order.paid"], sent={}
    )
    rest = tuple(LONG_AGO + seconds for seconds in (60, 120, 720, 1920))
    paying = untouched("EVENT-PAYING")
    return [
        _consumer.came("rung_paid", "The callback was lost; the rung finds the money.", paid, _rung("EVENT-RUNG-PAID")),
        _consumer.came("rung_waiting", "The payer has not paid yet.", untouched("EVENT-RUNG-WAITING"), _rung("EVENT-RUNG-WAITING"), quiet=True),
        _consumer.came("rung_not_opened", "The payer never reached the channel; that proves nothing before the deadline.", paying, _rung("EVENT-PAYING"), quiet=True),
        _consumer.came("rung_closed", "The channel has closed the payment; its order stays open.", closed, _rung("EVENT-RUNG-CLOSED")),
        _consumer.came("rung_late", "The last rung finds money for a closed order.", late, _rung("EVENT-RUNG-LATE")),
        _consumer.came("rung_over", "The payment has succeeded already: nobody is asked.", untouched("EVENT-PAID"), _rung("EVENT-PAID"), quiet=True),
        _consumer.came("rung_hands_over", "The last rung of a stage sends the next one.", ladder, replace(_rung("EVENT-RUNG-LADDER"), carries=True, rest=rest)),
        _consumer.came("rung_unknown_order", "An order that never came; its minute is over.", {}, _rung(""), quiet=True),
        _consumer.came("rung_unknown_payment", "A payment that the order never had.", paying, _rung("EVENT-PAYING", 99), quiet=True),
        _consumer.came("batch_with_poison", "Messages that are no jobs fail alone; the good one beside them is done.", batch, "not JSON", _rung("EVENT-RUNG-BATCH"), '{"kind":"query"}', "[]", poison=(0, 2, 3)),
        _consumer.came("batch_of_poison", "Nothing but messages that are no jobs.", {}, "{}", '{"kind":"bake","order_id":"A","due_at":1,"sent_at":1}', quiet=True, poison=(0, 1)),
    ]  # fmt: skip


def _get(number: str, *, key: str = TICKETS_KEY, order_id: str = "") -> Http:
    return api(
        "GET /v1/orders/{id}", key=key, parameters={"id": order_id or SEEDS[number].order_id}
    )


def _find(number: str, *, key: str = TICKETS_KEY) -> Http:
    return api("GET /v1/orders", key=key, query={"out_order_no": number} if number else None)


def _answered(name: str, about: str, request: Http, number: str, *contains: str) -> Case:
    expect = Expectation(
        about=about,
        status=200,
        headers={"content-type": "application/json", "cache-control": "no-store"},
        body_contains=[f'"out_order_no":"{number}"', *contains],
        quiet=True,
        state=untouched(number),
    )
    return case(_FUNCTION, name, of_http(request), expect)


def _refused(name: str, about: str, request: Http, status: int, code: str) -> Case:
    expect = Expectation(about=about, status=status, code=code, quiet=True)
    return case(_FUNCTION, name, of_http(request), expect)


def _plan(number: str) -> Http:
    return api("GET /v1/orders/{id}/plan", parameters={"id": SEEDS[number].order_id})


def _again(number: str, body: str) -> Http:
    return api(
        "POST /v1/orders/{id}/notifications", body, parameters={"id": SEEDS[number].order_id}
    )


def _nothing_dead(number: str) -> Case:
    expect = Expectation(
        about="Nothing was given up: nothing is sent again.",
        status=202,
        body_contains=['"state":"DELIVERED"', '"next_attempt_at":null'],
        quiet=True,
        state=untouched(number),
    )
    return case(_FUNCTION, "again_nothing_dead", of_http(_again(number, "{}")), expect)


def _planned(number: str) -> Case:
    expect = Expectation(
        about="What happened and what comes next: the deadline, if nothing else does.",
        status=200,
        body_contains=['"kind":"deadline"', '"why":"it is not paid"', '"what":"created"'],
        quiet=True,
        state=untouched(number),
    )
    return case(_FUNCTION, "plan", of_http(_plan(number)), expect)


def _api() -> list[Case]:
    created, hotel = "EVENT-CREATED", "EVENT-HOTEL"
    openapi = Expectation(
        about="The description of the API, for everybody.",
        status=200,
        headers={"content-type": "application/json"},
        body_contains=['"openapi": "3.1.0"', "/v1/orders/{id}/payments"],
        quiet=True,
    )
    return [
        _answered("get", "An order by its id.", _get(created), created, '"state":"CREATED"', '"payment":null'),
        _answered("get_paid", "A paid order, with what paid it.", _get("EVENT-PAID"), "EVENT-PAID", '"state":"PAID"', '"channel":"alipay"', SEEDS["EVENT-PAID"].payment_no()),
        _answered("get_closed", "A closed order.", _get("EVENT-CLOSED"), "EVENT-CLOSED", '"state":"CLOSED"'),
        _answered("find", "An order by the business line's own number.", _find(created), created),
        case(_FUNCTION, "openapi", of_http(api("GET /v1/openapi.json", key="")), openapi),
        _planned(created),
        _nothing_dead("EVENT-PAID"),
        _refused("plan_other_line", "The plan of another line's order.", _plan(hotel), 404, "not_found"),
        _refused("again_other_line", "Another line's notifications.", _again(hotel, "{}"), 404, "not_found"),
        _refused("again_unknown_event", "An event that the order does not have.", _again("EVENT-PAID", f'{{"event_id":"{SEEDS["EVENT-PAID"].order_id}E09"}}'), 404, "not_found"),
        _refused("again_odd_event", "No event's id.", _again("EVENT-PAID", '{"event_id":"E01"}'), 400, "malformed"),
        _refused("get_other_line", "An order of another line: the same bytes as for none.", _get(hotel), 404, "not_found"),
        _refused("get_unknown", "An order that there is not.", _get("", order_id=_NOBODY), 404, "not_found"),
        _refused("get_odd_id", "An id that is a path.", _get("", order_id="..%2F..%2Fetc"), 404, "not_found"),
        _refused("get_no_key", "No key.", _get(created, key=""), 401, "unauthenticated"),
        _refused("get_wrong_key", "A key that nobody has.", _get(created, key=NOBODYS_KEY), 401, "unauthenticated"),
        _refused("get_scope_missing", "A key that may only pay.", _get(hotel, key=HOTEL_PAY_KEY), 403, "scope_missing"),
        _refused("find_other_line", "Another line's number.", _find(hotel), 404, "not_found"),
        _refused("find_unknown", "A number that there is not.", _find("EVENT-NOBODYS"), 404, "not_found"),
        _refused("find_without_number", "Which order?", _find(""), 400, "malformed"),
    ]  # fmt: skip


def cases() -> list[Case]:
    """Return the cases of the function."""
    return [*_rungs(), *_api()]
