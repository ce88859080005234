"""AEAD_AES_256_GCM under the APIv3 key, as notices and certificates are sealed (channel document, section 4)."""

import base64
import secrets

from cryptography.hazmat.primitives.ciphers.aead import AESGCM


def sealed(apiv3_key: str, text: str, associated_data: str) -> dict[str, str]:
    """Return algorithm, nonce, additional data and ciphertext; another nonce every time."""
    nonce = secrets.token_hex(6)
    cipher = AESGCM(apiv3_key.encode())
    ciphertext = cipher.encrypt(nonce.encode(), text.encode(), associated_data.encode())
    return {
        "algorithm": "AEAD_AES_256_GCM",
        "nonce": nonce,
        "associated_data": associated_data,
        "ciphertext": base64.b64encode(ciphertext).decode(),
    }
