"""The table of channels: adding one is one folder beside this file and one line here."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final, cast

from paycenter.ports.channel import Callbacks, Close, Create, Manifest, Query, Transport
from paycenter.ports.clock import Clock
from paychannels import accounts
from paychannels.registration import Operation, Registration

CHANNELS: Final[Mapping[str, str]] = {
    "alipay": "paychannels.alipay.registration:REGISTRATION",
}


@dataclass(frozen=True, slots=True)
class Registry:
    """Strategies by operation and channel, for `paycenter.ports.channel.Channels`.

    A part of a channel is imported when it is first asked for: who only shows manifests never loads cryptography.
    """

    transport: Transport
    clock: Clock

    def known(self, channel: str) -> bool:
        """Tell whether the channel is registered, without loading it."""
        return channel in CHANNELS

    def manifest(self, channel: str) -> Manifest:
        """Return what the channel can do; KeyError where it is not registered."""
        return manifest(channel)

    def create(self, channel: str) -> Create:
        """Return the channel's create; KeyError where it is not registered."""
        return cast("Create", _part(channel, Operation.CREATE)(self.transport, self.clock))

    def query(self, channel: str) -> Query:
        """Return the channel's query; KeyError where it is not registered."""
        return cast("Query", _part(channel, Operation.QUERY)(self.transport, self.clock))

    def close(self, channel: str) -> Close:
        """Return the channel's close; KeyError where it is not registered."""
        return cast("Close", _part(channel, Operation.CLOSE)(self.transport, self.clock))

    def callbacks(self, channel: str) -> Callbacks:
        """Return the channel's callbacks; KeyError where it is not registered."""
        return cast("Callbacks", _part(channel, Operation.CALLBACKS)())


def manifest(channel: str) -> Manifest:
    """Return what a channel can do; KeyError where it is not registered."""
    return cast("Manifest", _part(channel, Operation.MANIFEST))


def check_account(
    channel: str,
    settings: Mapping[str, str],
    secrets: Mapping[str, str],
    *,
    plain_http: bool = False,
) -> list[str]:
    """Say what is wrong with an account before it is saved; empty means usable.

    Validates keys thoroughly, which is slow: for configuration only. `plain_http` allows a gateway without TLS.
    The sentences never hold a secret. KeyError where the channel is not registered.
    """
    problems = accounts.field_problems(manifest(channel), settings, secrets)
    if problems:
        return problems
    check = _part(channel, Operation.CHECK_ACCOUNT)
    return cast("list[str]", check(settings, secrets, plain_http=plain_http))


def _part(channel: str, operation: Operation) -> Any:  # noqa: ANN401 - what a name stands for is known to the caller
    registration: Registration = _named(CHANNELS[channel])
    return _named(registration.parts[operation])


def _named(dotted: str) -> Any:  # noqa: ANN401 - see _part
    module, _, name = dotted.partition(":")
    return getattr(import_module(module), name)
