"""The simulated Alipay as an ASGI application."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from sandbox.alipay.control import Control
from sandbox.alipay.gateway import Gateway
from sandbox.alipay.payer import Payer
from sandbox.alipay.world import World


def build_app(world: World) -> Starlette:
    """All routes over one world; while it runs, the agenda is carried out."""
    payer = Payer(world)
    gateway = Gateway(world, payer)

    async def gateway_do(request: Request) -> Response:
        return await gateway(request)

    async def home(_: Request) -> Response:
        return RedirectResponse("/sandbox")

    routes = [
        Route("/", home),
        Route("/gateway.do", gateway_do, methods=["GET", "POST"]),
        Route("/pay/{token}", payer.page, methods=["GET", "POST"]),
        Route("/qr/{token}", payer.qr, methods=["GET", "POST"]),
        *Control(world, gateway.calls).routes(),
    ]
    return Starlette(routes=routes, lifespan=_lifespan(world))


def _lifespan(world: World) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        running = asyncio.create_task(world.agenda.run_forever())
        yield
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await world.client.aclose()

    return lifespan
