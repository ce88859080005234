"""One attempt to pay through one channel: recorded first, then called, then answered with what evokes its cashier."""

from dataclasses import dataclass
from typing import Final

from paycenter.domain import ids, ladder, lifecycle
from paycenter.domain.errors import ChannelRefused, ChannelWindowClosed, Malformed, SlowDown
from paycenter.domain.jobs import Job, JobKind
from paycenter.domain.ladder import DEFAULT_QUERY_LADDER, Ladder
from paycenter.domain.order import Order, Payment
from paycenter.domain.states import PaymentState
from paycenter.ports.channel import Account, Action, CreateAnswer, Outcome, Payer
from paycenter.ports.configuration import BusinessLine
from paycenter.ports.everything import Ports
from paycenter.ports.manifest import Manifest, Needs, Product
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


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPayer:
    """What is known of the payer, and the account version that identified them, if one did; else one is drawn."""

    payer: Payer
    account_id: str = ""


_NOBODY: Final = KnownPayer(payer=Payer())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """What is to be paid through, and by whom as far as the product needs to know."""

    manifest: Manifest
    product: Product
    payer: Payer
    account_id: str


def create_payment(
    order: Order,
    line: BusinessLine,
    channel: str,
    product: str,
    ports: Ports,
    by: KnownPayer = _NOBODY,
) -> StartedPayment:
    """Start, or repeat, the payment of an order through a channel's product.

    A repeat while that payment is under way answers the same payment, signed afresh; where the product needs the
    payer's id, only for the same payer. Raises Malformed for a pair that the line does not offer and for facts about
    the payer that are missing, OrderNotPayable, TooManyPayments, ChannelWindowClosed, and ChannelRefused with the
    payment FAILED. An outcome that nobody knows is not a failure: the payment stays CREATING and the ladder asks.
    """
    manifest = offered(line, channel, product, ports)
    chosen = manifest.products[product]
    wanted = _Wanted(
        manifest=manifest,
        product=chosen,
        payer=needed(chosen, by.payer),
        account_id=by.account_id,
    )
    order, payment, fresh = _record(order, wanted, ports)
    account = ports.configuration.account(payment.account)
    if account is None:
        return StartedPayment(order=order, payment=payment, action=None)
    answer = ports.channels.create(channel).execute(
        account, payment_request(order, payment, ports.public_url)
    )
    return _take_answer(order, payment, answer, ports, fresh=fresh)


def offered(line: BusinessLine, channel: str, product: str, ports: Ports) -> Manifest:
    """Return the channel's manifest; raises Malformed for a pair that the line does not offer."""
    if (channel, product) in line.cashier and ports.channels.known(channel):
        manifest = ports.channels.manifest(channel)
        if product in manifest.products:
            return manifest
    message = "This channel and product are not offered for your orders; see the configuration of your line."
    raise Malformed(message, "product")


def needed(product: Product, payer: Payer) -> Payer:
    """Return what of the payer this product needs and nothing more; raises Malformed where it is not known."""
    for need, fact in (
        (Needs.PAYER_ID, payer.payer_id),
        (Needs.CLIENT_ADDRESS, payer.client_address),
    ):
        if need in product.needs and not fact:
            message = f"This product can't be paid without {need}; send it."
            raise Malformed(message, need)
    by_address = Needs.CLIENT_ADDRESS in product.needs
    return Payer(
        payer_id=payer.payer_id if Needs.PAYER_ID in product.needs else "",
        client_address=payer.client_address if by_address else "",
        system=payer.system if by_address else "",
    )


def amount_fits(order: Order, manifest: Manifest) -> bool:
    """Tell whether the channel takes the order's amount and currency."""
    within = manifest.minimum_amount <= order.amount <= manifest.maximum_amount
    return within and order.currency in manifest.currencies


def window_fits(order: Order, manifest: Manifest, now: int) -> bool:
    """Tell whether enough time is left for a payer to pay through this channel before its own deadline."""
    return order.expires_at - manifest.deadline_margin_s - now >= manifest.minimum_window_s


def refuse_late(order: Order, manifest: Manifest, now: int) -> None:
    """Raise OrderNotPayable or ChannelWindowClosed unless a payer may begin to pay through this channel now."""
    lifecycle.refuse_unpayable(order, now)
    if not window_fits(order, manifest, now):
        raise ChannelWindowClosed(_TOO_LATE)


def _reusable(order: Order, wanted: _Wanted, now: int) -> Payment | None:
    """Return the payment of this channel, product and payer that is under way and may be shown again."""
    reusable_s = wanted.manifest.reusable_s
    same = (wanted.manifest.channel, wanted.product.id, wanted.payer.payer_id)
    for payment in order.live_payments():
        # What the channel is known to have made lives until its deadline; what is signed here ages, and so does a
        # payment of which nobody knows whether it was made.
        made = wanted.product.calls_channel and payment.state is PaymentState.PENDING
        fresh = reusable_s is None or made or now < payment.created_at + reusable_s
        if (payment.channel, payment.product, payment.payer_id) == same and fresh:
            return payment
    return None


def _record(order: Order, wanted: _Wanted, ports: Ports) -> tuple[Order, Payment, bool]:
    for _ in range(_TRIES):
        now = ports.clock.now()
        refuse_late(order, wanted.manifest, now)
        known = _reusable(order, wanted, now)
        if known is not None:
            return order, known, False
        payment = _new_payment(order, wanted, now, ports)
        after = lifecycle.start_payment(order, payment, now)
        # The timers go first, and again for another number: a payment without its ladder can't happen.
        ports.timers.schedule(first_stage(payment))
        try:
            ports.orders.save(after, guard_of(order, after, now))
        except Conflict as conflict:
            order = conflict.current
        else:
            return after, payment, True
    message = "This order is changed by too many at once; repeat the same request in a moment."
    raise SlowDown(message)


def _new_payment(order: Order, wanted: _Wanted, now: int, ports: Ports) -> Payment:
    manifest = wanted.manifest
    if not amount_fits(order, manifest):
        message = "This channel does not take this amount or currency; choose another one."
        raise Malformed(message, "channel")
    rungs = ports.configuration.query_ladder(order.line, manifest.channel).delays
    return Payment(
        payment_no=ids.payment_no(order.id, len(order.payments) + 1),
        channel=manifest.channel,
        product=wanted.product.id,
        account=wanted.account_id or live_account(manifest, ports).id,
        amount=order.amount,
        currency=order.currency,
        # What is signed here alone can't be refused: it is pending from its first moment, and saves a write.
        state=PaymentState.CREATING if wanted.product.calls_channel else PaymentState.PENDING,
        created_at=now,
        deadline=order.expires_at - manifest.deadline_margin_s,
        rungs=() if rungs == DEFAULT_QUERY_LADDER.delays else rungs,
        payer_id=wanted.payer.payer_id,
        client_address=wanted.payer.client_address,
        system=wanted.payer.system,
    )


def live_account(manifest: Manifest, ports: Ports) -> Account:
    """Return an account version for a new payment; raises ChannelWindowClosed where the channel has none."""
    account = ports.configuration.live_account(manifest.channel)
    if account is None:
        message = "This channel has no live account; choose another one and tell the operator."
        raise ChannelWindowClosed(message)
    return account


def ladder_of(payment: Payment) -> Ladder:
    """Return the query ladder that a payment keeps."""
    return Ladder(payment.rungs) if payment.rungs else DEFAULT_QUERY_LADDER


def first_stage(payment: Payment) -> list[Job]:
    """Return the first stage of a payment's query ladder."""
    moments = ladder_of(payment).moments(payment.created_at)
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
