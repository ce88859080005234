"""What this container has seen of the accounts that it calls, told by the calls themselves."""

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

from paycenter.domain.health import Breaker
from paycenter.ports.bills import Bills
from paycenter.ports.channel import (
    Account,
    Callbacks,
    Close,
    CloseAnswer,
    Create,
    CreateAnswer,
    Material,
    Outcome,
    PayerIdentification,
    PaymentRequest,
    Query,
    QueryAnswer,
    RefundAnswer,
    RefundCreate,
    RefundQuery,
    RefundRequest,
)
from paycenter.ports.channels import Channels
from paycenter.ports.clock import Clock
from paycenter.ports.manifest import Manifest


@dataclass(frozen=True, slots=True)
class Breakers:
    """One breaker for each account version that was called; the jobs of a batch call side by side."""

    clock: Clock
    known: dict[str, Breaker] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def is_open(self, account_id: str) -> bool:
        """Tell whether new payments should go elsewhere."""
        return self.known.get(account_id, Breaker()).is_open(self.clock.now())

    def note(self, account_id: str, outcome: Outcome) -> None:
        """Take the outcome of a call."""
        with self.lock:
            before = self.known.get(account_id, Breaker())
            self.known[account_id] = before.after(self.clock.now(), answered=outcome.answered)


@dataclass(frozen=True, slots=True)
class _WatchedPayment[Answer: (CreateAnswer, QueryAnswer, CloseAnswer)]:
    """One operation on payments; `calls` tells whether it goes to the network at all."""

    act: Callable[[Account, PaymentRequest], Answer]
    breakers: Breakers
    calls: Callable[[PaymentRequest], bool] = lambda _: True

    def execute(self, account: Account, payment: PaymentRequest) -> Answer:
        """Do it, and take note of the outcome."""
        answer = self.act(account, payment)
        if self.calls(payment):
            self.breakers.note(account.id, answer.outcome)
        return answer


@dataclass(frozen=True, slots=True)
class _WatchedRefund:
    """One operation on refunds."""

    act: Callable[[Account, RefundRequest], RefundAnswer]
    breakers: Breakers

    def execute(self, account: Account, refund: RefundRequest) -> RefundAnswer:
        """Do it, and take note of the outcome."""
        answer = self.act(account, refund)
        self.breakers.note(account.id, answer.outcome)
        return answer


@dataclass(frozen=True, slots=True)
class WatchedChannels:
    """All channels, with the outcomes of what they are asked about payments and refunds told to the breakers."""

    channels: Channels
    breakers: Breakers

    def names(self) -> tuple[str, ...]:
        """Return the registered channels."""
        return self.channels.names()

    def known(self, channel: str) -> bool:
        """Tell whether the channel is registered."""
        return self.channels.known(channel)

    def manifest(self, channel: str) -> Manifest:
        """Return what the channel can do."""
        return self.channels.manifest(channel)

    def create(self, channel: str) -> Create:
        """Return the channel's create, watched where it calls: what is signed here says nothing of the channel."""
        products = self.channels.manifest(channel).products
        return _WatchedPayment(
            self.channels.create(channel).execute,
            self.breakers,
            lambda payment: products[payment.product].calls_channel,
        )

    def query(self, channel: str) -> Query:
        """Return the channel's query, watched."""
        return _WatchedPayment(self.channels.query(channel).execute, self.breakers)

    def close(self, channel: str) -> Close:
        """Return the channel's close, watched."""
        return _WatchedPayment(self.channels.close(channel).execute, self.breakers)

    def refund(self, channel: str) -> RefundCreate:
        """Return the channel's refund, watched."""
        return _WatchedRefund(self.channels.refund(channel).execute, self.breakers)

    def query_refund(self, channel: str) -> RefundQuery:
        """Return the channel's refund query, watched."""
        return _WatchedRefund(self.channels.query_refund(channel).execute, self.breakers)

    def bills(self, channel: str) -> Bills:
        """Return the channel's bills."""
        return self.channels.bills(channel)

    def callbacks(self, channel: str) -> Callbacks:
        """Return the channel's callbacks, which call nobody."""
        return self.channels.callbacks(channel)

    def identification(self, channel: str) -> PayerIdentification:
        """Return how the channel tells who the payer is."""
        return self.channels.identification(channel)

    def material(self, channel: str) -> Material | None:
        """Return how the channel's public keys are fetched, or None where they never are."""
        return self.channels.material(channel)
