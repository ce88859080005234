"""Money goes back: reserved by one write, sent under a number that never changes, followed until its end."""

import hashlib
from dataclasses import replace
from typing import Final

from paycenter.contracts.api import CreateRefundRequest
from paycenter.domain import refunds
from paycenter.domain.errors import PayCenterError
from paycenter.domain.jobs import Job, JobKind
from paycenter.domain.order import Evidence, ExceptionKind, Order, Payment, Refund
from paycenter.domain.refunds import Wanted
from paycenter.domain.settlement import Receipt
from paycenter.domain.states import RefundState
from paycenter.ports.channel import Account, Outcome, RefundAnswer, RefundRequest, RefundStatus
from paycenter.ports.everything import Ports
from paycenter.usecases.money import exception_record, raise_exception
from paycenter.usecases.query import retry_missing
from paycenter.usecases.update import update

# After these the channel is asked every six hours for a month; then its bill alone can tell.
_LOOK_AGAIN_SECONDS: Final = (
    *(10, 20, 30, 60, 120, 300, 600, 1800, 3600, 7200, 10800),
    *(21600, 21600, 21600),
)
_SIX_HOURS: Final = 6 * 3600
_STUCK_AFTER_SECONDS: Final = 24 * 3600
_GIVE_UP_AFTER_SECONDS: Final = 30 * 86400


def request_refund(
    order: Order, asked_by: str, request: CreateRefundRequest, ports: Ports
) -> tuple[Order, Refund, bool]:
    """Reserve a refund and owe its sending; returns the order, the refund and whether it is new.

    A repeat with the same body answers the same refund; with another body it raises DifferentBody and writes nothing.
    Raises OrderNotRefundable, RefundExceeds, TooManyRefunds. Twenty at once can't pass what was paid: the amount is a
    condition of the write.
    """
    wanted = Wanted(
        out_refund_no=request.out_refund_no,
        amount=request.amount,
        reason=request.reason,
        fingerprint=_fingerprint(request),
        asked_by=asked_by,
        payment_no=request.payment_no,
    )
    now = ports.clock.now()

    def reserve(stored: Order) -> Order:
        if refunds.known(stored, wanted) is not None:
            return stored
        return refunds.reserve(stored, wanted, _maximum_count(stored, wanted, ports), now)

    after = update(ports.orders, order, reserve, now)
    refund = refunds.known(after, wanted)
    if refund is None:
        raise AssertionError(after.id)
    return after, refund, after is not order and refund.refund_no not in order.refunds


def _fingerprint(request: CreateRefundRequest) -> str:
    meaning = request.model_dump_json(exclude_defaults=True)
    return hashlib.sha256(meaning.encode()).hexdigest()[:32]


def _maximum_count(order: Order, wanted: Wanted, ports: Ports) -> int:
    payment = order.payments.get(wanted.payment_no or order.winner)
    return ports.channels.manifest(payment.channel).refunds.maximum_count if payment else 0


def run_refund(job: Job, ports: Ports) -> str:
    """Do the next thing about a refund: send it, send it again, or ask for it; returns a word for the log.

    The next look is sent before anything is written, and written before the channel is called, so that a crash loses
    nothing; the number that goes out is always the same, so that a repeat gives back nothing more.
    """
    now = ports.clock.now()
    order = ports.orders.get(job.order_id)
    refund = order.refunds.get(job.refund_no) if order else None
    if order is None or refund is None:
        return retry_missing(job, ports)
    if not refund.is_open or job.attempt != refund.attempt or not refund.due_at:
        return "out of date"
    if now < refund.due_at:
        ports.timers.resume(replace(job, due_at=refund.due_at))
        return "early"
    payment = order.payments[refund.payment_no]
    rules = ports.channels.manifest(payment.channel).refunds
    if not refund.sent_at:
        leaves_at = refunds.leaves_at(order, refund, rules.spacing_s, now)
        if leaves_at > now:
            return _wait_for_its_turn(order, refund, leaves_at, ports)
    look_at = _next_look(refund, rules.query_after_s, now)
    order = _attempt(order, refund, look_at, ports)
    if order.refunds[refund.refund_no].attempt != refund.attempt + 1:
        return "out of date"
    return _carry_out(
        order, payment, order.refunds[refund.refund_no], first=not refund.sent_at, ports=ports
    )


