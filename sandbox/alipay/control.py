"""The sandbox's control interface: what happened at the channel, and which faults shall happen."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from sandbox.alipay.errors import BusinessRefusal
from sandbox.alipay.faults import KINDS, NEXT_TRADE
from sandbox.alipay.gateway import Calls
from sandbox.alipay.money import yuan_of
from sandbox.alipay.pages import PAGE_HEADERS, render
from sandbox.alipay.trades import Trade
from sandbox.alipay.views import all_views, view
from sandbox.alipay.world import World
from sandbox.business_clock import rfc3339_text
from sandbox.forms import read_fields, whole_number


class Control:
    """Routes under ``/sandbox``; JSON for programs, and the same through forms on one page for people."""

    def __init__(self, world: World, calls: Calls) -> None:
        self._world = world
        self._calls = calls

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
        ]

    async def health(self, _: Request) -> Response:
        """Ready, and what time the channel thinks it is."""
        return JSONResponse({"program": "alipay", "now": rfc3339_text(self._world.clock.now())})

    async def ledger(self, _: Request) -> Response:
        """Return the sums of the books, in fen."""
        return JSONResponse(self._world.ledger.sums())

    async def calls(self, _: Request) -> Response:
        """How often each method was called, in all and per trade, and what was refused at the door."""
        calls = self._calls
        by_trade = {number: dict(counts) for number, counts in calls.by_trade.items()}
        return JSONResponse(
            {"counts": dict(calls.by_method), "by_trade": by_trade, "refused": dict(calls.refused)}
        )

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
        except BusinessRefusal as refusal:
            raise HTTPException(409, refusal.name) from refusal
        return self._done(request, self._view(trade.number))

    async def odd_callback(self, request: Request) -> Response:
        """Send one notice with a fault in it, at once and whatever the trade's state; answers what came back."""
        trade = self._trade(request)
        fields = await read_fields(request)
        try:
            notice = await self._world.callbacks.send_odd(trade, str(fields.get("fault")))
        except KeyError as error:
            raise HTTPException(
                400, f"no such fault of callbacks: {fields.get('fault')}"
            ) from error
        return self._done(request, notice.view())

    async def faults(self, _: Request) -> Response:
        """Return the faults there are, and those armed for the next trade."""
        kinds = [
            {"fault": kind.name, "zh": kind.zh, "en": kind.en, "times": kind.times}
            for kind in KINDS.values()
        ]
        return JSONResponse(
            {"faults": kinds, "next": [armed.view() for armed in self._world.faults.of(NEXT_TRADE)]}
        )

    async def arm(self, request: Request) -> Response:
        """Arm ``fault`` for ``out_trade_no`` (or ``*next*``); ``times`` 0 is for ever; fault ``clear`` disarms all."""
        fields = await read_fields(request)
        number, name = fields.get("out_trade_no"), str(fields.get("fault"))
        if not isinstance(number, str) or not number or (name not in KINDS and name != "clear"):
            raise HTTPException(400, "out_trade_no and a known fault are required")
        if name == "clear":
            self._world.faults.clear(number)
        else:
            self._world.faults.arm(
                number, name, whole_number(fields, "times"), str(fields.get("method") or "")
            )
        armed = [fault.view() for fault in self._world.faults.of(number)]
        return self._done(request, {"out_trade_no": number, "faults": armed})

    async def panel(self, _: Request) -> Response:
        """Return the fault panel: every trade with its callbacks, and forms to make things go wrong."""
        page = render(
            "panel.html",
            trades=all_views(self._world),
            sums=self._world.ledger.sums(),
            calls=dict(self._calls.by_method),
            refused=dict(self._calls.refused),
            kinds=list(KINDS.values()),
            next_trade=NEXT_TRADE,
            armed=[armed.view() for armed in self._world.faults.of(NEXT_TRADE)],
            now=rfc3339_text(self._world.clock.now()),
            yuan_of=yuan_of,
        )
        return HTMLResponse(page, headers=PAGE_HEADERS)

    def _trade(self, request: Request) -> Trade:
        try:
            return self._world.ledger.find(request.path_params["number"])
        except BusinessRefusal as refusal:
            raise HTTPException(404, refusal.name) from refusal

    def _view(self, number: str) -> dict[str, object]:
        try:
            return view(self._world, number)
        except BusinessRefusal as refusal:
            raise HTTPException(404, refusal.name) from refusal

    def _done(self, request: Request, answer: dict[str, object]) -> Response:
        """JSON for programs; a form of the panel goes back to the panel."""
        if "text/html" in request.headers.get("accept", ""):
            return RedirectResponse("/sandbox", status_code=303)
        return JSONResponse(answer)
