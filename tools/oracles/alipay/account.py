"""Accounts as a merchant of Alipay has them, over the run's keys."""

from collections.abc import Mapping
from typing import Final

from paycenter.ports.channel import Account
from paychannels.registry import completed_settings
from tools.oracles import certificates
from tools.oracles.certificates import Issuer, Name
from tools.oracles.checks import Keys, Side
from tools.oracles.draw import Draw, Key
from tools.oracles.ours import ACCOUNT_ID

GATEWAY: Final = "https://gateway.example/gateway.do"
APP_ID: Final = "2021000000000042"
SELLER_ID: Final = "2088000000000042"
USUAL_NAME: Final[Name] = (
    ("C", "CN"),
    ("O", "Ant Financial"),
    ("OU", "Certification Authority"),
    ("CN", "Ant Financial Certification Authority Class 2 R1"),
)


def app_key(keys: Keys) -> Key:
    """Return the application's key pair, ours."""
    return keys.get("alipay.app")


def platform_key(keys: Keys) -> Key:
    """Return Alipay's key pair."""
    return keys.get("alipay.platform")


def stranger_key(keys: Keys) -> Key:
    """Return a key pair that nobody believes."""
    return keys.get("stranger")


def account(keys: Keys, aes_key: str = "", **settings: str) -> Account:
    """Return an account in key mode unless the settings say otherwise."""
    given = {"app_id": APP_ID, "seller_id": SELLER_ID, "gateway": GATEWAY, **settings}
    secrets = {"private_key": app_key(keys).private_pem}
    if "app_certificate" not in given:
        secrets["alipay_public_key"] = platform_key(keys).public_pem
    if aes_key:
        given, secrets = {**given, "encryption": "aes"}, {**secrets, "encryption_key": aes_key}
    whole = completed_settings("alipay", given)
    return Account(id=ACCOUNT_ID, channel="alipay", settings=whole, secrets=secrets)


def certified(side: Side, draw: Draw, name: Name = USUAL_NAME, blank: str = "\n") -> "Certified":
    """Return an account in certificate mode: two roots, one of them not of RSA, with `blank` lines between."""
    root = certificates.root(draw.under("root"), side.keys.get("alipay.root"), name)
    other = certificates.elliptic_root(draw.under("elliptic"), name)
    alipay = certificates.issued(
        draw.under("alipay"), root, platform_key(side.keys), [("C", "CN"), ("CN", "Alipay")]
    )
    own = certificates.issued(
        draw.under("app"), root, app_key(side.keys), [("C", "CN"), ("CN", APP_ID)]
    )
    second = certificates.root(draw.under("second"), side.keys.get("alipay.root"), name)
    bundle = blank.join([root.pem, other.pem, second.pem])
    return Certified(side.keys, own, alipay, bundle)


class Certified:
    """An account's certificates."""

    def __init__(self, keys: Keys, own: Issuer, alipay: Issuer, bundle: str) -> None:
        """Take them."""
        self.own, self.alipay, self.bundle = own.pem, alipay.pem, bundle
        self._keys = keys

    def account(self, aes_key: str = "", **settings: str) -> Account:
        """Return the account in certificate mode."""
        return account(
            self._keys,
            aes_key,
            sign_mode="certificate",
            app_certificate=self.own,
            alipay_certificate=self.alipay,
            alipay_root_certificates=self.bundle,
            **settings,
        )


def public(key: Key) -> Mapping[str, str]:
    """Return what an SDK that only verifies is given."""
    return {"spki": key.forms["spki"]}
