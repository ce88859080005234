"""Cases of `expire`: orders are closed at their deadline, and on request."""

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

_FUNCTION: Final = "expire"
_consumer: Final = Consumer(_FUNCTION, "paycenter-ExpireQueue")
_NOBODY: Final = "A" * 26
_ROUTE: Final = "POST /v1/orders/{id}/close"
_TOLD: Final = ["order.closed"]
_ENDED: Final = {"P01": "CLOSED"}


def _deadline(number: str) -> Job:
    return job(JobKind.EXPIRE, SEEDS[number].order_id if number else _NOBODY)


def _deadlines() -> list[Case]:
    early = order("EVENT-EARLY", "CREATED", version=1, sent={"expire": 1})
    hopped = order("EVENT-EARLY-HOPPED", "CREATED", version=1, sent={"wait": 1})
    plain = order("EVENT-DUE", "CLOSED", payments={}, told=_TOLD, sent={})
    batch = order("EVENT-DUE-BATCH", "CLOSED", payments={}, told=_TOLD)
    paying = order("EVENT-DUE-PAYING", "CLOSED", payments=_ENDED, told=_TOLD)
    opened = order("EVENT-DUE-OPEN", "CLOSED", payments=_ENDED, told=_TOLD)
    paid = order("EVENT-DUE-PAID", "PAID", payments={"P01": "SUCCEEDED"}, told=["order.paid"])
    return [
        _consumer.came("early", "A timer that comes early is sent on: one more hop.", early, _deadline("EVENT-EARLY")),
        _consumer.came("early_after_hop", "A timer that comes early after its hop waits in the machine.", hopped, replace(_deadline("EVENT-EARLY-HOPPED"), hopped=True)),
        _consumer.came("due", "The deadline of an order that nobody tried to pay.", plain, _deadline("EVENT-DUE")),
        _consumer.came("due_not_opened", "The deadline of a payment that the payer never opened.", paying, _deadline("EVENT-DUE-PAYING")),
        _consumer.came("due_open_at_channel", "The deadline of a payment that is open at the channel: closed there first.", opened, _deadline("EVENT-DUE-OPEN")),
        _consumer.came("due_paid", "The callback was lost, and the deadline finds the money: payment beats close.", paid, _deadline("EVENT-DUE-PAID")),
        _consumer.came("over_paid", "The order is paid: nothing to do.", untouched("EVENT-PAID"), _deadline("EVENT-PAID"), quiet=True),
        _consumer.came("over_closed", "The order is closed: nothing to do.", untouched("EVENT-CLOSED"), _deadline("EVENT-CLOSED"), quiet=True),
        _consumer.came("out_of_date", "A repeat of an attempt that has been made: nothing to do.", untouched("EVENT-CREATED"), replace(_deadline("EVENT-CREATED"), attempt=3), quiet=True),
        _consumer.came("unknown_order", "An order that never came; its minute is over.", {}, _deadline(""), quiet=True),
        _consumer.came("batch_with_poison", "A message that is no job fails alone; the good one beside it is done.", batch, _deadline("EVENT-DUE-BATCH"), '{"kind":"expire","order_id":7}', poison=(1,)),
    ]  # fmt: skip


def _close(
    number: str,
    body: str = "{}",
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
    name: str, about: str, request: Http, status: int, code: str, number: str = "EVENT-CREATED"
) -> Case:
    return _answered(name, about, request, status, untouched(number), code=code, quiet=True)


def _requests() -> list[Case]:
    plain = order("EVENT-CLOSE-CREATED", "CLOSED", payments={}, told=_TOLD)
    paying = order(
        "EVENT-CLOSE-PAYING", "PAYING", closing=True, payments={"P01": "PENDING"}, told=[]
    )
    opened = order("EVENT-CLOSE-OPEN", "CLOSED", payments=_ENDED, told=_TOLD)
    paid = order("EVENT-CLOSE-PAID", "PAID", payments={"P01": "SUCCEEDED"}, told=["order.paid"])
    closed = {"body_contains": ['"state":"CLOSED"']}
    created = "EVENT-CREATED"
    return [
        _answered("close", "Nobody tried to pay: closed at once.", _close("EVENT-CLOSE-CREATED"), 200, plain, **closed),
        _answered("close_not_opened", "A payment that may still be opened until the deadline: closing.", _close("EVENT-CLOSE-PAYING", ""), 202, paying, body_contains=['"closing":true']),
        _answered("close_open_at_channel", "A payment that is open at the channel: closed there, then here.", _close("EVENT-CLOSE-OPEN"), 200, opened, **closed),
        _answered("close_paid_at_channel", "The payer was faster: paid.", _close("EVENT-CLOSE-PAID"), 409, paid, code="order_not_payable"),
        _answered("close_closed", "Closed already: the same answer.", _close("EVENT-CLOSED"), 200, untouched("EVENT-CLOSED"), quiet=True, **closed),
        _refused("close_paid", "Paid already.", _close("EVENT-PAID"), 409, "order_not_payable", "EVENT-PAID"),
        _refused("close_other_line", "An order of another line: the same bytes as for none.", _close("EVENT-HOTEL"), 404, "not_found", "EVENT-HOTEL"),
        _refused("close_unknown", "An order that there is not.", _close(created, order_id=_NOBODY), 404, "not_found"),
        _refused("close_no_key", "No key.", _close(created, key=""), 401, "unauthenticated"),
        _refused("close_scope_missing", "A key that may only read.", _close(created, key=TICKETS_READ_KEY), 403, "scope_missing"),
        _refused("close_unknown_field", "A field that the contract does not have.", _close(created, '{"force": true}'), 400, "malformed"),
        _refused("close_not_json", "The body is not JSON.", _close(created, "now"), 400, "malformed"),
        _refused("close_media_type", "A form where JSON belongs.", _close(created, "force=1", media_type=FORM), 415, "media_type"),
    ]  # fmt: skip


def cases() -> list[Case]:
    """Return the cases of the function."""
    return [*_deadlines(), *_requests()]
