"""``POST /hooks/{line}``: where PayCenter's notifications arrive; and the inbox that shows them."""

import asyncio
from collections.abc import Mapping, Sequence

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from sandbox.business_clock import Clock, rfc3339_text
from sandbox.forms import read_body, read_fields, whole_number
from sandbox.shop.inbox import Behaviour, Inbox, Message, parsed
from sandbox.shop.lines import LINES
from sandbox.shop.pages import PAGE_HEADERS, render
from sandbox.shop.verification import why_not

UNVERIFIED = 401
LONGEST_DELAY_SECONDS = 120
SHOWN_LIMIT = 100


class Hooks:
    """Receives, verifies, records and answers."""

    def __init__(
        self, clock: Clock, rate: float, secrets: Mapping[str, Sequence[str]], inbox: Inbox
    ) -> None:
        self._clock = clock
        self._rate = rate
        self._secrets = secrets
        self._inbox = inbox

    def routes(self) -> list[Route]:
        """Return the routes of hooks and inbox."""
        return [
            Route("/hooks/{line}", self.receive, methods=["POST"]),
            Route("/inbox", self.page, methods=["GET"]),
            Route("/inbox.json", self.messages, methods=["GET"]),
            Route("/inbox/behaviour", self.behaviour, methods=["POST"]),
        ]

    async def receive(self, request: Request) -> Response:
        """Answer 204 to a verified notification unless told to misbehave, 401 to any other."""
        line = _known(request.path_params["line"])
        body, headers, now = await read_body(request), request.headers, self._clock.now()
        reason = why_not(self._secrets[line], headers, body, now, self._rate)
        answer = Behaviour(UNVERIFIED) if reason else self._inbox.next_answer(line)
        webhook_id = headers.get("webhook-id", "")
        self._inbox.add(
            Message(
                line=line,
                webhook_id=webhook_id,
                webhook_timestamp=headers.get("webhook-timestamp", ""),
                verified=not reason,
                reason=reason,
                body=parsed(body),
                received_at=rfc3339_text(now),
                attempt=self._inbox.count(line, webhook_id),
                answered=answer.status,
            )
        )
        await asyncio.sleep(answer.delay_seconds)
        return Response(status_code=answer.status, headers=answer.headers)

    async def messages(self, request: Request) -> Response:
        """Return the messages as JSON, oldest first; ``line`` and ``order`` narrow them."""
        query = request.query_params
        found = self._inbox.find(query.get("line", ""), query.get("order", ""))
        return JSONResponse({"messages": [message.view() for message in found]})

    async def page(self, _: Request) -> Response:
        """Show the newest messages to people."""
        newest = self._inbox.find()[::-1][:SHOWN_LIMIT]
        page = render(
            "inbox.html", messages=newest, lines=LINES, now=rfc3339_text(self._clock.now())
        )
        return HTMLResponse(page, headers=PAGE_HEADERS)

    async def behaviour(self, request: Request) -> Response:
        """Misbehave: ``line``, ``status``, ``times`` and, as JSON, ``delay_seconds`` and ``headers``."""
        fields = await read_fields(request)
        line = _known(fields.get("line"))
        status, times = whole_number(fields, "status") or 204, whole_number(fields, "times")
        delay = min(whole_number(fields, "delay_seconds") or 0, LONGEST_DELAY_SECONDS)
        if not 200 <= status <= 599:  # noqa: PLR2004 - the range of final status codes
            raise HTTPException(400, "status must be 200 to 599")
        given = fields.get("headers")
        headers = {str(k): str(v) for k, v in given.items()} if isinstance(given, dict) else {}
        self._inbox.behave(line, Behaviour(status, 1 if times is None else times, delay, headers))
        if "text/html" in request.headers.get("accept", ""):
            return RedirectResponse("/inbox", status_code=303)
        return Response(status_code=204)


def _known(line: object) -> str:
    if not isinstance(line, str) or line not in LINES:
        raise HTTPException(404, "no such business line")
    return line
