"""The demo shop as an ASGI application."""

import tomllib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.business_clock import BusinessClock, rfc3339_text
from sandbox.shop.counter import Counter
from sandbox.shop.hooks import Hooks
from sandbox.shop.inbox import Inbox
from sandbox.shop.lines import LINES
from sandbox.shop.paycenter_api import API_LIMIT_SECONDS, PayCenterApi


def read_secrets(path: Path) -> dict[str, list[str]]:
    """Return the webhook secrets of both lines from the sandbox's configuration file.

    Raises OSError or ValueError (also for TOML that is none) when the file does not have them.
    """
    lines = tomllib.loads(path.read_text("utf-8")).get("lines", {})
    secrets = {
        line: [source["text"] for source in lines.get(line, {}).get("webhook_secrets", [])]
        for line in LINES
    }
    missing = [line for line, found in secrets.items() if not found]
    if missing:
        raise ValueError(f"{path} has no webhook secret of {', '.join(missing)}")
    return secrets


def build_app(
    clock: BusinessClock,
    api_url: str,
    secrets: Mapping[str, Sequence[str]],
    client: httpx.AsyncClient | None = None,
) -> Starlette:
    """Return the shop: counter, hooks and inbox, over the PayCenter at ``api_url``."""
    client = client or httpx.AsyncClient(timeout=API_LIMIT_SECONDS, trust_env=False)
    inbox = Inbox()

    async def health(_: Request) -> Response:
        return JSONResponse({"program": "shop", "now": rfc3339_text(clock.now())})

    routes = [
        *Counter(clock, PayCenterApi(api_url.rstrip("/"), client), inbox).routes(),
        *Hooks(clock, clock.rate, secrets, inbox).routes(),
        Route("/health", health, methods=["GET"]),
    ]
    return Starlette(routes=routes, lifespan=_closing(client))


def _closing(
    client: httpx.AsyncClient,
) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await client.aclose()

    return lifespan
