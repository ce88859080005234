"""The sandbox's control interface: what happened at the channel, and which faults shall happen."""

from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from sandbox.business_clock import rfc3339_text
from sandbox.forms import read_fields, whole_number
from sandbox.simulator.faults import EVERY_TRADE, NEXT_TRADE
from sandbox.simulator.money import yuan_of
from sandbox.simulator.pages import page
from sandbox.simulator.refusals import Refusal
from sandbox.simulator.trades import Trade
from sandbox.simulator.views import all_views, sums, view
from sandbox.simulator.world import World

CLEAR = "clear"


class Control:
    """Routes under ``/sandbox``; JSON for programs, and the same through forms on one page for people."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[Route]:
        """Everything under ``/sandbox``."""
        number = "/sandbox/trades/{number}"
        return [
            Route("/sandbox", self.panel, methods=["GET"]),
            Route("/sandbox/health", self.health, methods=["GET"]),
            Route("/sandbox/ledger", self.ledger, methods=["GET"]),
            Route("/sandbox/calls", self.calls, methods=["GET"]),
            Route("/sandbox/trades", self.trades, methods=["GET"]),
            Route(number, self.trade, methods=["GET"]),
            Route(f"{number}/pay", self.pay, methods=["POST"]),
            Route(f"{number}/callbacks", self.odd_callback, methods=["POST"]),
            Route("/sandbox/faults", self.faults, methods=["GET"]),
            Route("/sandbox/faults", self.arm, methods=["POST"]),
            Route("/sandbox/keys/rotate", self.rotate_keys, methods=["POST"]),
        ]

    async def health(self, _: Request) -> Response:
        """Ready, and what time the channel thinks it is."""
        world = self._world
        return JSONResponse({"program": world.channel.name, "now": rfc3339_text(world.clock.now())})

    async def ledger(self, _: Request) -> Response:
        """Return the sums of the books, in fen."""
        return JSONResponse(sums(self._world))

    async def calls(self, _: Request) -> Response:
        """How often each method was called, in all and per trade, and what was refused at the door."""
        return JSONResponse(self._world.calls.view())

    async def trades(self, _: Request) -> Response:
        """All trades, newest first."""
        return JSONResponse({"trades": all_views(self._world)})

    async def trade(self, request: Request) -> Response:
        """One trade; 404 when there is none."""
        return JSONResponse(self._view(request.path_params["number"]))

    async def pay(self, request: Request) -> Response:
        """Book the payer's money without a password, closed or not; 409 when it is paid already."""
        trade = self._trade(request)
        try:
            self._world.ledger.pay(trade, although_closed=True)
        except Refusal as refusal:
            raise HTTPException(409, refusal.reason.value) from refusal
        return self._done(request, self._view(trade.number))

    async def odd_callback(self, request: Request) -> Response:
        """Send one callback with a fault in it, at once and whatever the trade's state; answers what came back."""
        trade = self._trade(request)
        fault = str((await read_fields(request)).get("fault"))
        try:
            notice = await self._world.callbacks.send_odd(trade, fault)
        except KeyError as error:
            raise HTTPException(400, f"no such fault of callbacks: {fault}") from error
        return self._done(request, notice.view())

    async def faults(self, _: Request) -> Response:
        """Return the faults there are, and those armed for the next payment and for all."""
        kinds = [
            {"fault": row.name, "zh": row.zh, "en": row.en, "times": row.times}
            for row in self._world.faults.rows.values()
        ]
        armed = {"next": self._armed(NEXT_TRADE), "every": self._armed(EVERY_TRADE)}
        return JSONResponse({"faults": kinds, **armed})

    async def arm(self, request: Request) -> Response:
        """Arm ``fault`` for ``out_trade_no`` (or ``*next*``, ``*every*``); fault ``clear`` disarms all of it.

        ``times`` 0 is for ever, absent the fault's own default; ``method`` restricts it to the channel's own name of
        a call.
        """
        fields, faults = await read_fields(request), self._world.faults
        number, name = fields.get("out_trade_no"), str(fields.get("fault"))
        if not isinstance(number, str) or not number or name not in {*faults.rows, CLEAR}:
            raise HTTPException(400, "out_trade_no and a known fault are required")
        if name == CLEAR:
            faults.clear(number)
        else:
            method = str(fields.get("method") or "")
            faults.arm(number, name, whole_number(fields, "times"), method)
        return self._done(request, {"out_trade_no": number, "faults": self._armed(number)})

    async def rotate_keys(self, request: Request) -> Response:
        """Let the channel sign with another key from now on; answers what is public about it."""
        return self._done(request, self._world.channel.rotate_keys())

    async def panel(self, _: Request) -> Response:
        """Return the fault panel: every trade with its callbacks, and forms to make things go wrong."""
        world = self._world
        return page(
            world.channel,
            "panel.html",
            trades=all_views(world),
            sums=sums(world),
            calls=world.calls.view(),
            rows=list(world.faults.rows.values()),
            targets=(NEXT_TRADE, EVERY_TRADE),
            armed={NEXT_TRADE: self._armed(NEXT_TRADE), EVERY_TRADE: self._armed(EVERY_TRADE)},
            now=rfc3339_text(world.clock.now()),
            yuan_of=yuan_of,
        )

    def _armed(self, number: str) -> list[dict[str, object]]:
        return [armed.view() for armed in self._world.faults.of(number)]

    def _trade(self, request: Request) -> Trade:
        try:
            return self._world.ledger.find(request.path_params["number"])
        except Refusal as refusal:
            raise HTTPException(404, refusal.reason.value) from refusal

    def _view(self, number: str) -> dict[str, object]:
        try:
            return view(self._world, number)
        except Refusal as refusal:
            raise HTTPException(404, refusal.reason.value) from refusal

    def _done(self, request: Request, answer: Mapping[str, object]) -> Response:
        """JSON for programs; a form of the panel goes back to the panel."""
        if "text/html" in request.headers.get("accept", ""):
            return RedirectResponse("/sandbox", status_code=303)
        return JSONResponse(dict(answer))
