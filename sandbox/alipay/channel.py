"""Alipay's side of the plug between the kit and its wire."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import ClassVar

import httpx
from starlette.requests import Request
from starlette.routing import Route

from sandbox.alipay import notices
from sandbox.alipay.bills import Bills
from sandbox.alipay.content import PRECREATE
from sandbox.alipay.desk import Desk
from sandbox.alipay.errors import refusal_of
from sandbox.alipay.faults import ROWS
from sandbox.alipay.gateway import Gateway
from sandbox.alipay.merchant import OTHER_MERCHANT, Merchant
from sandbox.alipay.operations import BILL, CLOSE, DOWNLOAD_CERTIFICATE, QUERY, REFUND, REFUND_QUERY
from sandbox.alipay.rest import Rest
from sandbox.alipay.returning import return_address
from sandbox.alipay.signing import Keys
from sandbox.alipay.statuses import status_of
from sandbox.business_clock import beijing_text
from sandbox.simulator import rsa
from sandbox.simulator.channel import Channel, Message, Note, WayBack
from sandbox.simulator.faults import Fault, Operation
from sandbox.simulator.refusals import Reason
from sandbox.simulator.trades import Event, Trade
from sandbox.simulator.world import World

# Section 6: at once, then after 4 min, 10 min, 10 min, 1 h, 2 h, 6 h, 15 h; eight sends in about 25 hours.
REPEATS_SECONDS = (240, 600, 600, 3_600, 7_200, 21_600, 54_000)
ACKNOWLEDGEMENT = b"success"


class Alipay(Channel):
    """One app of one seller, and the platform's key."""

    name: ClassVar[str] = "alipay"
    title: ClassVar[str] = "模拟支付宝 Simulated Alipay"
    colour: ClassVar[str] = "#1677ff"
    operations: ClassVar[Mapping[str, Operation]] = {
        PRECREATE: Operation.CREATE,
        QUERY: Operation.QUERY,
        CLOSE: Operation.CLOSE,
        REFUND: Operation.REFUND,
        REFUND_QUERY: Operation.QUERY_REFUND,
        BILL: Operation.BILL,
        DOWNLOAD_CERTIFICATE: Operation.OTHER,
    }
    # Failed refunds are told by nobody: only a query finds them (section 6, Refund notices).
    tells: ClassVar[frozenset[Event]] = frozenset({Event.PAID, Event.CLOSED, Event.REFUNDED})
    faults: ClassVar[Sequence[Fault]] = ROWS

    def __init__(self, merchant: Merchant, keys: Keys) -> None:
        self.merchant = merchant
        self.keys = keys

    def routes(self, world: World) -> list[Route]:
        """Return the one address of the v2 dialect, the paths of v3, and where bills lie."""
        bills = Bills(world.clock, world.ledger, self.merchant.seller_id)
        desk = Desk(world, self.merchant, self.keys, bills)
        return [
            Route("/gateway.do", Gateway(desk).serve, methods=["GET", "POST"]),
            Route("/bills/{token}", bills.download),
            *Rest(desk).routes(),
        ]

    def merchant_name(self) -> str:
        """Return the seller's name."""
        return self.merchant.name

    def status(self, trade: Trade) -> str:
        """Return ``trade_status``."""
        return status_of(trade).value

    def explain(self, reason: Reason) -> tuple[str, str]:
        """Return ``sub_code`` and ``sub_msg``."""
        return refusal_of(reason).explained

    def trade_no(self, count: int, now: float) -> str:
        """Return 28 digits that begin with the day."""
        return f"{_day(now)}22001400000{count:09d}"

    def refund_no(self, count: int, now: float) -> str:
        """Return a number for the books alone: Alipay names refunds by the merchant's number."""
        return f"{_day(now)}R{count:09d}"

    def notice(self, note: Note) -> Message:
        """Return a signed form (section 6)."""
        merchant = OTHER_MERCHANT if note.wrong_merchant else self.merchant
        return notices.message(note, merchant, self.keys.sealing(note.seal))

    def acknowledges(self, answer: httpx.Response) -> bool:
        """Exactly these seven bytes with 200; a redirect, a quote or a newline is a failure (section 6)."""
        return answer.status_code == HTTPStatus.OK and answer.content == ACKNOWLEDGEMENT

    def repeat_schedule(self, trade: Trade) -> Sequence[float]:  # noqa: ARG002 - the same for all
        """Return section 6's ladder."""
        return REPEATS_SECONDS

    def rotate_keys(self) -> Mapping[str, str]:
        """Sign with the other platform key, under a certificate of its own."""
        key = rsa.public_pem(self.keys.rotate())
        return {"alipay_public_key": key, "alipay_cert_sn": self.keys.platform_serial}

    def way_back(self, trade: Trade, now: float, request: Request) -> WayBack | None:  # noqa: ARG002 - not needed
        """Return the merchant's ``return_url`` with signed parameters (section 5.2)."""
        if not trade.order.return_url:
            return None
        return WayBack(return_address(trade, now, self.merchant, self.keys.platform))


def _day(now: float) -> str:
    return beijing_text(now)[:10].replace("-", "")
