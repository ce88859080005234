"""The skeleton of every operation, written once: ask the channel, then translate what it said.

A channel fills in `call_channel` (how to ask) and `translate` (what a verified answer means in our words). What nobody
verified never reaches `translate`: it leaves as its outcome alone, so no product can mistake it for a result.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

from paycenter.ports.channel import (
    Account,
    Action,
    CloseAnswer,
    Create,
    CreateAnswer,
    Outcome,
    PaymentRequest,
    QueryAnswer,
    RefundAnswer,
    RefundRequest,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What asking brought, still in the channel's words.

    `fields` are the verified answer's, None where there is none. `code` and `detail` are for people, `digest` names
    the raw answer.
    """

    outcome: Outcome
    fields: Mapping[str, object] | None = None
    code: str = ""
    detail: str = ""
    digest: str = ""


class Flow[Request, Answer](ABC):
    """Ask, then translate."""

    def execute(self, account: Account, request: Request) -> Answer:
        """Run the operation; raises nothing for what the channel does, ValueError for an account's unreadable key."""
        reply = self.call_channel(account, request)
        return (
            self.unanswered(reply)
            if reply.fields is None
            else self.translate(request, reply, reply.fields)
        )

    @abstractmethod
    def call_channel(self, account: Account, request: Request, /) -> Reply:
        """Ask the channel and verify its answer."""

    @abstractmethod
    def translate(self, request: Request, reply: Reply, fields: Mapping[str, object], /) -> Answer:
        """Say in our words what the verified fields mean; pure."""

    @abstractmethod
    def unanswered(self, reply: Reply) -> Answer:
        """Pass on the outcome of a call without an answer to believe."""


class CreateFlow(Flow[PaymentRequest, CreateAnswer]):
    """A product whose payments the channel makes when it is called."""

    def unanswered(self, reply: Reply) -> CreateAnswer:
        """Pass on the outcome of a call without an answer to believe."""
        return CreateAnswer(outcome=reply.outcome, code=reply.code, detail=reply.detail)


class QueryFlow(Flow[PaymentRequest, QueryAnswer]):
    """A query."""

    def unanswered(self, reply: Reply) -> QueryAnswer:
        """Pass on the outcome of a call without an answer to believe."""
        return QueryAnswer(outcome=reply.outcome, code=reply.code, digest=reply.digest)


class CloseFlow(Flow[PaymentRequest, CloseAnswer]):
    """A close."""

    def unanswered(self, reply: Reply) -> CloseAnswer:
        """Pass on the outcome of a call without an answer to believe."""
        return CloseAnswer(outcome=reply.outcome, code=reply.code, digest=reply.digest)


class RefundFlow(Flow[RefundRequest, RefundAnswer]):
    """A refund, or the query of one."""

    def unanswered(self, reply: Reply) -> RefundAnswer:
        """Pass on the outcome of a call without an answer to believe."""
        return RefundAnswer(
            outcome=reply.outcome, code=reply.code, detail=reply.detail, digest=reply.digest
        )


class LocalCreate(ABC):
    """A product that is signed here and made at the channel only when the payer arrives: it can't fail."""

    def execute(self, account: Account, payment: PaymentRequest) -> CreateAnswer:
        """Sign what evokes the channel's cashier; a repeat signs the same payment afresh."""
        return CreateAnswer(outcome=Outcome.DONE, action=self.evoke(account, payment))

    @abstractmethod
    def evoke(self, account: Account, payment: PaymentRequest) -> Action:
        """Return what opens the channel's cashier for this payment."""


@dataclass(frozen=True, slots=True)
class CreateByProduct:
    """A channel's create: each product has its own steps."""

    products: Mapping[str, Create]

    def execute(self, account: Account, payment: PaymentRequest) -> CreateAnswer:
        """Create by the payment's product; KeyError for one that the manifest does not name."""
        return self.products[payment.product].execute(account, payment)
