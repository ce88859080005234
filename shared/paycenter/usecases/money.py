"""What is done with what a channel says about money, whoever brought it: callback, query or expiry."""

from typing import Final

from paycenter.domain import lifecycle, settlement
from paycenter.domain.order import Evidence, ExceptionKind, Order, Payment, Resolution
from paycenter.domain.settlement import Receipt, exception_id, fits
from paycenter.domain.states import PaymentState
from paycenter.ports.channel import ChannelStatus, Outcome, Payer, PaymentRequest, QueryAnswer
from paycenter.ports.everything import Ports
from paycenter.ports.store import ExceptionRecord
from paycenter.usecases.update import update

EXCEPTION_METRIC: Final = "Exceptions"


def payment_request(order: Order, payment: Payment, public_url: str) -> PaymentRequest:
    """Return what a strategy needs to know; the same payment gives the same request at every repeat."""
    token = order.id + order.secret
    return PaymentRequest(
        payment_no=payment.payment_no,
        product=payment.product,
        amount=payment.amount,
        currency=payment.currency,
        subject=order.subject,
        created_at=payment.created_at,
        deadline=payment.deadline,
        notify_url=f"{public_url}/v1/callbacks/{payment.channel}/{payment.account}",
        return_url=f"{public_url}/cashier/{token}/return",
        channel_data=payment.channel_data,
        payer=Payer(
            payer_id=payment.payer_id,
            client_address=payment.client_address,
            system=payment.system,
        ),
    )


def book(order: Order, receipt: Receipt, evidence: Evidence, ports: Ports) -> Order:
    """Book a verified success of one of the order's payments; an amount that differs is an exception, once.

    A repeat changes nothing. Returns the order as it stands afterwards.
    """
    payment, now = order.payments[receipt.payment_no], ports.clock.now()
    if not fits(payment, receipt):
        kind = ExceptionKind.AMOUNT_MISMATCH
        raise_exception(
            exception_record(kind, payment.channel, evidence.account, receipt, order, now), ports
        )
        return order
    before = order.exceptions
    after = update(
        ports.orders,
        order,
        lambda stored: settlement.money_verified(stored, receipt, evidence, now),
        now,
    )
    if len(after.exceptions) > len(before):
        ports.telemetry.count(EXCEPTION_METRIC)
    return after


def exception_record(
    kind: ExceptionKind,
    channel: str,
    account: str,
    receipt: Receipt,
    order: Order | None,
    now: int,
) -> ExceptionRecord:
    """Return the record of money that does not fit what we know, for a person to decide about."""
    return ExceptionRecord(
        exception_id=exception_id(channel, account, kind, receipt.channel_transaction_no),
        kind=kind,
        channel=channel,
        account=account,
        order_id=order.id if order else "",
        line=order.line if order else "",
        payment_no=receipt.payment_no,
        amount=receipt.amount,
        currency=receipt.currency,
        channel_transaction_no=receipt.channel_transaction_no,
        resolution=Resolution.HOLD,
        raised_at=now,
    )


def raise_exception(record: ExceptionRecord, ports: Ports) -> None:
    """Keep an exception that is no part of an order's own write, once, with an alarm."""
    if ports.exceptions.raise_once(record):
        ports.telemetry.count(EXCEPTION_METRIC)
        ports.telemetry.note(
            "exception raised",
            kind=record.kind,
            payment=record.payment_no,
            account=record.account,
        )


def ask(order: Order, payment_no: str, ports: Ports) -> tuple[Order, ChannelStatus | None]:
    """Ask the channel about one payment and book what it says; None where it could not tell, and nothing changed.

    `NOT_FOUND` proves nothing before the order's deadline: the payer may still open what was signed.
    """
    payment = order.payments[payment_no]
    answer = answer_of(order, payment, ports)
    if answer is None:
        return order, None
    return _believe(
        order,
        payment_no,
        answer,
        Evidence(source="query", digest=answer.digest, account=payment.account),
        ports,
    )


def answer_of(order: Order, payment: Payment, ports: Ports) -> QueryAnswer | None:
    """Ask the channel about one payment, under the account version that it pins; None where it could not tell."""
    account = ports.configuration.account(payment.account)
    if account is None:
        ports.telemetry.count("AccountMissing")
        return None
    request = payment_request(order, payment, ports.public_url)
    answer = ports.channels.query(payment.channel).execute(account, request)
    if answer.outcome is Outcome.DONE:
        return answer
    ports.telemetry.note(
        "query undecided", payment=payment.payment_no, outcome=answer.outcome, code=answer.code
    )
    return None


def _believe(
    order: Order, payment_no: str, answer: QueryAnswer, evidence: Evidence, ports: Ports
) -> tuple[Order, ChannelStatus | None]:
    if answer.status is ChannelStatus.PAID:
        # "Paid" without an amount is no answer: nothing can be booked, and nothing is disproved.
        if answer.receipt is None:
            return order, None
        return book(order, answer.receipt, evidence, ports), answer.status
    final = answer.status is ChannelStatus.CLOSED or (
        answer.status is ChannelStatus.NOT_FOUND and ports.clock.now() >= order.expires_at
    )
    return (end(order, payment_no, evidence, ports) if final else order), answer.status


def end(order: Order, payment_no: str, evidence: Evidence, ports: Ports) -> Order:
    """Record the proof that a payment will not be paid; a payment that has ended already is left alone."""
    now = ports.clock.now()
    return update(
        ports.orders,
        order,
        lambda stored: lifecycle.channel_closed(stored, payment_no, evidence, now),
        now,
    )


def close_at_channel(order: Order, payment_no: str, ports: Ports) -> tuple[Order, bool]:
    """Close one live payment: query, close where the channel has a close, query again. Payment beats close.

    Returns the order with the payment ended, or still live where the channel could not prove it unpaid, and whether
    the channel answered at all.
    """
    order, status = ask(order, payment_no, ports)
    payment = order.payments[payment_no]
    if status is not ChannelStatus.PENDING or not _can_close(payment, ports):
        return _final_at_deadline(order, payment_no, status, ports), status is not None
    account = ports.configuration.account(payment.account)
    if account is None:
        return order, False
    request = payment_request(order, payment, ports.public_url)
    answer = ports.channels.close(payment.channel).execute(account, request)
    order, status = ask(order, payment_no, ports)
    if answer.outcome is Outcome.DONE and status is not ChannelStatus.PAID:
        evidence = Evidence(source="close", digest=answer.digest, account=account.id)
        return end(order, payment_no, evidence, ports), True
    return _final_at_deadline(order, payment_no, status, ports), status is not None


def _can_close(payment: Payment, ports: Ports) -> bool:
    close_after_s = ports.channels.manifest(payment.channel).close_after_s
    return close_after_s is not None and ports.clock.now() >= payment.created_at + close_after_s


def _final_at_deadline(
    order: Order, payment_no: str, status: ChannelStatus | None, ports: Ports
) -> Order:
    # The channel was given an earlier deadline than the order: at the order's own, "not paid" is final. So is "paid"
    # that did not fit: the money is an exception in a person's hands, and the order was not paid as it asked.
    payment = order.payments[payment_no]
    live = payment.state in {PaymentState.CREATING, PaymentState.PENDING}
    if status is None or not live or ports.clock.now() < order.expires_at:
        return order
    evidence = Evidence(source="deadline", digest="", account=payment.account)
    return end(order, payment_no, evidence, ports)
