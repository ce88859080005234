"""The cashier page: found by an unguessable token, it shows, and it believes nothing that a browser says."""

import hmac
from dataclasses import dataclass, replace
from typing import Final

from paycenter.domain import ids
from paycenter.domain.errors import NotFound
from paycenter.domain.jobs import Job, JobKind
from paycenter.domain.lifecycle import step, with_payment
from paycenter.domain.order import Order, Payment
from paycenter.ports.configuration import BusinessLine
from paycenter.ports.everything import Ports
from paycenter.ports.manifest import Manifest, Product
from paycenter.ports.store import Conflict, Guard
from paycenter.usecases.browser import device_in
from paycenter.usecases.create_payment import amount_fits, window_fits

_ASK_AGAIN_SECONDS: Final = 5


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to pay that the page offers."""

    manifest: Manifest
    product: Product


def order_by_token(token: str, ports: Ports) -> Order:
    """Return the order of a cashier token; raises NotFound, the same for every wrong token."""
    parts = ids.split_token(token)
    order = ports.orders.get(parts[0]) if parts else None
    if (
        parts is None
        or order is None
        or not hmac.compare_digest(order.secret.encode(), parts[1].encode())
    ):
        raise NotFound
    return order


def line_of(order: Order, ports: Ports) -> BusinessLine:
    """Return the business line of an order; raises NotFound where it was removed."""
    line = ports.configuration.line(order.line)
    if line is None:
        raise NotFound
    return line


def choices(order: Order, line: BusinessLine, agent: str, ports: Ports) -> list[Choice]:
    """Return the ways to pay in the line's order: those that fit the browser, the amount and the time left.

    `agent` is the browser's User-Agent. It hides what would not work there, and guards nothing: who sends the form of a
    product that is not shown gets a payment that can't be paid on this device.
    """
    now = ports.clock.now()
    if not order.is_open or order.closing or now >= order.expires_at:
        return []
    found: list[Choice] = []
    for channel, product in line.cashier:
        if not ports.channels.known(channel) or not ports.configuration.takes_payments(channel):
            continue
        manifest = ports.channels.manifest(channel)
        offered = manifest.products.get(product)
        if offered is None or device_in(agent, manifest) not in offered.devices:
            continue
        if amount_fits(order, manifest) and window_fits(order, manifest, now):
            found.append(Choice(manifest, offered))
    return found


def came_back(order: Order, ports: Ports) -> None:
    """Let the payer's return make us ask the channel once, at most once per payment in 5 s; never raises a state.

    Only a hint: the ladder asks all the same, so that a lost race or message costs nothing.
    """
    now = ports.clock.now()
    due = [
        payment for payment in order.live_payments() if now - payment.asked_at >= _ASK_AGAIN_SECONDS
    ]
    if not due:
        return
    try:
        ports.orders.save(_marked(order, due, now), Guard())
    except Conflict:
        return
    ports.timers.schedule(
        [
            Job(
                kind=JobKind.QUERY,
                order_id=order.id,
                payment_no=payment.payment_no,
                due_at=now,
                sent_at=now,
            )
            for payment in due
        ]
    )


def _marked(order: Order, due: list[Payment], now: int) -> Order:
    payments = order.payments
    for payment in due:
        payments = with_payment(replace(order, payments=payments), replace(payment, asked_at=now))
    # Without a line in the log: a payer may come back as often as they like.
    return step(order, payments=payments)
