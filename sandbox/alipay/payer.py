"""What the payer sees: the cashier behind a page or wap payment and behind a QR code (sections 5.1 and 5.2)."""

from secrets import compare_digest

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from sandbox.alipay.errors import BusinessRefusal
from sandbox.alipay.money import yuan_of
from sandbox.alipay.pages import PAGE_HEADERS, render
from sandbox.alipay.trades import Status, Trade
from sandbox.alipay.world import World
from sandbox.business_clock import beijing_text
from sandbox.forms import read_fields

PASSWORD = "123456"  # noqa: S105 - the sandbox's payer has no secrets; the page itself shows it


class Payer:
    """The payer's pages; a payment happens here and nowhere else, except by a fault."""

    def __init__(self, world: World) -> None:
        self._world = world

    def to_page(self, trade: Trade) -> Response:
        """Send the browser from the gateway to the trade's page, dropping the signed parameters from its address."""
        return RedirectResponse(f"/pay/{trade.token}", status_code=302)

    async def page(self, request: Request) -> Response:
        """GET and POST ``/pay/{token}``: show the trade; with the right ``password`` pay it."""
        trade = self._world.ledger.by_token(request.path_params["token"])
        if trade is None:
            return self.refusal_page(BusinessRefusal("TRADE_NOT_EXIST"), 404)
        return await self._serve(request, trade)

    async def qr(self, request: Request) -> Response:
        """GET and POST ``/qr/{token}``: opening a code creates its trade, then as above."""
        try:
            trade = self._world.ledger.scan(request.path_params["token"])
        except BusinessRefusal as refusal:
            return self.refusal_page(refusal)
        if trade is None:
            return self.refusal_page(BusinessRefusal("TRADE_NOT_EXIST"), 404)
        return await self._serve(request, trade)

    def refusal_page(self, refusal: BusinessRefusal, status: int = 400) -> Response:
        """Why nothing can be paid here, with the documented code for whoever debugs it."""
        return HTMLResponse(render("refused.html", refusal=refusal.fields), status, PAGE_HEADERS)

    async def _serve(self, request: Request, trade: Trade) -> Response:
        if request.method != "POST" or trade.status is not Status.WAIT_BUYER_PAY:
            return self._show(trade)
        password = (await read_fields(request)).get("password")
        if not isinstance(password, str) or not compare_digest(
            password.encode(), PASSWORD.encode()
        ):
            return self._show(trade, wrong_password=True)
        try:
            self._world.ledger.pay(trade)
        except BusinessRefusal:
            # The deadline came while the password was typed; the page says what the trade is now.
            return self._show(trade)
        return RedirectResponse(self._way_back(trade) or request.url.path, status_code=303)

    def _show(self, trade: Trade, *, wrong_password: bool = False) -> Response:
        content = trade.content
        # A closed trade that was paid is a refunded one: the payer has paid, whatever became of it.
        state = "paid" if trade.paid_fen else trade.status.value
        page = render(
            "pay.html",
            merchant=self._world.merchant.name,
            trade=trade,
            amount=yuan_of(content.fen),
            deadline=beijing_text(content.expires_at),
            state=state,
            wrong_password=wrong_password,
            password=PASSWORD,
            way_back=self._way_back(trade) if trade.paid_fen else content.quit_url,
        )
        return HTMLResponse(page, 403 if wrong_password else 200, PAGE_HEADERS)

    def _way_back(self, trade: Trade) -> str:
        if not trade.return_url:
            return ""
        return self._world.signatory.return_address(trade, self._world.clock.now())
