"""One attempt to pay through one channel: recorded first, then called, then answered with what evokes its cashier."""

from dataclasses import dataclass
from typing import Final

from paycenter.domain import ids, ladder, lifecycle
from paycenter.domain.errors import ChannelRefused, ChannelWindowClosed, Malformed, SlowDown
from paycenter.domain.jobs import Job, JobKind
from paycenter.domain.order import Order, Payment
from paycenter.domain.states import PaymentState
from paycenter.ports.channel import Account, Action, CreateAnswer, Outcome
from paycenter.ports.configuration import BusinessLine
from paycenter.ports.everything import Ports
from paycenter.ports.manifest import Manifest
from paycenter.ports.store import Conflict
from paycenter.usecases.money import payment_request
from paycenter.usecases.update import guard_of, update

_TRIES: Final = 8
_TOO_LATE: Final = (
    "Too little time is left for this channel; choose another one, or make a new order."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StartedPayment:
    """A payment that is under way; `action` is None while nobody knows whether the channel has it."""

    order: Order
    payment: Payment
    action: Action | None


def create_payment(
    order: Order, line: BusinessLine, channel: str, product: str, ports: Ports
) -> StartedPayment:
    """Start, or repeat, the payment of an order through a channel's product.

    A repeat while that payment is under way answers the same payment, signed afresh. Raises Malformed for a pair that
    the line does not offer, OrderNotPayable, TooManyPayments, ChannelWindowClosed, and ChannelRefused with the
    payment FAILED. An outcome that nobody knows is not a failure: the payment stays CREATING and the ladder asks.
    """
    manifest = offered(line, channel, product, ports)
    order, payment, fresh = _record(order, manifest, product, ports)
    account = ports.configuration.account(payment.account)
    if account is None:
        return StartedPayment(order=order, payment=payment, action=None)
    answer = ports.channels.create(channel).execute(
        account, payment_request(order, payment, ports.public_url)
    )
    return _take_answer(order, payment, answer, ports, fresh=fresh)


def offered(line: BusinessLine, channel: str, product: str, ports: Ports) -> Manifest:
    """Return the channel's manifest; raises Malformed for a pair that the line does not offer."""
    if (channel, product) not in line.cashier or not ports.channels.known(channel):
        message = "This channel and product are not offered for your orders; see the configuration of your line."
        raise Malformed(message, "product")
    return ports.channels.manifest(channel)


def window_fits(order: Order, manifest: Manifest, now: int) -> bool:
    """Tell whether enough time is left for a payer to pay through this channel before its own deadline."""
    return order.expires_at - manifest.deadline_margin_s - now >= manifest.minimum_window_s


def reusable(order: Order, manifest: Manifest, product: str, now: int) -> Payment | None:
    """Return the payment of this channel and product that is under way and may be shown again."""
    for payment in order.live_payments():
        fresh = manifest.reusable_s is None or now < payment.created_at + manifest.reusable_s
        if (payment.channel, payment.product) == (manifest.channel, product) and fresh:
            return payment
    return None


def _record(
    order: Order, manifest: Manifest, product: str, ports: Ports
) -> tuple[Order, Payment, bool]:
    for _ in range(_TRIES):
        now = ports.clock.now()
        lifecycle.refuse_unpayable(order, now)
        if not window_fits(order, manifest, now):
            raise ChannelWindowClosed(_TOO_LATE)
        known = reusable(order, manifest, product, now)
        if known is not None:
            return order, known, False
        payment = _new_payment(order, manifest, product, now, ports)
        after = lifecycle.start_payment(order, payment, now)
        # The timers go first, and again for another number: a payment without its ladder can't happen.
        ports.timers.schedule(first_stage(payment, order.line, ports))
        try:
            ports.orders.save(after, guard_of(order, after, now))
        except Conflict as conflict:
            order = conflict.current
        else:
            return after, payment, True
    message = "This order is changed by too many at once; repeat the same request in a moment."
    raise SlowDown(message)


def _new_payment(order: Order, manifest: Manifest, product: str, now: int, ports: Ports) -> Payment:
    amount_fits = manifest.minimum_amount <= order.amount <= manifest.maximum_amount
    if not amount_fits or order.currency not in manifest.currencies:
        message = "This channel does not take this amount or currency; choose another one."
        raise Malformed(message, "channel")
    calls = manifest.products[product].calls_channel
    return Payment(
        payment_no=ids.payment_no(order.id, len(order.payments) + 1),
        channel=manifest.channel,
        product=product,
        account=_account(manifest, ports).id,
        amount=order.amount,
        currency=order.currency,
        # What is signed here alone can't be refused: it is pending from its first moment, and saves a write.
        state=PaymentState.CREATING if calls else PaymentState.PENDING,
        created_at=now,
        deadline=order.expires_at - manifest.deadline_margin_s,
    )


def _account(manifest: Manifest, ports: Ports) -> Account:
    account = ports.configuration.live_account(manifest.channel)
    if account is None:
        message = "This channel has no live account; choose another one and tell the operator."
        raise ChannelWindowClosed(message)
    return account


def first_stage(payment: Payment, line_id: str, ports: Ports) -> list[Job]:
    """Return the first stage of a payment's query ladder."""
    moments = ports.configuration.query_ladder(line_id, payment.channel).moments(payment.created_at)
    return stage_jobs(payment, moments, payment.created_at)


def stage_jobs(payment: Payment, moments: tuple[int, ...], now: int) -> list[Job]:
    """Return the jobs of the next stage of a ladder; the last of them carries the rest."""
    stage, rest = ladder.stages(moments)
    order_id = payment.payment_no[: ids.ORDER_ID_LENGTH]
    return [
        Job(
            kind=JobKind.QUERY,
            order_id=order_id,
            payment_no=payment.payment_no,
            due_at=due_at,
            sent_at=now,
            carries=due_at == stage[-1],
            rest=rest if due_at == stage[-1] else (),
        )
        for due_at in stage
    ]


def _take_answer(
    order: Order, payment: Payment, answer: CreateAnswer, ports: Ports, *, fresh: bool
) -> StartedPayment:
    now = ports.clock.now()
    number = payment.payment_no
    if answer.outcome is Outcome.DONE:
        order = update(
            ports.orders,
            order,
            lambda o: lifecycle.channel_accepted(o, number, answer.channel_data, now),
            now,
        )
        return StartedPayment(order=order, payment=order.payments[number], action=answer.action)
    ports.telemetry.note(
        "create undecided", payment=number, outcome=answer.outcome, code=answer.code
    )
    if answer.outcome is Outcome.REFUSED:
        # A refused repeat says nothing about the first call, whose code or page may still be paid: the ladder asks.
        if fresh:
            update(
                ports.orders,
                order,
                lambda o: lifecycle.channel_refused(o, number, answer.code, now),
                now,
            )
        message = f"The channel refused ({answer.code}); choose another one, or try again."
        raise ChannelRefused(message)
    return StartedPayment(order=order, payment=payment, action=None)
