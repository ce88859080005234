"""UnionPay's addresses: one for the payer's browser, the others from server to server (section 1)."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.simulator import pages
from sandbox.simulator.faults import Reply, Seal
from sandbox.simulator.ledger import Ledger
from sandbox.simulator.payer import to_page
from sandbox.simulator.refusals import Refusal
from sandbox.simulator.world import World
from sandbox.unionpay import content, messages
from sandbox.unionpay.errors import MALFORMED, TOO_OFTEN, UNCLEAR, Refused
from sandbox.unionpay.keys import Keys
from sandbox.unionpay.merchant import Merchant
from sandbox.unionpay.operations import (
    APP,
    FILE,
    QR,
    QUERY,
    REFUND,
    REFUND_QUERY,
    UNDO,
    Asked,
    execute,
    refund_in,
    said,
)
from sandbox.unionpay.requests import check, read

PREFIX = "/gateway/api"
FRONT = "frontTransReq"
# By address, `txnType` and `txnSubType`.
_METHODS: Mapping[tuple[str, str, str], str] = {
    (FRONT, "01", "01"): FRONT,
    ("appTransReq", "01", "01"): APP,
    ("backTransReq", "01", "07"): QR,
    ("backTransReq", "04", "00"): REFUND,
    ("backTransReq", "31", "00"): UNDO,
    ("queryTrans", "00", "00"): QUERY,
    ("file", "76", "01"): FILE,
}
_BUSINESSES: Mapping[str, frozenset[str]] = {
    FRONT: frozenset({"000201"}),
    APP: frozenset({"000201"}),
    QR: frozenset({"000000"}),
    FILE: frozenset({"000000"}),
}
_DEVICES: Mapping[str, frozenset[str]] = {FRONT: frozenset({"07", "08"}), QR: frozenset({"08"})}
_ECHOED = (
    *("version", "encoding", "signMethod", "txnType", "txnSubType", "bizType", "accessType"),
    *("merId", "orderId", "txnTime", "settleDate", "reqReserved"),
)


class Gateway:
    """Verifies, counts, executes and answers, with the trade's faults applied."""

    def __init__(self, world: World, merchant: Merchant, keys: Keys) -> None:
        self._world = world
        self._merchant = merchant
        self._keys = keys

    def routes(self) -> list[Route]:
        """Return all addresses; the settlement file has a host of its own at the real one."""
        return [
            Route(f"{PREFIX}/{FRONT}.do", self.front, methods=["POST"]),
            Route(f"{PREFIX}/{{path}}.do", self.back, methods=["POST"]),
            Route("/file", self.back, methods=["POST"]),
        ]

    async def front(self, request: Request) -> Response:
        """Open the payer's page; only now does UnionPay know of the payment."""
        world = self._world
        try:
            fields = await self._let_in(request)
            world.seen(FRONT, fields.get("orderId", ""))
            order = content.order_of(fields, FRONT, world.clock.now())
            return to_page(world.ledger.open(order))
        except Refused as refused:
            world.refused(refused.code)
            return pages.refused(world.channel, refused.code, refused.sentence)
        except Refusal as refusal:
            return pages.refused(world.channel, *world.channel.explain(refusal.reason))

    async def back(self, request: Request) -> Response:
        """Answer a server; what was not let in is answered with its code, signed all the same."""
        fields: Mapping[str, str] = {}
        try:
            fields = await read(request)
            method = self._admit(request, fields)
        except Refused as refused:
            self._world.refused(refused.code)
            answer = {"respCode": refused.code, "respMsg": refused.sentence}
            return self._sealed(fields, answer, Seal.OWN)
        method, number = self._about(method, fields)
        call = self._world.call(request, method, number)
        asked = Asked(call, fields, self._merchant, self._world.clock.now())
        return await call.answer(
            lambda: execute(method, asked),
            lambda trouble: said(TOO_OFTEN if trouble is Reply.THROTTLED else UNCLEAR),
            lambda answer, seal: self._sealed(fields, answer, seal, call.fault.twist),
        )

    async def _let_in(self, request: Request) -> dict[str, str]:
        fields = await read(request)
        self._admit(request, fields)
        return fields

    def _admit(self, request: Request, fields: Mapping[str, str]) -> str:
        """Check everything that does not depend on the operation, and say which one it is."""
        check(fields, self._merchant, self._keys)
        path = request.url.path.rpartition("/")[2].removesuffix(".do")
        kind = (path, fields.get("txnType", ""), fields.get("txnSubType", ""))
        method = _METHODS.get(kind, "")
        businesses = _BUSINESSES.get(method, frozenset({"000201", "000000"}))
        devices = _DEVICES.get(method)
        if not method or fields.get("bizType") not in businesses:
            raise Refused(MALFORMED, "no such transaction here")
        if devices and fields.get("channelType") not in devices:
            raise Refused(MALFORMED, "channelType")
        return method

    def _about(self, method: str, fields: Mapping[str, str]) -> tuple[str, str]:
        """Return the call's name and the payment that it is about, which a refund names by UnionPay's own number."""
        ledger, number = self._world.ledger, fields.get("orderId", "")
        if method == FILE:
            return method, ""
        if method in (REFUND, UNDO):
            return method, _number_of(ledger, fields.get("origQryId", ""))
        known = refund_in(ledger, number) if method == QUERY else None
        return (REFUND_QUERY, known[0].number) if known else (method, number)

    def _sealed(
        self, fields: Mapping[str, str], answer: Mapping[str, str], seal: Seal, twist: str = ""
    ) -> Response:
        echoed = {name: fields[name] for name in _ECHOED if name in fields}
        signer = self._keys.sealing(seal, twist)
        body = messages.plain(messages.signed({**echoed, **answer}, signer, twist))
        return Response(body, headers={"content-type": messages.PLAIN_TYPE})


def _number_of(ledger: Ledger, channel_no: str) -> str:
    try:
        return ledger.find("", channel_no).number if channel_no else ""
    except Refusal:
        return ""
