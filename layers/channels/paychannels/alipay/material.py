"""Fetches the certificate that Alipay has begun to sign with, in certificate mode: alipay.open.app.alipaycert.download.

Every answer names the certificate that it is signed with. One that is not known yet is fetched by that name, and
believed only where it leads to the account's root certificates, was issued to the same name as the configured one, and
has signed the very answer that brought it.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from paycenter.ports.channel import Account, Material, MaterialAnswer, Outcome
from paycenter.ports.clock import Clock
from paycenter.ports.transport import HttpResponse, NoAnswer, NotSent, Transport
from paychannels.alipay import answers, calls, certificates, credentials, replies, wire
from paychannels.alipay.calls import Call

# Certificates live for years: this many rotations are more than a version of an account sees.
_MAXIMUM_KEPT: Final = 4
_METHOD: Final = calls.DOWNLOAD_CERTIFICATE


def strategy(transport: Transport, clock: Clock) -> Material:
    """Return how Alipay's certificates are fetched."""
    return AlipayCertificates(transport, clock)


@dataclass(frozen=True, slots=True)
class AlipayCertificates:
    """The certificates of one account, by their serials."""

    transport: Transport
    clock: Clock

    def needed(self, account: Account) -> bool:
        """Tell whether the account is in certificate mode."""
        return credentials.by_certificate(account)

    def execute(self, account: Account) -> MaterialAnswer:
        """Ask which certificate signs now, and fetch it where it is new; safe to repeat."""
        configured = certificates.serial(account.settings["alipay_certificate"])
        try:
            serial = _named(self._ask(account, configured))
            if not serial:
                return _failed("unreadable_answer")
            if credentials.platform_key(account, serial) is not None:
                return MaterialAnswer(outcome=Outcome.DONE, material=account.material)
            return _kept(account, serial, self._ask(account, serial))
        except NotSent:
            return MaterialAnswer(outcome=Outcome.NOT_EXECUTED, code="not_sent")
        except NoAnswer:
            return _failed("no_answer")

    def _ask(self, account: Account, serial: str) -> HttpResponse:
        # Always as v2, whose answers hold all that is needed to believe them.
        return self.transport.send(wire.request(account, _call(serial), self.clock.now()))


def _call(serial: str) -> Call:
    return Call(method=_METHOD, content={"alipay_cert_sn": serial})


def _named(response: HttpResponse) -> str:
    try:
        return answers.cut(response.body, _METHOD).serial
    except (ValueError, RecursionError):
        return ""


def _kept(account: Account, serial: str, response: HttpResponse) -> MaterialAnswer:
    try:
        claimed = wire.claimed(account, _call(serial), response)
        content = base64.b64decode(replies.text(claimed, "alipay_cert_content"), validate=True)
        text = content.decode("ascii")
        believed = _trustworthy(account, serial, text)
    except (ValueError, RecursionError):
        return _failed("unreadable_certificate")
    extended = {**_newest(account.material, _MAXIMUM_KEPT - 1), serial: text}
    reply = wire.read(replace(account, material=extended), _call(serial), response)
    if not believed or reply.fields is None:
        return _failed("certificate_not_trusted")
    return MaterialAnswer(outcome=Outcome.DONE, material=extended)


def _newest(known: Mapping[str, str], count: int) -> dict[str, str]:
    # As stored, they have no order: their own beginnings have.
    begun = {name: certificates.read(text)[0].not_valid_before_utc for name, text in known.items()}
    return {name: known[name] for name in sorted(begun, key=begun.__getitem__)[-count:]}


def _trustworthy(account: Account, serial: str, text: str) -> bool:
    # Alipay's own roots vouch for merchants' certificates too: the name tells them apart.
    return (
        certificates.serial(text) == serial
        and certificates.same_subject(text, account.settings["alipay_certificate"])
        and certificates.chains(
            f"{text}\n{account.settings['alipay_certificate']}",
            account.settings["alipay_root_certificates"],
        )
    )


def _failed(code: str) -> MaterialAnswer:
    return MaterialAnswer(outcome=Outcome.UNKNOWN, code=code)
