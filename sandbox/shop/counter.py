"""The shop's counter: choose, buy, come back from the cashier."""

import secrets
from collections import deque
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from sandbox.business_clock import Clock
from sandbox.forms import read_fields, whole_number
from sandbox.shop.inbox import Inbox
from sandbox.shop.lines import LINES, Goods, Line, beijing_day
from sandbox.shop.pages import PAGE_HEADERS, render
from sandbox.shop.paycenter_api import ApiProblem, PayCenterApi

DEFAULT_EXPIRY_SECONDS = 1_800
REMEMBERED_ORDERS = 20
# While the order may still change, the page looks again.
OPEN_STATES = ("CREATED", "PAYING")


@dataclass(frozen=True, slots=True)
class Sale:
    """One order that somebody made here, for the list on the home page."""

    line: Line
    goods: Goods
    out_order_no: str


class Counter:
    """The pages that a customer of the demo shop sees."""

    def __init__(self, clock: Clock, api: PayCenterApi, inbox: Inbox) -> None:
        self._clock = clock
        self._api = api
        self._inbox = inbox
        self._sales: deque[Sale] = deque(maxlen=REMEMBERED_ORDERS)

    def routes(self) -> list[Route]:
        """Return the routes of the counter."""
        return [
            Route("/", self.home, methods=["GET"]),
            Route("/lines/{line}/buy", self.buy, methods=["POST"]),
            Route("/lines/{line}/return/{number}", self.come_back, methods=["GET"]),
        ]

    async def home(self, _: Request) -> Response:
        """Show what both lines sell."""
        page = render("home.html", lines=LINES.values(), sales=list(self._sales)[::-1])
        return HTMLResponse(page, headers=PAGE_HEADERS)

    async def buy(self, request: Request) -> Response:
        """Create the order at PayCenter (``goods``, optional ``expires_in``) and go to its cashier."""
        line = _line_of(request)
        fields = await read_fields(request)
        goods = line.find(str(fields.get("goods")))
        if goods is None:
            raise HTTPException(400, "no such goods")
        day = beijing_day(self._clock.now())
        number = f"{line.id}-{day:%Y%m%d}-{secrets.token_hex(4)}"
        return_url = str(request.url_for("come_back", line=line.id, number=number))
        order = order_body(
            goods,
            number,
            return_url,
            information=goods.information(day),
            expires_in=whole_number(fields, "expires_in") or DEFAULT_EXPIRY_SECONDS,
        )
        try:
            answer = await self._api.create_order(line, order)
        except ApiProblem as problem:
            return _trouble(problem)
        self._sales.append(Sale(line, goods, number))
        return RedirectResponse(str(answer["cashier_url"]), status_code=303)

    async def come_back(self, request: Request) -> Response:
        """Show the order as PayCenter answers it: the browser's return itself proves nothing."""
        line, number = _line_of(request), request.path_params["number"]
        try:
            order = await self._api.find_order(line, number)
        except ApiProblem as problem:
            return _trouble(problem)
        page = render(
            "return.html",
            line=line,
            order=order,
            waiting=order.get("state") in OPEN_STATES,
            messages=self._inbox.find(line.id, number)[::-1],
        )
        return HTMLResponse(page, headers=PAGE_HEADERS)


def order_body(
    goods: Goods,
    number: str,
    return_url: str,
    *,
    information: list[tuple[str, str]],
    expires_in: int,
) -> dict[str, object]:
    """Return the body of ``POST /v1/orders`` for a sale; ``expires_in`` in seconds."""
    return {
        "out_order_no": number,
        "amount": goods.price_fen,
        "currency": "CNY",
        "subject": goods.subject,
        "expires_in": expires_in,
        "return_url": return_url,
        "information": [{"label": label, "value": value} for label, value in information],
    }


def _line_of(request: Request) -> Line:
    line = LINES.get(request.path_params["line"])
    if line is None:
        raise HTTPException(404, "no such business line")
    return line


def _trouble(problem: ApiProblem) -> Response:
    return HTMLResponse(render("trouble.html", problem=str(problem)), 502, PAGE_HEADERS)
