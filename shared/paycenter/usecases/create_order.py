"""`POST /v1/orders`: store the order once, with its timer, and answer where it is paid."""

from urllib.parse import urlsplit

from paycenter.contracts.api import CreateOrderRequest
from paycenter.domain import ids
from paycenter.domain.errors import DifferentBody, Malformed
from paycenter.domain.jobs import Job, JobKind
from paycenter.domain.ledger import first_entry
from paycenter.domain.order import Information, Order
from paycenter.ports.configuration import BusinessLine
from paycenter.ports.everything import Ports


def create_order(
    line: BusinessLine, request: CreateOrderRequest, ports: Ports
) -> tuple[Order, bool]:
    """Return the order of this `out_order_no`, and whether it is new.

    A repeat with the same body answers the same order; with another body it raises DifferentBody and writes nothing.
    The timer goes first: an order without one can't happen.
    """
    _check_return_url(request.return_url, line)
    order = _new_order(line, request, ports)
    ports.timers.schedule(
        [
            Job(
                kind=JobKind.EXPIRE,
                order_id=order.id,
                due_at=order.expires_at,
                sent_at=order.created_at,
            )
        ]
    )
    stored = ports.orders.create(order)
    if stored is None:
        return order, True
    if stored.fingerprint != order.fingerprint:
        message = "This out_order_no was used with another body; send the same body, or a new out_order_no."
        raise DifferentBody(message)
    return stored, False


def _new_order(line: BusinessLine, request: CreateOrderRequest, ports: Ports) -> Order:
    now = ports.clock.now()
    life = request.expires_in or ports.configuration.order_timeout(line.id)
    return Order(
        id=ids.order_id(line.id, request.out_order_no),
        line=line.id,
        out_order_no=request.out_order_no,
        amount=request.amount,
        currency=request.currency,
        subject=request.subject,
        attach=request.attach,
        information=tuple(Information(field.label, field.value) for field in request.information),
        return_url=request.return_url,
        late_policy=line.late_policy,
        fingerprint=request.fingerprint(),
        secret=ports.randomness.secret(),
        created_at=now,
        expires_at=now + life,
        log=(first_entry(now),),
    )


def _check_return_url(return_url: str, line: BusinessLine) -> None:
    if not return_url:
        return
    if "\\" in return_url or "#" in return_url:
        message = "Send an address without backslash and fragment."
        raise Malformed(message, "return_url")
    try:
        parts = urlsplit(return_url)
        origin = f"{parts.scheme}://{parts.netloc}"
    except ValueError:
        origin = ""
    # Compared as a whole, exactly: no user part, no other port, no look-alike survives that.
    if origin not in line.return_origins:
        message = "The address must begin with one of your configured return origins."
        raise Malformed(message, "return_url")
