"""Some channels' callbacks are confirmed: what they told is booked at once, then the channel is asked once."""

from dataclasses import replace
from typing import Final

from paycenter.domain import ids
from paycenter.domain.jobs import Job, JobKind
from paycenter.domain.order import ExceptionKind, Order, Payment
from paycenter.domain.settlement import Receipt, fits
from paycenter.ports.channel import ChannelStatus, QueryAnswer
from paycenter.ports.everything import Ports
from paycenter.usecases.money import answer_of, exception_record, raise_exception

# A channel's own query may lag behind its callback.
CONFIRM_AFTER_SECONDS: Final = 30


def prepare(payment: Payment, ports: Ports) -> None:
    """Send the question about a payment that is about to be booked, where its channel's manifest wants that.

    Before the write, as every timer: a booking without its question can't happen, and a callback that is repeated after
    the write sends none. Raises TryAgain where it could not be sent, with nothing written.
    """
    if not ports.channels.manifest(payment.channel).confirm_callbacks:
        return
    now = ports.clock.now()
    question = Job(
        kind=JobKind.QUERY,
        order_id=payment.payment_no[: ids.ORDER_ID_LENGTH],
        payment_no=payment.payment_no,
        due_at=now + CONFIRM_AFTER_SECONDS,
        sent_at=now,
        confirms=True,
    )
    ports.timers.schedule([question])


def confirm(order: Order, payment: Payment, ports: Ports) -> str:
    """Ask the channel about a booked payment; what contradicts it becomes an exception for a person, once.

    The payment stays as it is: verified money is not taken back by one answer. Where the channel can't tell nobody asks
    again; its bill of the day decides. Returns a word for the log. Safe to repeat.
    """
    answer = answer_of(order, payment, ports)
    if answer is None or (answer.status is ChannelStatus.PAID and answer.receipt is None):
        ports.telemetry.count("CallbacksUnconfirmed")
        return "unconfirmed"
    if answer.receipt is not None and fits(payment, answer.receipt):
        return "confirmed"
    booked = Receipt(
        payment_no=payment.payment_no,
        amount=payment.amount,
        currency=payment.currency,
        channel_transaction_no=payment.channel_transaction_no,
        paid_at=payment.paid_at,
    )
    record = exception_record(
        ExceptionKind.CONTRADICTION,
        payment.channel,
        payment.account,
        booked,
        order,
        ports.clock.now(),
    )
    raise_exception(replace(record, detail=_said(answer)), ports)
    return "contradicted"


def _said(answer: QueryAnswer) -> str:
    amount = f" {answer.receipt.amount} {answer.receipt.currency}" if answer.receipt else ""
    return f"asked, the channel says {answer.status}{amount}"
