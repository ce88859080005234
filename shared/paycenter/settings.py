"""A function's environment, read once and late: importing anything never needs it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Self

from paycenter.domain.jobs import JobKind


class SettingsError(Exception):
    """The environment lacks a variable that this function needs, or has one that makes no sense."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The environment of one function; a variable that the template does not give it raises when it is used."""

    environment: Mapping[str, str]

    @classmethod
    def of_process(cls) -> Self:
        """Take a copy of the process's environment."""
        return cls(dict(os.environ))

    def text(self, name: str) -> str:
        """Return a variable that must be there and not empty."""
        value = self.environment.get(name, "")
        if not value:
            message = f"the environment variable {name} is missing or empty"
            raise SettingsError(message)
        return value

    def number(self, name: str, least: int) -> int:
        """Return a variable as an integer not below `least`."""
        text = self.text(name)
        if not (text.isascii() and text.isdigit()) or int(text) < least:
            message = f"the environment variable {name} is {text!r}, not a whole number of at least {least}"
            raise SettingsError(message)
        return int(text)

    @property
    def public_url(self) -> str:
        """Return the address under which payers, channels and business lines reach us, without a slash at the end."""
        return self.text("PUBLIC_URL").rstrip("/")

    @property
    def private_networks(self) -> str:
        """Return the private networks that notifications may go to; empty where none."""
        return self.environment.get("PRIVATE_NETWORKS", "")

    @property
    def queues(self) -> dict[JobKind, str]:
        """Return the addresses of those queues that the template gives this function."""
        return {
            kind: url
            for kind in JobKind
            if (url := self.environment.get(f"{kind.name}_QUEUE_URL", ""))
        }


@cache
def settings() -> Settings:
    """Return the container's settings."""
    return Settings.of_process()
