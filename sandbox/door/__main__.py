"""`python -m sandbox.door --endpoint URL`: serve the deployed stack's HTTP API until told to stop."""

import argparse
import asyncio
import socket
import sys
from contextlib import suppress

import httpx
import uvicorn

from sandbox.deploy import describe
from sandbox.door.app import Door
from sandbox.door.invoke import Lambda
from sandbox.door.routes import read_routes
from sandbox.emulator import LOOPBACK


class _Server(uvicorn.Server):
    """Says when it listens, and not before."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            print(f"Front door: http://{self.config.host}:{self.config.port}", flush=True)


async def serve(endpoint: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT."""
    stack = describe(endpoint)
    routes = read_routes(stack.template, stack.physical_ids)
    # Time limits are the routes' own; the client waits as long as they do.
    async with httpx.AsyncClient(
        timeout=httpx.Timeout(None), limits=httpx.Limits(max_connections=None), trust_env=False
    ) as client:
        server = _Server(
            uvicorn.Config(
                Door(routes, Lambda(client, endpoint)),
                host=LOOPBACK,
                port=port,
                # A client's own X-Forwarded-For must not become the source address.
                proxy_headers=False,
                server_header=False,
                log_level="warning",
                timeout_graceful_shutdown=1,
            )
        )
        await server.serve()


def main() -> int:
    """Command line entry."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.door", description=__doc__)
    parser.add_argument("--endpoint", required=True, help="the emulator")
    parser.add_argument("--port", type=int, default=8080)
    flags = parser.parse_args()
    with suppress(KeyboardInterrupt):
        asyncio.run(serve(flags.endpoint, flags.port))
    return 0


if __name__ == "__main__":
    sys.exit(main())
