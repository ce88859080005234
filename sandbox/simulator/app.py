"""A simulator as an ASGI application."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from sandbox.simulator.control import Control
from sandbox.simulator.payer import Payer
from sandbox.simulator.world import World


def build_app(world: World) -> Starlette:
    """All routes over one world, the channel's own among them; while it runs, the agenda is carried out."""
    routes = [
        Route("/", _home),
        *Payer(world).routes(),
        *Control(world).routes(),
        *world.channel.routes(world),
    ]
    return Starlette(routes=routes, lifespan=_lifespan(world))


async def _home(_: Request) -> Response:
    return RedirectResponse("/sandbox")


def _lifespan(world: World) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        running = asyncio.create_task(world.agenda.run_forever())
        yield
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await world.client.aclose()

    return lifespan
