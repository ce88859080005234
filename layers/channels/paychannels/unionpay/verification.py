"""Decides whether a message is UnionPay's. Method and version are the account's, never the message's."""

import hmac
from collections.abc import Callable, Iterator, Mapping

from paycenter.ports.channel import Account
from paychannels import rsa
from paychannels.unionpay import signing
from paychannels.unionpay.certificates import Anchors, Untrusted, signer
from paychannels.unionpay.manifest import TEST


class NotVerified(Exception):
    """A message that is not to be believed; the reason is for the log."""


def verify(fields: Mapping[str, str], account: Account, now: int) -> None:
    """Raise NotVerified unless UnionPay signed these fields; `now` in seconds since 1970 UTC."""
    if fields.get("signMethod") != account.settings["sign_method"]:
        raise NotVerified("signMethod is not the account's")
    if fields.get("version") != signing.VERSION:
        raise NotVerified("version is not 5.1.0")
    if not fields.get("signature"):
        raise NotVerified("no signature")
    holds = _check(fields, account, now)
    if not any(holds(text) for text in _texts(fields)):
        raise NotVerified("signature does not hold")


def _check(fields: Mapping[str, str], account: Account, now: int) -> Callable[[str], bool]:
    signature, method = fields["signature"], account.settings["sign_method"]
    if method != signing.CERTIFICATE:
        key = account.secrets["secure_key"]
        return lambda text: hmac.compare_digest(
            signing.keyed(text, method, key).encode(), signature.encode()
        )
    public_key = _public_key(fields.get("signPubKeyCert", ""), account.settings, now)
    return lambda text: rsa.verify(public_key, signing.digest(text), signature)


def _public_key(pem: str, settings: Mapping[str, str], now: int) -> str:
    anchors = Anchors(
        middle=settings["middle_certificate"],
        root=settings["root_certificate"],
        test=settings["environment"] == TEST,
    )
    try:
        who = signer(pem, anchors)
    except Untrusted as reason:
        raise NotVerified(str(reason)) from None
    if not who.valid_from <= now <= who.valid_until:
        raise NotVerified("the certificate is not valid now")
    return who.public_key


def _texts(fields: Mapping[str, str]) -> Iterator[str]:
    # UnionPay leaves empty values out of what it signs; its own SDK would keep them. Either spells the same fields.
    yield signing.text({name: value for name, value in fields.items() if value})
    yield signing.text(fields)