def _wait_for_its_turn(order: Order, refund: Refund, leaves_at: int, ports: Ports) -> str:
    now = ports.clock.now()
    ports.timers.schedule([_job(order, refund, refund.attempt + 1, leaves_at, now)])
    update(
        ports.orders,
        order,
        lambda stored: (
            refunds.postponed(stored, refund.refund_no, leaves_at)
            if stored.refunds[refund.refund_no].attempt == refund.attempt
            else stored
        ),
        now,
    )
    return "waits for its turn"


def _next_look(refund: Refund, query_after_s: int, now: int) -> int:
    """Return the moment of the next look, 0 where there is none any more."""
    if refund.sent_at and now - refund.sent_at >= _GIVE_UP_AFTER_SECONDS:
        return 0
    waits = _LOOK_AGAIN_SECONDS
    wait = waits[refund.attempt] if refund.attempt < len(waits) else _SIX_HOURS
    return now + max(wait, query_after_s)


def _attempt(order: Order, refund: Refund, look_at: int, ports: Ports) -> Order:
    now = ports.clock.now()
    if look_at:
        ports.timers.schedule([_job(order, refund, refund.attempt + 1, look_at, now)])
    return update(
        ports.orders,
        order,
        lambda stored: (
            refunds.attempted(stored, refund.refund_no, look_at, now)
            if stored.refunds[refund.refund_no].attempt == refund.attempt
            else stored
        ),
        now,
    )


def _job(order: Order, refund: Refund, attempt: int, due_at: int, now: int) -> Job:
    return Job(
        kind=JobKind.REFUND,
        order_id=order.id,
        refund_no=refund.refund_no,
        attempt=attempt,
        due_at=due_at,
        sent_at=now,
        group=order.payments[refund.payment_no].account.partition("~")[0],
    )


def _carry_out(order: Order, payment: Payment, refund: Refund, *, first: bool, ports: Ports) -> str:
    account = ports.configuration.account(payment.account)
    if account is None:
        ports.telemetry.count("AccountMissing")
        return "no account"
    request = refund_request(payment, refund, ports.public_url)
    # A refund that left before is asked for; only one that the channel does not know is sent again, unchanged.
    answer = None if first else _asked(payment, account, request, ports)
    if answer is None or _unknown_to_channel(answer):
        answer = ports.channels.refund(payment.channel).execute(account, request)
    return believe(
        order,
        refund,
        answer,
        Evidence(source="refund", digest=answer.digest, account=account.id),
        ports,
    )


def _asked(
    payment: Payment, account: Account, request: RefundRequest, ports: Ports
) -> RefundAnswer:
    answer = ports.channels.query_refund(payment.channel).execute(account, request)
    # What a query refuses says nothing about the refund.
    return replace(answer, outcome=Outcome.UNKNOWN) if answer.outcome is Outcome.REFUSED else answer


def _unknown_to_channel(answer: RefundAnswer) -> bool:
    return answer.outcome is Outcome.DONE and answer.status is RefundStatus.NOT_FOUND


def refund_request(payment: Payment, refund: Refund, public_url: str) -> RefundRequest:
    """Return what a strategy needs to know; the same refund gives the same request at every repeat."""
    return RefundRequest(
        refund_no=refund.refund_no,
        payment_no=payment.payment_no,
        product=payment.product,
        amount=refund.amount,
        total=payment.amount,
        currency=payment.currency,
        reason=refund.reason,
        created_at=refund.created_at,
        payment_created_at=payment.created_at,
        channel_transaction_no=payment.channel_transaction_no,
        notify_url=f"{public_url}/v1/callbacks/{payment.channel}/{payment.account}",
        payment_data=payment.channel_data,
        channel_data=refund.channel_data,
    )


