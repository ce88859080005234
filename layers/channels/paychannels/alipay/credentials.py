"""Who an account is to Alipay, and whose signatures it believes: by public keys or by certificates.

In certificate mode every answer names the certificate that it is signed with. Believed are the configured one and
those that were fetched and stored with the account since.
"""

from collections.abc import Iterator
from typing import Final

from paycenter.ports.channel import Account

CERTIFICATE: Final = "certificate"


def by_certificate(account: Account) -> bool:
    """Tell whether this account is in certificate mode."""
    return account.settings.get("sign_mode") == CERTIFICATE


def own_serials(account: Account) -> tuple[str, str] | None:
    """Return `app_cert_sn` and `alipay_root_cert_sn` to send, None in key mode; raises UnreadableKey."""
    if not by_certificate(account):
        return None
    from paychannels.alipay import certificates  # noqa: PLC0415 - see the module

    settings = account.settings
    return (
        certificates.serial(settings["app_certificate"]),
        certificates.root_serial(settings["alipay_root_certificates"]),
    )


def platform_key(account: Account, serial: str) -> str | None:
    """Return the public key behind a serial that an answer names, None where it is not believed.

    In key mode there is one key, whatever an answer names.
    """
    return (
        dict(_certified(account)).get(serial)
        if by_certificate(account)
        else account.secrets["alipay_public_key"]
    )


def platform_keys(account: Account) -> list[str]:
    """Return all public keys that are believed, for a message that does not name one."""
    if by_certificate(account):
        return [key for _, key in _certified(account)]
    return [account.secrets["alipay_public_key"]]


def _certified(account: Account) -> Iterator[tuple[str, str]]:
    from paychannels.alipay import certificates  # noqa: PLC0415 - see the module

    for text in (account.settings["alipay_certificate"], *account.material.values()):
        known = certificates.identity(text)
        yield known.serial, known.public_key
