"""One whole payment with `sam local start-api` in the door's place: order, cashier, channel, callback, notification."""

import time
from collections.abc import Mapping
from typing import Any

import httpx

from sandbox.demo import pay_an_order
from sandbox.onlooker import Addresses, NotSeenError, Story, World
from sandbox.simulator.description import simulators


def whole_payment(address: str, description: Mapping[str, Any]) -> dict[str, list[str]]:
    """Pay an order through this address; returns what was not seen."""
    story = Story()
    addresses = Addresses(
        door=address,
        shop=description["shop"],
        channels={about.name: description[about.name] for about in simulators()},
        rate=description["clock_rate"],
    )
    # The first request of each function waits for its container.
    with httpx.Client(timeout=60, trust_env=False) as client:
        try:
            pay_an_order(story, World(addresses, client), f"LOCAL-{int(time.time()):x}")
        except NotSeenError:
            pass
        except (httpx.HTTPError, KeyError, ValueError) as error:
            story.missing.append(f"{type(error).__name__}: {error}")
            print(f"  ✗ {story.missing[-1]}")
    return {"a whole payment": story.missing}
