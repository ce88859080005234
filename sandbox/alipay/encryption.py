"""Content encryption: AES-128 in CBC mode, sixteen zero bytes first, PKCS#7 (channel document, section 4)."""

import base64
import binascii

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

TYPE = "AES"
_ZEROS = bytes(16)


def encrypted(key: str, text: str) -> str:
    """Return the base64 of the encrypted text; ``key`` is base64 too."""
    padder, encryptor = PKCS7(AES.block_size).padder(), _cipher(key).encryptor()
    padded = padder.update(text.encode()) + padder.finalize()
    return base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode()


def decrypted(key: str, text: str) -> str:
    """Return what was encrypted; ValueError for anything that was not, under this key."""
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error
    unpadder, decryptor = PKCS7(AES.block_size).unpadder(), _cipher(key).decryptor()
    padded = decryptor.update(data) + decryptor.finalize()
    return (unpadder.update(padded) + unpadder.finalize()).decode()


def _cipher(key: str) -> Cipher[CBC]:
    return Cipher(AES(base64.b64decode(key)), CBC(_ZEROS))
