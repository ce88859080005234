"""Accounts as a merchant of WeChat Pay has them, over the run's keys, and WeChat's own signature."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from paycenter.ports.channel import Account
from paychannels.registry import completed_settings
from tools.oracles import certificates
from tools.oracles.checks import Keys, Side
from tools.oracles.draw import Draw, Key
from tools.oracles.ours import ACCOUNT_ID

GATEWAY: Final = "https://gateway.example"
MCHID: Final = "1900000042"
APPID: Final = "wx0000000000000042"
MERCHANT_SERIAL: Final = "4200000000000000000000000000000000000042"
PUBLIC_KEY_ID: Final = "PUB_KEY_ID_0142000000000042"
APIV3_KEY: Final = "0123456789abcdefghijklmnopqrstuv"
_KEY_NAMES: Final = {"merchant": "wechatpay.merchant", "platform": "wechatpay.platform"}


@dataclass(frozen=True, slots=True)
class World:
    """An account, whose key signs towards it, under which id, and what an SDK is told of that."""

    account: Account
    platform: Key
    serial: str
    known: Mapping[str, Mapping[str, str]]


def merchant_key(keys: Keys) -> Key:
    """Return the merchant's key pair, ours."""
    return keys.get(_KEY_NAMES["merchant"])


def platform_key(keys: Keys) -> Key:
    """Return WeChat's key pair."""
    return keys.get(_KEY_NAMES["platform"])


def by_key(keys: Keys) -> World:
    """Return the public-key mode."""
    platform = platform_key(keys)
    account = _account(
        keys, {}, mode="public_key", public_key_id=PUBLIC_KEY_ID, public_key=platform.public_pem
    )
    return World(
        account, platform, PUBLIC_KEY_ID, {PUBLIC_KEY_ID: {"spki": platform.forms["spki"]}}
    )


def by_certificate(keys: Keys, draw: Draw) -> World:
    """Return the certificate mode, its certificate already fetched."""
    platform = keys.get(_KEY_NAMES["platform"])
    serial, pem = platform_certificate(keys, draw)
    account = _account(keys, {serial: pem}, mode="certificate")
    return World(
        account, platform, serial, {serial: {"certificate": pem, "spki": platform.forms["spki"]}}
    )


def platform_certificate(keys: Keys, draw: Draw) -> tuple[str, str]:
    """Return one of WeChat's certificates, with its serial number before it."""
    name = (("C", "CN"), ("O", "Tenpay.com"), ("CN", "Tenpay.com sign"))
    made = certificates.root(draw, platform_key(keys), name)
    return f"{made.certificate.serial_number:040X}", made.pem


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgery:
    """What of a signature is another than WeChat's: its moment, the serial it goes under, its key, its hash."""

    timestamp: str = ""
    serial: str = ""
    key: Key | None = None
    sha1: bool = False


def signed(
    side: Side, world: World, body: str, draw: Draw, forgery: Forgery | None = None
) -> dict[str, str]:
    """Return the headers under which WeChat sends a body, signed by the SDK, or a forger."""
    other = forgery or Forgery()
    moment, nonce = other.timestamp or str(side.now), draw.token(32)
    pair, text = other.key or world.platform, f"{moment}\n{nonce}\n{body}\n"
    signature = (
        pair.sign_weakly(text)
        if other.sha1
        else str(side.talk.value("sign_text", text=text, key=pair.forms))
    )
    return {
        "content-type": "application/json",
        "wechatpay-timestamp": moment,
        "wechatpay-nonce": nonce,
        "wechatpay-serial": other.serial or world.serial,
        "wechatpay-signature": signature,
        "wechatpay-signature-type": "WECHATPAY2-SHA256-RSA2048",
    }


def _account(keys: Keys, material: Mapping[str, str], **settings: str) -> Account:
    given = {
        "mchid": MCHID,
        "appid": APPID,
        "merchant_serial": MERCHANT_SERIAL,
        "gateway": GATEWAY,
        **settings,
    }
    return Account(
        id=ACCOUNT_ID,
        channel="wechatpay",
        settings=completed_settings("wechatpay", given),
        secrets={"private_key": merchant_key(keys).private_pem, "apiv3_key": APIV3_KEY},
        material=material,
    )
