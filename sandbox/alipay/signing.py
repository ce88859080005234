"""RSA2 as Alipay defines it, written for the simulator alone (channel document, sections 2, 3 and 6)."""

from collections.abc import Mapping
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, HashAlgorithm

from sandbox.alipay.certificates import Certificates, serial
from sandbox.simulator import rsa
from sandbox.simulator.faults import Seal
from sandbox.simulator.wire import sorted_text

APP_PUBLIC_KEY_FILE = "alipay_app_public.pem"
PLATFORM_PRIVATE_KEY_FILE = "alipay_platform_private.pem"


class Keys:
    """The keys that the simulator holds: the app's public key, and two of its own, of which one is in use."""

    def __init__(
        self, app: RSAPublicKey, platform: RSAPrivateKey, certificates: Certificates
    ) -> None:
        self.app = app
        self.platform = platform
        self.certificates = certificates
        self._spare: RSAPrivateKey | None = None

    def rotate(self) -> RSAPublicKey:
        """Sign with the other key from now on, the second time with the first again; return its public half."""
        self.platform, self._spare = self._spare or rsa.new_key(), self.platform
        return self.platform.public_key()

    @classmethod
    def load(cls, folder: Path) -> "Keys":
        """Read the PEM files of a folder; OSError, ValueError or TypeError when one is missing or of another kind."""
        app = rsa.read_public_key(folder / APP_PUBLIC_KEY_FILE)
        platform = rsa.read_private_key(folder / PLATFORM_PRIVATE_KEY_FILE)
        return cls(app, platform, Certificates(folder))

    @property
    def platform_serial(self) -> str:
        """``alipay_cert_sn``: the serial of the certificate of the key in use."""
        return serial(self.certificates.of(self.platform.public_key()))

    def sealing(self, seal: Seal) -> RSAPrivateKey | None:
        """Return the key that signs, None for what goes unsigned."""
        if seal is Seal.STRANGER:
            return rsa.strangers_key()
        return self.platform if seal is Seal.OWN else None


def request_text(params: Mapping[str, str]) -> str:
    """Return the signed text of a v2 request: empty parameters are not part of it, ``sign_type`` is (section 2)."""
    return sorted_text({name: value for name, value in params.items() if value}, ["sign"])


def notice_text(fields: Mapping[str, str]) -> str:
    """Return the signed text of a notice or a return address: without ``sign`` and ``sign_type`` (section 6)."""
    return sorted_text(fields, ["sign", "sign_type"])


def sign(key: RSAPrivateKey, text: str, digest: HashAlgorithm | None = None) -> str:
    """Return the base64 signature over the text's UTF-8 bytes; SHA-256 unless told (a fault may)."""
    return rsa.sign(key, text.encode(), digest)


def signed_by(key: RSAPublicKey, text: str, signature: str) -> bool:
    """Whether the base64 signature is RSA2 by that key over the text; never raises."""
    return rsa.signed_by(key, text.encode(), signature)


DIGESTS: Mapping[str, type[HashAlgorithm]] = {"SHA256": SHA256, "SHA1": SHA1}
