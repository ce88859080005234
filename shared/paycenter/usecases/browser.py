"""What a browser calls itself, and what follows: which kind of device it is to a channel, and its system."""

import re
from typing import Final

from paycenter.ports.manifest import DESKTOP, OWN_APP, PHONE, Manifest

_PHONE: Final = re.compile(r"Mobile|Android|iPhone|iPod|HarmonyOS", re.ASCII)
_SYSTEMS: Final = (
    ("ios", re.compile(r"iPhone|iPad|iPod", re.ASCII)),
    ("android", re.compile(r"Android", re.ASCII)),
)


def device_in(agent: str, manifest: Manifest) -> str:
    """Return the kind of device that the browser with this User-Agent is to a channel.

    The browser inside the channel's own app is `own_app` to that channel, and a phone or a desktop to every other one.
    """
    if manifest.own_browser and re.search(manifest.own_browser, agent):
        return OWN_APP
    return PHONE if _PHONE.search(agent) else DESKTOP


def system_of(agent: str) -> str:
    """Return `ios`, `android` or nothing for a User-Agent."""
    return next((name for name, pattern in _SYSTEMS if pattern.search(agent)), "")
