"""Lets the simulated channel know of a seeded order's first payment what the seed says it knows.

It is asked through the product's own strategies, as a payer's browser and the system would, and through the
simulator's control interface; none of its callbacks arrive.
"""

from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

import httpx

from paycenter.domain.order import Order, Payment
from paycenter.ports.channel import Account, FormAction, PaymentRequest
from paycenter.ports.everything import Ports
from paycenter.usecases.money import payment_request
from tools.seed.story import ACCOUNT, CHANNEL, LIFE_SECONDS, Deed, Seed, started

_LIMIT_SECONDS: Final = 15
# What the simulator answers for a trade that is there, or paid, already: a repeat of the seed.
_ALREADY: Final = frozenset({httpx.codes.BAD_REQUEST, httpx.codes.CONFLICT})


class SimulatedChannel:
    """The simulator behind the configured account."""

    def __init__(self, ports: Ports) -> None:
        """Take the ports of the system under seed; raises LookupError where it has no such account."""
        account = ports.configuration.account(ACCOUNT)
        if account is None:
            raise LookupError(
                f"the system has no account {ACCOUNT}: apply sandbox/config.toml first"
            )
        parts = urlsplit(account.settings["gateway"])
        self._ports = ports
        self._account: Account = account
        self._control = f"{parts.scheme}://{parts.netloc}/sandbox"
        self._client = httpx.Client(timeout=_LIMIT_SECONDS, trust_env=False)
        self._deeds = {
            Deed.OPENED: self._open,
            Deed.PAID: self._pay,
            Deed.CLOSED: self._close,
            Deed.FAILING: self._fail,
        }

    def tell(self, seed: Seed, order: Order) -> None:
        """Do the seed's deeds, in order; safe to repeat."""
        if not seed.deeds:
            return
        request = self._request(seed, order)
        self._arm(request, "clear")
        self._arm(request, "lose_callbacks")
        for deed in seed.deeds:
            self._deeds[deed](request)

    def close(self) -> None:
        """Give back the connections."""
        self._client.close()

    def _request(self, seed: Seed, order: Order) -> PaymentRequest:
        request = payment_request(order, _first_payment(order), self._ports.public_url)
        # The payer came in time, also where the order's deadline has passed since.
        deadline = self._ports.clock.now() + LIFE_SECONDS
        return replace(request, product="page", amount=seed.channel_amount, deadline=deadline)

    def _open(self, request: PaymentRequest) -> None:
        answer = self._ports.channels.create(CHANNEL).execute(self._account, request)
        if not isinstance(answer.action, FormAction):
            raise TypeError("the channel's page is opened by a form")
        self._take(self._client.post(answer.action.url, data=dict(answer.action.fields)))

    def _pay(self, request: PaymentRequest) -> None:
        self._take(self._client.post(f"{self._control}/trades/{request.payment_no}/pay"))

    def _close(self, request: PaymentRequest) -> None:
        self._ports.channels.close(CHANNEL).execute(self._account, request)

    def _fail(self, request: PaymentRequest) -> None:
        self._arm(request, "answer_500", times=0)

    def _arm(self, request: PaymentRequest, fault: str, times: int | None = None) -> None:
        body: dict[str, object] = {"out_trade_no": request.payment_no, "fault": fault}
        if times is not None:
            body["times"] = times
        self._client.post(f"{self._control}/faults", json=body).raise_for_status()

    @staticmethod
    def _take(answer: httpx.Response) -> None:
        if answer.status_code not in _ALREADY and not answer.has_redirect_location:
            answer.raise_for_status()


def _first_payment(order: Order) -> Payment:
    # A payment that the case itself will start is opened by the number that it is going to have.
    known = order.payments or started()(order, order.created_at).payments
    return next(iter(known.values()))
