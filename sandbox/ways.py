"""Every way to pay that a browser can show, walked by a payer from the cashier's page to the channel's own."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sandbox.camera import scan
from sandbox.payer import DESKTOP, PHONE, Payer

# Leads a payer who has chosen on to the channel's own page, and returns who stands there: they, or their phone.
type Evoke = Callable[[Payer, str], Payer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One channel and product, the browser that is shown it, and how it is evoked."""

    channel: str
    product: str
    agent: str
    evoke: Evoke

    @property
    def name(self) -> str:
        """Return a word for it."""
        return f"{self.channel}-{self.product}"

    @property
    def fields(self) -> dict[str, str]:
        """Return what the cashier's form for it holds."""
        return {"channel": self.channel, "product": self.product}


def by_form(payer: Payer, _simulator: str) -> Payer:
    """Send the channel's form, as its page does by itself."""
    form = payer.form("channel-form")
    if form is not None:
        payer.submit(form)
    return payer


def by_link(payer: Payer, _simulator: str) -> Payer:
    """Open the channel's address, as its page does by itself."""
    payer.follow("channel-link")
    return payer


def by_code(payer: Payer, simulator: str) -> Payer:
    """Scan the code with a phone, whose app knows what its content means."""
    phone = Payer(PHONE)
    code = re.split(r"[/=]", scan(payer.html))[-1]
    if code:
        phone.open(f"{simulator}/qr/{code}")
    return phone


WAYS: Final = (
    Way(channel="alipay", product="page", agent=DESKTOP, evoke=by_form),
    Way(channel="alipay", product="wap", agent=PHONE, evoke=by_form),
    Way(channel="alipay", product="qr", agent=DESKTOP, evoke=by_code),
    Way(channel="unionpay", product="gateway", agent=DESKTOP, evoke=by_form),
    Way(channel="unionpay", product="wap", agent=PHONE, evoke=by_form),
    Way(channel="unionpay", product="qr", agent=DESKTOP, evoke=by_code),
)
