"""Every way to pay that a browser can show, walked by a payer from the cashier's page to the channel's own."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from sandbox.camera import scan
from sandbox.payer import DESKTOP, PHONE, Payer

IN_WECHAT: Final = f"{PHONE} MicroMessenger/8.0.50"

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
    content = scan(payer.html)
    if content:
        phone.open(scanned_address(content, simulator))
    return phone


def scanned_address(content: str, simulator: str) -> str:
    """Return what the channel's app opens for a code's content, which may be an address of that app alone."""
    return f"{simulator}/qr/{re.split('[/=]', content)[-1]}"


def by_bridge(payer: Payer, simulator: str) -> Payer:
    """Be told who pays by the channel, come back, and let the app's bridge open the payment."""
    payer.follow("channel-link")
    call = payer.element("channel-bridge")
    sheet = Payer(payer.agent)
    if call:
        parameters = urlencode(json.loads(call["data-parameters"]))
        sheet.open(f"{simulator}/jsapi/pay?{parameters}")
    return sheet


WAYS: Final = (
    Way(channel="alipay", product="page", agent=DESKTOP, evoke=by_form),
    Way(channel="alipay", product="wap", agent=PHONE, evoke=by_form),
    Way(channel="alipay", product="qr", agent=DESKTOP, evoke=by_code),
    Way(channel="wechatpay", product="native", agent=DESKTOP, evoke=by_code),
    Way(channel="wechatpay", product="h5", agent=PHONE, evoke=by_link),
    Way(channel="wechatpay", product="jsapi", agent=IN_WECHAT, evoke=by_bridge),
    Way(channel="unionpay", product="gateway", agent=DESKTOP, evoke=by_form),
    Way(channel="unionpay", product="wap", agent=PHONE, evoke=by_form),
    Way(channel="unionpay", product="qr", agent=DESKTOP, evoke=by_code),
)
