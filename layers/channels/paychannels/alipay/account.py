"""Checks an Alipay account's keys and gateway before it is used, thoroughly and therefore slowly."""

from collections.abc import Callable, Mapping
from functools import partial

from paychannels import accounts, rsa


def check_account(
    settings: Mapping[str, str], secrets: Mapping[str, str], *, plain_http: bool = False
) -> list[str]:
    """Say what is wrong with an account that has all its fields; empty means usable, no sentence holds a secret."""
    gateway = accounts.address_problems("gateway", settings["gateway"], plain_http=plain_http)
    return gateway + _key_problems(secrets["private_key"], secrets["alipay_public_key"])


def _key_problems(private_text: str, public_text: str) -> list[str]:
    problems: list[str] = []
    private = _read("private_key", private_text, partial(rsa.read_private, validate=True), problems)
    public = _read("alipay_public_key", public_text, rsa.read_public, problems)
    if private and public and private.public_key().public_numbers() == public.public_numbers():
        problems.append(
            "alipay_public_key: this is the application's own public key;"
            " Alipay shows its own when that one is uploaded"
        )
    return problems


def _read[Key: rsa.Key](
    name: str, text: str, read: Callable[[str], Key], problems: list[str]
) -> Key | None:
    try:
        key = read(text)
    except rsa.UnreadableKey as error:
        problems.append(f"{name}: {error}")
        return None
    if key.key_size < rsa.MINIMUM_BITS:
        problems.append(f"{name}: shorter than {rsa.MINIMUM_BITS} bits")
    return key
