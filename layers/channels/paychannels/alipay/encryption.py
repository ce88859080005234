"""Content encryption: AES in CBC mode over what is sent and answered, before it is signed (OpenAPI, `encrypt_type` AES).

The initialisation vector is sixteen zero bytes, as Alipay has it: this hides contents from those who log requests and
protects nothing else. What is to be believed is signed.
"""

import base64
import binascii
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

from paycenter.ports.channel import Account

TYPE: Final = "AES"
KEY_BYTES: Final = 16
_BLOCK_BITS: Final = 128
_ZEROS: Final = bytes(16)


def wanted(account: Account) -> bool:
    """Tell whether this account's calls are encrypted."""
    return account.settings.get("encryption") == "aes"


def sealed(account: Account, text: str) -> str:
    """Return the text as it is sent for an account that encrypts; the same text gives the same."""
    return encrypt(account.secrets["encryption_key"], text)


def unsealed(account: Account, text: str) -> str:
    """Return what an encrypted answer says; raises ValueError where it is none, or the account does not encrypt."""
    if not wanted(account):
        raise ValueError("encrypted for an account that is not")
    return decrypt(account.secrets["encryption_key"], text)


def encrypt(key: str, text: str) -> str:
    """Return the base64 of the encrypted text; `key` is base64. Raises ValueError for a key that is none."""
    padder = PKCS7(_BLOCK_BITS).padder()
    encryptor = _cipher(key).encryptor()
    padded = padder.update(text.encode()) + padder.finalize()
    return base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode()


def decrypt(key: str, text: str) -> str:
    """Return the text under a base64 of encrypted text; raises ValueError for anything else."""
    unpadder = PKCS7(_BLOCK_BITS).unpadder()
    decryptor = _cipher(key).decryptor()
    padded = decryptor.update(_bytes(text)) + decryptor.finalize()
    return (unpadder.update(padded) + unpadder.finalize()).decode()


def key_bytes(key: str) -> int:
    """Return the length of a base64 key in bytes; raises ValueError where it is not base64."""
    return len(_bytes(key))


def _cipher(key: str) -> Cipher[CBC]:
    return Cipher(AES(_bytes(key)), CBC(_ZEROS))


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        # Without its cause: nothing of a key may reach a log.
        raise ValueError("not base64") from None