def believe(
    order: Order, refund: Refund, answer: RefundAnswer, evidence: Evidence, ports: Ports
) -> str:
    """Book what a channel says of a refund; what it does not say for sure changes nothing.

    An amount that is not the refund's own is an exception for a person. Safe to repeat. Returns a word for the log.
    """
    now, number = ports.clock.now(), refund.refund_no
    if answer.outcome is Outcome.REFUSED or (
        answer.outcome is Outcome.DONE and answer.status is RefundStatus.FAILED
    ):
        update(
            ports.orders,
            order,
            lambda stored: refunds.failed(stored, number, answer.code, evidence, now),
            now,
        )
        return f"refused: {answer.code}"
    if answer.outcome is not Outcome.DONE:
        ports.telemetry.note(
            "refund undecided", refund=number, outcome=answer.outcome, code=answer.code
        )
        _ask_a_person(order, refund, ports)
        return f"undecided: {answer.outcome}"
    if answer.amount not in {None, refund.amount}:
        _raise(order, refund, ExceptionKind.AMOUNT_MISMATCH, answer.amount or 0, ports)
        return "another amount"
    if answer.status is RefundStatus.SUCCEEDED and refund.state is RefundState.FAILED:
        # Its reservation was released, and may be spent: a person decides, nothing is taken back by itself.
        _raise(order, refund, ExceptionKind.CONTRADICTION, refund.amount, ports)
        return "returned although it had failed"
    if answer.status is RefundStatus.SUCCEEDED:
        update(
            ports.orders,
            order,
            lambda stored: refunds.returned(
                stored, number, answer.channel_refund_no, answer.refunded_at or now, evidence, now
            ),
            now,
        )
        return "returned"
    if answer.status is RefundStatus.PROCESSING:
        order = update(
            ports.orders,
            order,
            lambda stored: refunds.accepted(stored, number, answer.channel_data, evidence, now),
            now,
        )
    _ask_a_person(order, refund, ports, at_once=answer.stuck)
    return f"{answer.status}"


def _ask_a_person(order: Order, refund: Refund, ports: Ports, *, at_once: bool = False) -> None:
    """Raise an exception, once, about a refund that does not end; the looking goes on."""
    now = ports.clock.now()
    age = now - (refund.sent_at or refund.created_at)
    if refund.stuck or not (at_once or age >= _STUCK_AFTER_SECONDS):
        return
    _raise(order, refund, ExceptionKind.STUCK_REFUND, refund.amount, ports)
    update(ports.orders, order, lambda stored: refunds.stuck(stored, refund.refund_no), now)


def _raise(order: Order, refund: Refund, kind: ExceptionKind, amount: int, ports: Ports) -> None:
    payment = order.payments[refund.payment_no]
    about = Receipt(
        payment_no=payment.payment_no,
        amount=amount,
        currency=payment.currency,
        # A refund is its own case: two of one payment may be stuck.
        channel_transaction_no=refund.refund_no,
        paid_at=payment.paid_at,
    )
    record = exception_record(
        kind, payment.channel, payment.account, about, order, ports.clock.now()
    )
    raise_exception(record, ports)


def hint(order: Order, refund: Refund, ports: Ports) -> None:
    """Let a channel's word that something happened make us ask now; the ladder asks all the same.

    Nothing is raised where the message can't be sent, or somebody else was quicker.
    """
    now = ports.clock.now()
    if not refund.is_open or not refund.sent_at or refund.due_at - now <= _LOOK_AGAIN_SECONDS[0]:
        return
    try:
        ports.timers.schedule([_job(order, refund, refund.attempt + 1, now, now)])
        update(
            ports.orders,
            order,
            lambda stored: (
                refunds.postponed(stored, refund.refund_no, now)
                if stored.refunds[refund.refund_no].attempt == refund.attempt
                else stored
            ),
            now,
        )
    except PayCenterError as error:
        ports.telemetry.note("hint lost", refund=refund.refund_no, reason=str(error))
