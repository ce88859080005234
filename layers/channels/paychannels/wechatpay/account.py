"""Checks a WeChat Pay account's keys and addresses before it is used, thoroughly and therefore slowly."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from paychannels import accounts, rsa

_ADDRESSES: Final = ("gateway", "authorisation_gateway", "openid_gateway")


def check_account(
    settings: Mapping[str, str], secrets: Mapping[str, str], *, plain_http: bool = False
) -> list[str]:
    """Say what is wrong with an account that has all its fields; empty means usable, no sentence holds a secret."""
    problems = [
        problem
        for name in _ADDRESSES
        for problem in accounts.address_problems(name, settings[name], plain_http=plain_http)
    ]
    private = _read(
        "private_key", secrets["private_key"], partial(rsa.read_private, validate=True), problems
    )
    if "public_key" in settings:
        public = _read("public_key", settings["public_key"], rsa.read_public, problems)
        if private and public and private.public_key().public_numbers() == public.public_numbers():
            problems.append(
                "public_key: this is the merchant's own key; WeChat Pay's is downloaded in the merchant console"
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
