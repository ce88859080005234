"""WeChat's side of the plug between the kit and its wire."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import ClassVar

import httpx
from starlette.routing import Route

from sandbox.business_clock import beijing_text
from sandbox.simulator import rsa
from sandbox.simulator.channel import Channel, Message, Note
from sandbox.simulator.faults import Fault, Operation
from sandbox.simulator.refusals import Reason
from sandbox.simulator.trades import Event, Order, Trade
from sandbox.simulator.world import World
from sandbox.wechatpay import notices
from sandbox.wechatpay.authorisation import Authorisation
from sandbox.wechatpay.bills import Bills
from sandbox.wechatpay.desk import Desk
from sandbox.wechatpay.evoking import Evoking
from sandbox.wechatpay.faults import ROWS
from sandbox.wechatpay.gateway import Gateway
from sandbox.wechatpay.handles import Handles
from sandbox.wechatpay.merchant import Merchant
from sandbox.wechatpay.problems import problem_of
from sandbox.wechatpay.signing import Keys
from sandbox.wechatpay.words import status_of

# Section 7: 15 repeats over 24 hours and 4 minutes.
REPEATS_SECONDS = (15, 15, 30, 180, 600, 1_200, *[1_800] * 3, 3_600, *[10_800] * 3, *[21_600] * 2)
_ACKNOWLEDGED = (HTTPStatus.OK, HTTPStatus.NO_CONTENT)


class WechatPay(Channel):
    """One merchant, and the platform's keys of both kinds."""

    name: ClassVar[str] = "wechatpay"
    title: ClassVar[str] = "模拟微信支付 Simulated WeChat Pay"
    colour: ClassVar[str] = "#07c160"
    operations: ClassVar[Mapping[str, Operation]] = {
        "native": Operation.CREATE,
        "jsapi": Operation.CREATE,
        "h5": Operation.CREATE,
        "app": Operation.CREATE,
        "query": Operation.QUERY,
        "query_by_id": Operation.QUERY,
        "close": Operation.CLOSE,
        "refund": Operation.REFUND,
        "query_refund": Operation.QUERY_REFUND,
        "tradebill": Operation.BILL,
        "fundflowbill": Operation.BILL,
        "billdownload": Operation.BILL,
        "certificates": Operation.OTHER,
        "oauth2": Operation.OTHER,
    }
    # Plain payments tell success alone; failures and closes are found by queries (section 7).
    tells: ClassVar[frozenset[Event]] = frozenset({Event.PAID, Event.REFUNDED, Event.REFUND_FAILED})
    faults: ClassVar[Sequence[Fault]] = ROWS
    callback_limit_seconds: ClassVar[float] = 5.0

    def __init__(self, merchant: Merchant, keys: Keys) -> None:
        self.merchant = merchant
        self.keys = keys

    def routes(self, world: World) -> list[Route]:
        """Return API v3, what evokes the payer's app, and the web authorisation."""
        bills = Bills(world.clock, world.ledger, self.merchant)
        desk = Desk(world, self.merchant, self.keys, Handles(world.clock), bills)
        return [*Gateway(desk).routes(), *Evoking(desk).routes(), *Authorisation(desk).routes()]

    def merchant_name(self) -> str:
        """Return the merchant's name."""
        return self.merchant.name

    def status(self, trade: Trade) -> str:
        """Return ``trade_state``."""
        return status_of(trade)

    def explain(self, reason: Reason) -> tuple[str, str]:
        """Return code and message."""
        problem = problem_of(reason)
        return problem.code, problem.message

    def trade_no(self, count: int, now: float) -> str:
        """Return 28 digits with the day in the middle."""
        return f"4200000000{_day(now)}{count:010d}"

    def refund_no(self, count: int, now: float) -> str:
        """Return 29 digits with the day in the middle."""
        return f"5000000000{_day(now)}{count:011d}"

    def same_order(self, known: Order, repeated: Order) -> bool:
        """Whether a repeat says exactly what the first call said, by the same product (section 5.1)."""
        return (known.method, known.extra["said"]) == (repeated.method, repeated.extra["said"])

    def notice(self, note: Note) -> Message:
        """Return a sealed and signed notice (section 7)."""
        return notices.message(note, self.merchant, self.keys)

    def acknowledges(self, answer: httpx.Response) -> bool:
        """200 or 204, with nothing, or with a code that is SUCCESS (section 7)."""
        if answer.status_code not in _ACKNOWLEDGED:
            return False
        return not answer.content or '"SUCCESS"' in answer.text

    def repeat_schedule(self, trade: Trade) -> Sequence[float]:  # noqa: ARG002 - the same for all
        """Return section 7's ladder."""
        return REPEATS_SECONDS

    def rotate_keys(self) -> Mapping[str, str]:
        """Sign with the other public key, and with the certificate that was listed as the next one."""
        self.keys.rotate()
        public = self.keys.public
        return {
            "public_key_id": public.serial,
            "public_key": rsa.public_pem(public.key.public_key()),
            "serial_no": self.keys.certified[0].signer.serial,
        }


def _day(now: float) -> str:
    return beijing_text(now)[:10].replace("-", "")
