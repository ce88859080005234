"""Cases of `refund`: asked for, sent, and followed."""

from dataclasses import replace
from typing import Final

from paycenter.domain.jobs import Job, JobKind
from tools.events.case import (
    TICKETS_KEY,
    TICKETS_READ_KEY,
    Case,
    Consumer,
    api,
    case,
    job,
    of_http,
    order,
    untouched,
)
from tools.events.envelopes import FORM, JSON, Http
from tools.events.expectation import Expectation, OrderExpectation
from tools.seed.orders import SEEDS

_FUNCTION: Final = "refund"
_consumer: Final = Consumer(_FUNCTION, "paycenter-RefundQueue")
_NOBODY: Final = "A" * 26
_ROUTE: Final = "POST /v1/orders/{id}/refunds"


def _due(number: str, refund: str = "R001") -> Job:
    order_id = SEEDS[number].order_id if number else _NOBODY
    return job(JobKind.REFUND, order_id, refund_no=order_id + refund)


def _jobs() -> list[Case]:
    done = {"refunds": {"R001": "SUCCEEDED"}, "told": ["order.paid", "refund.succeeded"]}
    due = order("EVENT-REFUND-DUE", "PAID", **done)
    batch = order("EVENT-REFUND-BATCH", "PAID", **done)
    old = order("EVENT-REFUND-OLD", "PAID", refunds={"R001": "REQUESTED"})
    return [
        _consumer.came("due", "A refund is sent, and the channel has given the money back.", due, _due("EVENT-REFUND-DUE")),
        _consumer.came("out_of_date", "A repeat of what has been done about it: nothing to do.", old, replace(_due("EVENT-REFUND-OLD"), attempt=3), quiet=True),
        _consumer.came("unknown_refund", "A refund that the order never had.", untouched("EVENT-PAID"), _due("EVENT-PAID", "R009"), quiet=True),
        _consumer.came("unknown_order", "An order that never came; its minute is over.", {}, _due(""), quiet=True),
        _consumer.came("batch_with_poison", "A message that is no job fails alone; the good one beside it is done.", batch, "no job", _due("EVENT-REFUND-BATCH"), poison=(0,)),
    ]  # fmt: skip


def _ask(
    number: str,
    body: str = '{"out_refund_no":"R-1","amount":300}',
    *,
    key: str = TICKETS_KEY,
    media_type: str = JSON,
    order_id: str = "",
) -> Http:
    parameters = {"id": order_id or SEEDS[number].order_id}
    return api(_ROUTE, body, key=key, media_type=media_type, parameters=parameters)


def _answered(
    name: str,
    about: str,
    request: Http,
    status: int,
    state: dict[str, OrderExpectation],
    **more: object,
) -> Case:
    expect = Expectation.model_validate({"about": about, "status": status, "state": state, **more})
    return case(_FUNCTION, name, of_http(request), expect)


def _refused(
    name: str, about: str, request: Http, status: int, code: str, number: str = "EVENT-PAID"
) -> Case:
    return _answered(name, about, request, status, untouched(number), code=code, quiet=True)


def _requests() -> list[Case]:
    reserved = order("EVENT-REFUND", "PAID")
    paid = "EVENT-PAID"
    return [
        _answered("ask", "Some of the money is to go back: reserved, and on its way.", _ask("EVENT-REFUND"), 201, reserved, body_contains=['"state":"REQUESTED"', '"amount":300']),
        _refused("ask_too_much", "More than was paid.", _ask(paid, '{"out_refund_no":"R-1","amount":12801}'), 422, "refund_exceeds"),
        _refused("ask_unpaid", "Nothing was paid.", _ask("EVENT-CREATED"), 409, "order_not_refundable", "EVENT-CREATED"),
        _refused("ask_zero", "An amount of nothing.", _ask(paid, '{"out_refund_no":"R-1","amount":0}'), 400, "malformed"),
        _refused("ask_float", "An amount that is no whole number.", _ask(paid, '{"out_refund_no":"R-1","amount":1.0}'), 400, "malformed"),
        _refused("ask_odd_number", "A number with a character that is not allowed.", _ask(paid, '{"out_refund_no":"R#1","amount":1}'), 400, "malformed"),
        _refused("ask_unknown_field", "A field that the contract does not have.", _ask(paid, '{"out_refund_no":"R-1","amount":1,"to":"me"}'), 400, "malformed"),
        _refused("ask_not_json", "The body is not JSON.", _ask(paid, "all"), 400, "malformed"),
        _refused("ask_media_type", "A form where JSON belongs.", _ask(paid, "amount=1", media_type=FORM), 415, "media_type"),
        _refused("ask_other_line", "An order of another line: the same bytes as for none.", _ask("EVENT-HOTEL"), 404, "not_found", "EVENT-HOTEL"),
        _refused("ask_unknown", "An order that there is not.", _ask(paid, order_id=_NOBODY), 404, "not_found"),
        _refused("ask_no_key", "No key.", _ask(paid, key=""), 401, "unauthenticated"),
        _refused("ask_scope_missing", "A key that may only read.", _ask(paid, key=TICKETS_READ_KEY), 403, "scope_missing"),
    ]  # fmt: skip


def cases() -> list[Case]:
    """Return the cases of the function."""
    return [*_jobs(), *_requests()]
