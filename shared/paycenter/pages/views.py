"""What goes into a page and what comes out of it."""

from dataclasses import dataclass
from typing import Final

from paycenter.domain.order import Information
from paycenter.domain.states import OrderState

# Nobody else is told where the payer comes from, and our own forms keep their origin.
SAME_ORIGIN: Final = "same-origin"
# The channel is told which site the payer comes from, without the path and its token.
ORIGIN: Final = "origin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A finished page, and the values of the headers Content-Security-Policy and Referrer-Policy that go with it."""

    html: str
    content_security_policy: str
    referrer_policy: str = SAME_ORIGIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One way to pay that fits the payer's device and the time left.

    `name` and `name_zh` are the product's. `icon` is the manifest's inline SVG, written into the page as it is: it is
    ours and therefore trusted, but it may have no `style` attribute, which the page's policy would refuse.
    `tells_origin` lets the page that leads to the channel say which site it is.
    """

    channel: str
    product: str
    name: str
    name_zh: str
    channel_name: str
    channel_name_zh: str
    icon: str
    tells_origin: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CashierView:
    """An order as its payer may see it.

    `amount` is in minor units of `currency`, `seconds_left` are business seconds until the deadline, `rate` is how
    many of them pass in one real second. `waiting` says that the payer came back from a channel or that a payment is
    under way. `subject` and `information` are strangers' text. `return_url` may be empty.
    """

    token: str
    line_name: str
    line_name_zh: str
    subject: str
    amount: int
    currency: str
    information: tuple[Information, ...]
    state: OrderState
    closing: bool
    seconds_left: int
    rate: int
    offers: tuple[Offer, ...]
    return_url: str
    waiting: bool
