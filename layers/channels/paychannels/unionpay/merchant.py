"""The merchant's signing key and its `certId`: from UnionPay's PKCS#12 file, or given separately."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from paychannels import rsa

PKCS12: Final = "pkcs12"


@dataclass(frozen=True, slots=True)
class Merchant:
    """Who signs: the decimal serial number of the certificate, and its private key as text."""

    cert_id: str
    private_key: str = field(repr=False)


def merchant_of(settings: Mapping[str, str], secrets: Mapping[str, str]) -> Merchant:
    """Return an account's signing key; a PKCS#12 file is opened once per container. Raises rsa.UnreadableKey."""
    if settings["key_form"] == PKCS12:
        return _opened.get(json.dumps([secrets["pkcs12"], secrets["pkcs12_password"]]))
    return Merchant(settings["cert_id"], secrets["private_key"])


def _open(file_and_password: str) -> Merchant:
    text, password = json.loads(file_and_password)
    # Beside it, `x509` comes in: who signs with a plain key never waits for that.
    from cryptography.hazmat.primitives.serialization import pkcs12  # noqa: PLC0415 - see above

    try:
        file = base64.b64decode("".join(text.split()), validate=True)
        key, certificate, _ = pkcs12.load_key_and_certificates(file, password.encode())
    except (ValueError, TypeError, UnsupportedAlgorithm):
        # Without its cause: nothing of a private key may reach a log.
        raise rsa.UnreadableKey("not a PKCS#12 file in base64, or not its password") from None
    if not isinstance(key, RSAPrivateKey) or certificate is None:
        raise rsa.UnreadableKey("holds no RSA private key with its certificate")
    plain = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return Merchant(str(certificate.serial_number), base64.b64encode(plain).decode())


_opened: Final = rsa.KeyCache(_open)
