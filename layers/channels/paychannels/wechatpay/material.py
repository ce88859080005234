"""Fetches WeChat's platform certificates for accounts in certificate mode; public keys never change and are configured."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from paycenter.ports.channel import Account, Material, MaterialAnswer, Outcome
from paycenter.ports.clock import Clock
from paycenter.ports.transport import HttpResponse, Transport
from paychannels.flow import Reply
from paychannels.wechatpay import (
    answers,
    certificates,
    ciphers,
    documents,
    moments,
    verification,
    wire,
)
from paychannels.wechatpay.gateway import Gateway
from paychannels.wechatpay.manifest import WITH_CERTIFICATES

_OK: Final = 200
# One is in use, two for the days of a change.
_MAXIMUM_CERTIFICATES: Final = 10


def strategy(transport: Transport, clock: Clock) -> Material:
    """Return the download of the platform certificates."""
    return PlatformCertificates(Gateway(transport, clock))


@dataclass(frozen=True, slots=True)
class PlatformCertificates:
    """The list of certificates that WeChat signs with, now and after the next change."""

    gateway: Gateway

    def needed(self, account: Account) -> bool:
        """Tell whether WeChat may sign with certificates for this account."""
        return account.settings["mode"] in WITH_CERTIFICATES

    def execute(self, account: Account) -> MaterialAnswer:
        """Fetch the list; where DONE it is whole, and what it no longer has is no longer trusted."""
        response = self.gateway.ask(account, "GET", account.settings["gateway"] + wire.CERTIFICATES)
        if isinstance(response, Reply):
            return MaterialAnswer(outcome=response.outcome, code=response.code)
        now, configured = self.gateway.clock.now(), verification.known_keys(account)
        if response.status != _OK:
            reply = answers.read(response, configured, now)
            return MaterialAnswer(outcome=reply.outcome, code=reply.code)
        try:
            listed = accepted(response, account.secrets["apiv3_key"], configured, now)
        except (ValueError, verification.Unverified):
            return MaterialAnswer(outcome=Outcome.UNKNOWN, code="unverified")
        return MaterialAnswer(outcome=Outcome.DONE, material=listed)


def accepted(
    response: HttpResponse, apiv3_key: str, configured: Mapping[str, str], now: int
) -> dict[str, str]:
    """Return the certificates of a download, PEM by serial number; raises ValueError or Unverified.

    The first trust comes from the APIv3 key alone: what opens under it was sealed by WeChat, and one of the
    certificates in the list, or the configured public key, must then verify the answer. Expired ones are left out.
    """
    listed = _valid(documents.read_object(response.body), apiv3_key, now)
    public_keys = {name: key for name, key in configured.items() if name.startswith("PUB_KEY_ID_")}
    verification.verify(response.headers, response.body, {**public_keys, **listed}, now)
    if not listed:
        raise ValueError("no certificate is valid")
    return listed


def _valid(fields: Mapping[str, object], apiv3_key: str, now: int) -> dict[str, str]:
    items = fields.get("data")
    if not isinstance(items, list) or len(items) > _MAXIMUM_CERTIFICATES:
        raise ValueError("not a list of certificates")
    opened = [_opened(item, apiv3_key) for item in items]
    return {serial: pem for serial, pem, valid_until in opened if valid_until >= now}


def _opened(item: object, apiv3_key: str) -> tuple[str, str, int]:
    if not isinstance(item, dict):
        raise ValueError("not a certificate")  # noqa: TRY004 - a wrong answer, not a wrong argument
    pem = ciphers.open_resource(apiv3_key, documents.part(item, "encrypt_certificate")).decode()
    serial = documents.text(item, "serial_no")
    certificate = certificates.read(pem)
    if not certificate.is_named(serial):
        raise ValueError("a certificate under another's serial number")
    # WeChat may end a certificate earlier than the certificate says.
    stated = moments.first(documents.text(item, "expire_time"))
    ends = certificate.valid_until if stated is None else min(stated, certificate.valid_until)
    return serial, pem, ends
