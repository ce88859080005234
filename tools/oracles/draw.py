"""Everything random of a run, drawn from its seed: the same seed gives the same keys and the same cases.

Keys come from it too, so their primes are found here; they guard nothing and end with the run.
"""

import base64
import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    RSAPrivateNumbers,
    RSAPublicNumbers,
    rsa_crt_dmp1,
    rsa_crt_dmq1,
    rsa_crt_iqmp,
)
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

_PRIME_BITS: Final = 1024
_EXPONENT: Final = 65537
_SIEVE: Final = tuple(p for p in range(3, 4000) if all(p % q for q in range(2, int(p**0.5) + 1)))
_WITNESSES: Final = (2, 3, 5)
# What has broken joins and encodings before: form and JSON punctuation, blanks, wide and paired characters.
# No braces: an SDK that counts them would err by chance. Cases of their own have them.
_ODD: Final = "+%&=\"'\\[]<>,:;#?| ~*-._é中文订单·（）—\u00a0😀𠮷"
_PLAIN: Final = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


@dataclass(frozen=True)
class Key:
    """An RSA key pair in every form that an SDK wants."""

    private: RSAPrivateKey

    @cached_property
    def forms(self) -> dict[str, str]:
        """Return bare base64 by the name of its form: `pkcs8`, `pkcs1` and, public, `spki`."""
        public = self.private.public_key().public_bytes(
            Encoding.DER, PublicFormat.SubjectPublicKeyInfo
        )
        return {
            "pkcs8": _base64(self._private_bytes(PrivateFormat.PKCS8)),
            "pkcs1": _base64(self._private_bytes(PrivateFormat.TraditionalOpenSSL)),
            "spki": _base64(public),
        }

    @cached_property
    def private_pem(self) -> str:
        """Return the private key as PKCS#8 PEM."""
        return self.private.private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        ).decode()

    @cached_property
    def public_pem(self) -> str:
        """Return the public key as SPKI PEM."""
        return (
            self.private.public_key()
            .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
            .decode()
        )

    def sign(self, text: str) -> str:
        """Sign by SHA-256 without any code of the product; base64."""
        return _base64(self.private.sign(text.encode(), PKCS1v15(), SHA256()))

    def sign_weakly(self, text: str) -> str:
        """Sign by SHA-1, which nobody may believe any more; base64."""
        return _base64(self.private.sign(text.encode(), PKCS1v15(), SHA1()))  # noqa: S303 - to be refused

    def _private_bytes(self, form: PrivateFormat) -> bytes:
        return self.private.private_bytes(Encoding.DER, form, NoEncryption())


class Draw:
    """A source of random things under a name; another name under the same seed is independent of it."""

    def __init__(self, seed: str) -> None:
        """Take the seed, or the name of a branch of it."""
        self.seed = seed
        self._random = random.Random(seed)  # noqa: S311 - cases that can be repeated, not secrets

    def under(self, name: str) -> "Draw":
        """Return the branch of this name; the same name gives the same branch."""
        return Draw(f"{self.seed}/{name}")

    def number(self, low: int, high: int) -> int:
        """Return an integer from `low` to `high`, both included."""
        return self._random.randint(low, high)

    def one_of[T](self, things: Sequence[T]) -> T:
        """Return one of them."""
        return self._random.choice(things)

    def token(self, length: int) -> str:
        """Return letters and digits."""
        return "".join(self._random.choices(_PLAIN, k=length))

    def digits(self, length: int) -> str:
        """Return decimal digits, the first not zero."""
        return str(self._random.randint(10 ** (length - 1), 10**length - 1))

    def odd_text(self, length: int = 20) -> str:
        """Return a text with characters that have broken joins, cuts and encodings; it begins and ends with a letter."""
        inner = self._random.choices(_ODD + _PLAIN, k=max(length - 2, 0))
        return f"A{''.join(inner)}Z"

    def octets(self, count: int) -> bytes:
        """Return bytes."""
        return self._random.randbytes(count)

    def key(self) -> Key:
        """Return an RSA-2048 key pair."""
        p, q = self._prime(), self._prime()
        d = pow(_EXPONENT, -1, (p - 1) * (q - 1))
        numbers = RSAPrivateNumbers(
            p=p,
            q=q,
            d=d,
            dmp1=rsa_crt_dmp1(d, p),
            dmq1=rsa_crt_dmq1(d, q),
            iqmp=rsa_crt_iqmp(p, q),
            public_numbers=RSAPublicNumbers(_EXPONENT, p * q),
        )
        return Key(numbers.private_key(unsafe_skip_rsa_key_validation=True))

    def _prime(self) -> int:
        # The two highest bits are set, so that the product of two has its full length.
        while True:
            candidate = self._random.getrandbits(_PRIME_BITS) | (3 << (_PRIME_BITS - 2)) | 1
            if candidate % _EXPONENT != 1 and _is_prime(candidate):
                return candidate


def altered(draw: Draw, text: str) -> str:
    """Return the text with one of its letters or digits replaced by another of its kind."""
    places = [
        index for index, character in enumerate(text) if character.isascii() and character.isalnum()
    ]
    place = draw.one_of(places)
    others = [c for c in _PLAIN if c != text[place] and c.isdigit() == text[place].isdigit()]
    return f"{text[:place]}{draw.one_of(others)}{text[place + 1 :]}"


def _is_prime(candidate: int) -> bool:
    return all(candidate % p for p in _SIEVE) and all(
        pow(base, candidate - 1, candidate) == 1 for base in _WITNESSES
    )


def _base64(octets: bytes) -> str:
    return base64.b64encode(octets).decode()
