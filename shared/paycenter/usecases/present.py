"""An order as business lines see it: the one place where it is put into words of the API."""

from datetime import UTC, datetime

from paycenter.contracts.api import (
    ActionAnswer,
    AppActionAnswer,
    ExceptionSummary,
    FormActionAnswer,
    JsapiActionAnswer,
    NotificationAnswer,
    NotificationsAnswer,
    OrderAnswer,
    PaymentAnswer,
    PaymentSummary,
    PlanAnswer,
    PlanStepAnswer,
    QrActionAnswer,
    RedirectActionAnswer,
    RefundSummary,
)
from paycenter.domain import ids
from paycenter.domain.order import Order, Payment, Refund
from paycenter.domain.states import EventState
from paycenter.ports.channel import (
    Action,
    AppAction,
    FormAction,
    JsapiAction,
    QrAction,
    RedirectAction,
)
from paycenter.usecases.plan import Plan, PlanStep


def moment(seconds: int) -> str:
    """Render business seconds as RFC 3339 in UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def cashier_url(order: Order, public_url: str) -> str:
    """Return the address of the order's cashier page, the same at every repeat."""
    return f"{public_url}/cashier/{ids.cashier_token(order.id, order.secret)}"


def order_answer(order: Order, public_url: str) -> OrderAnswer:
    """Return the order as `GET` answers it and as notifications carry it."""
    winner = order.payments.get(order.winner)
    return OrderAnswer(
        id=order.id,
        out_order_no=order.out_order_no,
        state=order.state.value,
        version=order.version,
        amount=order.amount,
        currency=order.currency,
        subject=order.subject,
        attach=order.attach,
        cashier_url=cashier_url(order, public_url),
        created_at=moment(order.created_at),
        expires_at=moment(order.expires_at),
        closing=order.closing and order.is_open,
        payment=None if winner is None else _summary(winner),
        exceptions=[
            ExceptionSummary(
                kind=raised.kind,
                payment_no=raised.payment_no,
                amount=raised.amount,
                resolution=raised.resolution,
            )
            for raised in order.exceptions.values()
        ],
        refunds=[refund_answer(refund) for refund in order.refunds.values()],
    )


def refund_answer(refund: Refund) -> RefundSummary:
    """Return a refund as its order shows it."""
    return RefundSummary(
        refund_no=refund.refund_no,
        out_refund_no=refund.out_refund_no,
        payment_no=refund.payment_no,
        amount=refund.amount,
        state=refund.state.value,
        reason=refund.reason,
        created_at=moment(refund.created_at),
        refunded_at=moment(refund.refunded_at) if refund.refunded_at else None,
    )


def plan_answer(order: Order, plan: Plan) -> PlanAnswer:
    """Return an order's plan."""
    return PlanAnswer(
        id=order.id,
        state=order.state.value,
        version=order.version,
        past=[_step(step) for step in plan.past],
        coming=[_step(step) for step in plan.coming],
    )


def _step(step: PlanStep) -> PlanStepAnswer:
    return PlanStepAnswer(
        at=moment(step.at),
        kind=step.kind.value,
        what=step.what,
        subject=step.subject,
        number=step.number,
        count=step.count,
        why=step.why,
    )


def notifications_answer(order: Order) -> NotificationsAnswer:
    """Return what the business line was, or will be, told of an order."""
    return NotificationsAnswer(
        notifications=[
            NotificationAnswer(
                event_id=event.event_id,
                type=event.type,
                state=event.state.value,
                attempts=event.attempt,
                next_attempt_at=moment(event.due_at) if event.state is EventState.OWED else None,
            )
            for event in order.events.values()
        ]
    )


def payment_answer(payment: Payment, action: Action | None) -> PaymentAnswer:
    """Return a payment and what evokes the channel's cashier."""
    return PaymentAnswer(
        payment_no=payment.payment_no,
        state=payment.state.value,
        channel=payment.channel,
        product=payment.product,
        action=_action_answer(action),
    )


def _summary(payment: Payment) -> PaymentSummary:
    return PaymentSummary(
        payment_no=payment.payment_no,
        channel=payment.channel,
        product=payment.product,
        channel_transaction_no=payment.channel_transaction_no,
        paid_at=moment(payment.paid_at),
    )


def _action_answer(action: Action | None) -> ActionAnswer | None:
    match action:
        case FormAction():
            method = "GET" if action.method == "GET" else "POST"
            return FormActionAnswer(
                type="form", method=method, url=action.url, fields=dict(action.fields)
            )
        case RedirectAction():
            return RedirectActionAnswer(type="redirect", url=action.url)
        case QrAction():
            return QrActionAnswer(type="qr", content=action.content)
        case JsapiAction():
            return JsapiActionAnswer(
                type="jsapi",
                bridge=action.bridge,
                function=action.function,
                method=action.method,
                ready_event=action.ready_event,
                parameters=dict(action.parameters),
            )
        case AppAction():
            return AppActionAnswer(
                type="app",
                order_string=action.order_string,
                parameters=dict(action.parameters),
            )
        case None:
            return None
