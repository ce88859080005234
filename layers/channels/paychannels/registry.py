"""The table of channels: adding one is one folder beside this file and one line here."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final, cast

from paycenter.ports.bills import Bills
from paycenter.ports.channel import (
    Callbacks,
    Close,
    Create,
    Material,
    PayerIdentification,
    Query,
    RefundCreate,
    RefundQuery,
)
from paycenter.ports.clock import Clock
from paycenter.ports.manifest import Manifest
from paycenter.ports.transport import Transport
from paychannels import accounts
from paychannels.registration import Operation, Registration

CHANNELS: Final[Mapping[str, str]] = {
    "alipay": "paychannels.alipay.registration:REGISTRATION",
    "wechatpay": "paychannels.wechatpay.registration:REGISTRATION",
    "unionpay": "paychannels.unionpay.registration:REGISTRATION",
}


@dataclass(frozen=True, slots=True)
class Registry:
    """Strategies by operation and channel, for `paycenter.ports.channel.Channels`.

    A part of a channel is imported when it is first asked for: who only shows manifests never loads cryptography.
    """

    transport: Transport
    clock: Clock

    def names(self) -> tuple[str, ...]:
        """Return the registered channels, without loading them."""
        return tuple(CHANNELS)

    def known(self, channel: str) -> bool:
        """Tell whether the channel is registered, without loading it."""
        return channel in CHANNELS

    def manifest(self, channel: str) -> Manifest:
        """Return what the channel can do; KeyError where it is not registered."""
        return manifest(channel)

    def create(self, channel: str) -> Create:
        """Return the channel's create; KeyError where it is not registered."""
        return cast("Create", self._caller(channel, Operation.CREATE))

    def query(self, channel: str) -> Query:
        """Return the channel's query; KeyError where it is not registered."""
        return cast("Query", self._caller(channel, Operation.QUERY))

    def close(self, channel: str) -> Close:
        """Return the channel's close; KeyError where it is not registered."""
        return cast("Close", self._caller(channel, Operation.CLOSE))

    def refund(self, channel: str) -> RefundCreate:
        """Return the channel's refund; KeyError where it is not registered."""
        return cast("RefundCreate", self._caller(channel, Operation.REFUND))

    def query_refund(self, channel: str) -> RefundQuery:
        """Return the channel's refund query; KeyError where it is not registered."""
        return cast("RefundQuery", self._caller(channel, Operation.QUERY_REFUND))

    def bills(self, channel: str) -> Bills:
        """Return the channel's bills; KeyError where it is not registered."""
        return cast("Bills", self._caller(channel, Operation.BILLS))

    def callbacks(self, channel: str) -> Callbacks:
        """Return the channel's callbacks; KeyError where it is not registered."""
        return cast("Callbacks", _part(channel, Operation.CALLBACKS)(self.clock))

    def identification(self, channel: str) -> PayerIdentification:
        """Return how the channel tells who the payer is; KeyError where no product of it needs that."""
        return cast("PayerIdentification", self._caller(channel, Operation.IDENTIFICATION))

    def material(self, channel: str) -> Material | None:
        """Return how the channel's public keys are fetched, or None where they never are."""
        if Operation.MATERIAL not in _registration(channel).parts:
            return None
        return cast("Material", self._caller(channel, Operation.MATERIAL))

    def _caller(self, channel: str, operation: Operation) -> Any:  # noqa: ANN401 - see _part
        return _part(channel, operation)(self.transport, self.clock)


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
    whole = accounts.completed(manifest(channel), settings)
    return cast("list[str]", check(whole, secrets, plain_http=plain_http))


def completed_settings(channel: str, settings: Mapping[str, str]) -> dict[str, str]:
    """Return an account's settings with the manifest's defaults filled in; KeyError where it is not registered."""
    return accounts.completed(manifest(channel), settings)


def _part(channel: str, operation: Operation) -> Any:  # noqa: ANN401 - what a name stands for is known to the caller
    return _named(_registration(channel).parts[operation])


def _registration(channel: str) -> Registration:
    return cast("Registration", _named(CHANNELS[channel]))


def _named(dotted: str) -> Any:  # noqa: ANN401 - see _part
    module, _, name = dotted.partition(":")
    return getattr(import_module(module), name)
