"""Who the payer is, where a product must know it: the channel's own app tells, by its web authorisation.

The payer is led there with a state and comes back with it and with a code that serves once. The state is no secret
and not signed, and needs neither: it only says again what the payer chose, and each part of it is held against what
the line offers and what is live. Whoever forges one chooses another way to pay this one order, which the cashier's
form allows as well. Whoever brings a stranger's code gets a payment that only that stranger, in their own app, with
their own password, can pay. Nothing that the code brings is shown.
"""

import base64
import re
from dataclasses import dataclass
from typing import Final

from paycenter.domain import ids
from paycenter.domain.errors import Malformed
from paycenter.domain.order import Order
from paycenter.ports.channel import Account, Outcome
from paycenter.ports.configuration import BusinessLine
from paycenter.ports.everything import Ports
from paycenter.ports.manifest import Needs
from paycenter.usecases.create_payment import live_account, offered, refuse_late

# Letters and digits alone: channels take no more in a state.
_STATE: Final = re.compile(r"[A-Z2-7]{8,512}", re.ASCII)
_CODE: Final = re.compile(r"[\x21-\x7e]{1,512}", re.ASCII)
_BLOCK: Final = 8
_CHOOSE_AGAIN: Final = (
    "The way back from the channel can't be read; open the cashier page and choose there."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """What the payer chose, and the account version that asks who they are."""

    channel: str
    product: str
    account_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Identified:
    """A payer of whom the channel has said who they are to this account version."""

    errand: Errand
    payer_id: str


def lead_to_identification(
    order: Order, line: BusinessLine, channel: str, product: str, ports: Ports
) -> str:
    """Return where the payer's browser is led to be identified, or nothing where the product does not need that.

    Nothing is recorded, so a repeat is free. Raises Malformed for a pair that the line does not offer, OrderNotPayable
    and ChannelWindowClosed as a payment would.
    """
    manifest = offered(line, channel, product, ports)
    if Needs.PAYER_ID not in manifest.products[product].needs:
        return ""
    refuse_late(order, manifest, ports.clock.now())
    account = live_account(manifest, ports)
    errand = Errand(channel=channel, product=product, account_id=account.id)
    token = ids.cashier_token(order.id, order.secret)
    return_url = f"{ports.public_url}/cashier/{token}/identified"
    return ports.channels.identification(channel).address(account, return_url, state_of(errand))


def identify(
    order: Order, line: BusinessLine, state: str, code: str, ports: Ports
) -> Identified | None:
    """Exchange the code that the payer came back with; None where the channel told nothing for it.

    Raises Malformed for a state that is not one of ours or no longer offered; OrderNotPayable and ChannelWindowClosed
    before the channel is called. A repeat with the same code is None: it serves once.
    """
    errand = errand_of(state)
    manifest = offered(line, errand.channel, errand.product, ports)
    if Needs.PAYER_ID not in manifest.products[errand.product].needs:
        raise Malformed(_CHOOSE_AGAIN, "state")
    refuse_late(order, manifest, ports.clock.now())
    account = _asking_account(errand, ports)
    if _CODE.fullmatch(code) is None:
        return None
    answer = ports.channels.identification(errand.channel).execute(account, code)
    if answer.outcome is not Outcome.DONE or not answer.payer_id:
        ports.telemetry.note("payer not identified", outcome=answer.outcome, code=answer.code)
        return None
    return Identified(errand=errand, payer_id=answer.payer_id)


def state_of(errand: Errand) -> str:
    """Return an errand as the state that goes to the channel and comes back."""
    text = f"{errand.channel} {errand.product} {errand.account_id}"
    return base64.b32encode(text.encode()).decode().rstrip("=")


def errand_of(state: str) -> Errand:
    """Read a state; raises Malformed for what can't be one of ours."""
    known = _STATE.fullmatch(state) is not None
    try:
        text = base64.b32decode(state + "=" * (-len(state) % _BLOCK)) if known else b""
        channel, product, account_id = text.decode("ascii").split(" ")
    except ValueError:
        raise Malformed(_CHOOSE_AGAIN, "state") from None
    return Errand(channel=channel, product=product, account_id=account_id)


def _asking_account(errand: Errand, ports: Ports) -> Account:
    # A retired version gets no new payments, whoever asks for it: the payer begins again with one that is live.
    live = ports.configuration.is_live(errand.channel, errand.account_id)
    account = ports.configuration.account(errand.account_id) if live else None
    if account is None:
        raise Malformed(_CHOOSE_AGAIN, "state")
    return account
