"""Checks a UnionPay account's keys, certificates and addresses before it is used, thoroughly and therefore slowly."""

from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import urlsplit

from paychannels import accounts, rsa
from paychannels.unionpay import signing
from paychannels.unionpay.certificates import Untrusted, check_issued, read
from paychannels.unionpay.manifest import ADDRESSES, TEST
from paychannels.unionpay.merchant import PKCS12, merchant_of

_ADDRESS_FIELDS: Final = ("gateway", "file_gateway")


def check_account(
    settings: Mapping[str, str], secrets: Mapping[str, str], *, plain_http: bool = False
) -> list[str]:
    """Say what is wrong with an account that has all its fields; empty means usable, no sentence holds a secret."""
    problems = [
        problem
        for name in _ADDRESS_FIELDS
        for problem in accounts.address_problems(name, settings[name], plain_http=plain_http)
    ]
    problems = problems or list(_environment_problems(settings))
    if settings["sign_method"] != signing.CERTIFICATE:
        return problems
    return [*problems, *_key_problems(settings, secrets), *_chain_problems(settings)]


def _environment_problems(settings: Mapping[str, str]) -> Iterator[str]:
    # The test platform's signature counts in the environment `test`: never let that meet production's addresses.
    for environment, addresses in ADDRESSES.items():
        if environment == settings["environment"]:
            continue
        for name in _ADDRESS_FIELDS:
            if urlsplit(settings[name]).hostname == urlsplit(addresses[name]).hostname:
                yield f"{name}: belongs to the environment {environment}"


def _key_problems(settings: Mapping[str, str], secrets: Mapping[str, str]) -> Iterator[str]:
    name = "pkcs12" if settings["key_form"] == PKCS12 else "private_key"
    try:
        merchant = merchant_of(settings, secrets)
        key = rsa.read_private(merchant.private_key, validate=True)
    except rsa.UnreadableKey as error:
        yield f"{name}: {error}"
        return
    if key.key_size < rsa.MINIMUM_BITS:
        yield f"{name}: shorter than {rsa.MINIMUM_BITS} bits"


def _chain_problems(settings: Mapping[str, str]) -> Iterator[str]:
    certificates = {}
    for name in ("root_certificate", "middle_certificate"):
        try:
            certificates[name] = read(settings[name])
            check_issued(
                certificates[name],
                certificates["root_certificate"],
                # Nobody vouches for a root: its own hash does not matter.
                sha1=settings["environment"] == TEST or name == "root_certificate",
            )
        except Untrusted as reason:
            yield f"{name}: {reason}"
            return
