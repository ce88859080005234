"""What the payer sees: the channel's own cashier behind a payment's page and behind a QR code."""

from secrets import compare_digest

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from sandbox.business_clock import beijing_text
from sandbox.forms import read_fields
from sandbox.simulator.channel import WayBack
from sandbox.simulator.money import yuan_of
from sandbox.simulator.pages import page, refused
from sandbox.simulator.refusals import Reason, Refusal
from sandbox.simulator.trades import State, Trade
from sandbox.simulator.world import World

PASSWORD = "123456"  # noqa: S105 - the sandbox's payer has no secrets; the page itself shows it


def page_path(trade: Trade) -> str:
    """Return where the payer pays a trade."""
    return f"/pay/{trade.token}"


def to_page(trade: Trade) -> Response:
    """Send a browser to the trade's page, dropping signed parameters from its address."""
    return RedirectResponse(page_path(trade), status_code=302)


class Payer:
    """The payer's pages; a payment happens here and nowhere else, except by a fault."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[Route]:
        """Return ``/pay`` and ``/qr``."""
        return [
            Route("/pay/{token}", self.page, methods=["GET", "POST"]),
            Route("/qr/{token}", self.qr, methods=["GET", "POST"]),
        ]

    async def page(self, request: Request) -> Response:
        """GET and POST ``/pay/{token}``: show the trade; with the right ``password`` pay it."""
        return await self._serve(request, self._world.ledger.by_token(request.path_params["token"]))

    async def qr(self, request: Request) -> Response:
        """GET and POST ``/qr/{token}``: opening a code creates its trade, then as above."""
        try:
            trade = self._world.ledger.scan(request.path_params["token"])
        except Refusal as refusal:
            return refused(self._world.channel, *self._world.channel.explain(refusal.reason))
        return await self._serve(request, trade)

    async def _serve(self, request: Request, trade: Trade | None) -> Response:
        if trade is None:
            channel = self._world.channel
            return refused(channel, *channel.explain(Reason.UNKNOWN), 404)
        if request.method != "POST" or trade.state is not State.WAITING:
            return self._show(request, trade)
        password = (await read_fields(request)).get("password")
        if not isinstance(password, str) or not _is_password(password):
            return self._show(request, trade, "wrong-password")
        if self._world.faults.refuses_payer(trade.number):
            trade.failed_attempts += 1
            return self._show(request, trade, "bank-refused")
        return self._pay(request, trade)

    def _pay(self, request: Request, trade: Trade) -> Response:
        try:
            self._world.ledger.pay(trade)
        except Refusal:
            # The deadline came while the password was typed; the page says what the trade is now.
            return self._show(request, trade)
        way_back = self._way_back(request, trade)
        if way_back is None:
            return RedirectResponse(str(request.url), status_code=303)
        if way_back.fields:
            return page(self._world.channel, "leave.html", way_back=way_back)
        return RedirectResponse(way_back.address, status_code=303)

    def _show(self, request: Request, trade: Trade, problem: str = "") -> Response:
        order = trade.order
        back = self._way_back(request, trade) if trade.paid_fen else None
        return page(
            self._world.channel,
            "pay.html",
            403 if problem else 200,
            merchant=self._world.channel.merchant_name(),
            order=order,
            amount=yuan_of(order.amount_fen),
            deadline=beijing_text(order.expires_at),
            state=trade.state.value,
            problem=problem,
            password=PASSWORD,
            way_back=back or WayBack("" if trade.paid_fen else order.leave_url),
        )

    def _way_back(self, request: Request, trade: Trade) -> WayBack | None:
        return self._world.channel.way_back(trade, self._world.clock.now(), request)


def _is_password(text: str) -> bool:
    return compare_digest(text.encode(), PASSWORD.encode())
