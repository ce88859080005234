"""What the checks of all channels share: the other side with the run's keys, and payments to ask about."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final

from paycenter.ports.channel import PaymentRequest, RefundRequest
from tools.oracles.conversation import Conversation
from tools.oracles.draw import Draw, Key
from tools.oracles.findings import Finding

_WINDOW_SECONDS: Final = 1795


@dataclass(slots=True)
class Keys:
    """The run's key pairs by name, each found when it is first asked for."""

    draw: Draw
    found: dict[str, Key] = field(default_factory=dict)

    def get(self, name: str) -> Key:
        """Return the key pair of this name."""
        if name not in self.found:
            self.found[name] = self.draw.under(f"key/{name}").key()
        return self.found[name]


@dataclass(frozen=True, slots=True)
class Side:
    """The other side of one check: the program to ask, the run's keys, and the moment at which all happens."""

    talk: Conversation
    keys: Keys
    now: int


type Check = Callable[[Side, Draw], Iterator[Finding]]


def payment(draw: Draw, now: int, product: str, **changes: Any) -> PaymentRequest:  # noqa: ANN401 - fields of it
    """Return a payment with a subject that is hard to carry."""
    number = draw.token(28)
    drawn = PaymentRequest(
        payment_no=number,
        product=product,
        amount=draw.number(1, 10_000_000),
        currency="CNY",
        subject=draw.odd_text(),
        created_at=now - draw.number(1, 600),
        deadline=now + _WINDOW_SECONDS,
        notify_url=f"https://pay.example/v1/callbacks/{number}",
        return_url=f"https://pay.example/cashier/{draw.token(20)}/return",
    )
    return replace(drawn, **changes)


def refund(draw: Draw, now: int, product: str, **changes: Any) -> RefundRequest:  # noqa: ANN401 - fields of it
    """Return a refund of a part."""
    total = draw.number(100, 10_000_000)
    drawn = RefundRequest(
        refund_no=draw.token(28),
        payment_no=draw.token(28),
        product=product,
        amount=draw.number(1, total),
        total=total,
        currency="CNY",
        reason=draw.odd_text(),
        created_at=now - 5,
        payment_created_at=now - 3600,
        channel_transaction_no=draw.digits(28),
        notify_url=f"https://pay.example/v1/callbacks/{draw.token(8)}",
    )
    return replace(drawn, **changes)
