"""Accounts as a merchant of UnionPay has them, over the run's keys, and the certificates of UnionPay and its members."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from paycenter.ports.channel import Account
from paychannels.registry import completed_settings
from tools.oracles import certificates
from tools.oracles.certificates import Issuer
from tools.oracles.checks import Keys, Side
from tools.oracles.draw import Draw, Key
from tools.oracles.ours import ACCOUNT_ID

GATEWAY: Final = "https://gateway.example/gateway/api/"
MER_ID: Final = "777290058110042"
PASSWORD: Final = "000000"  # noqa: S105 - the test platform's own
UNIONPAY: Final = "041@Z2026@中国银联股份有限公司@00000042"
TEST_PLATFORM: Final = "041@Z2026@00040000:SIGN@00000042"
MEMBER: Final = "041@Z2026@某某商户有限公司@00000043"
_ROOT: Final = (("C", "CN"), ("O", "CFCA TEST CA"), ("CN", "CFCA TEST ROOT"))
_MIDDLE: Final = (("C", "CN"), ("O", "CFCA TEST CA"), ("CN", "CFCA TEST OCA"))


@dataclass(frozen=True, slots=True)
class Chain:
    """A root and a middle certificate with the key that issues under it."""

    root: Issuer
    middle: Issuer
    key: Key

    @property
    def anchors(self) -> Mapping[str, str]:
        """Return what is trusted."""
        return {"root": self.root.pem, "middle": self.middle.pem}

    def issue(self, side: Side, name: str, key: Key, digest: str = "sha256") -> str:
        """Return a certificate for a name, issued by the command."""
        return str(
            side.talk.value(
                "issue",
                subject=f"/C=CN/O=CFCA TEST CA/CN={name}",
                key=key.private_pem,
                issuer=self.middle.pem,
                issuer_key=self.key.private_pem,
                digest=digest,
            )
        )


def merchant_key(keys: Keys) -> Key:
    """Return the merchant's key pair, ours."""
    return keys.get("unionpay.merchant")


def unionpay_key(keys: Keys) -> Key:
    """Return UnionPay's key pair."""
    return keys.get("unionpay")


def chain(keys: Keys, draw: Draw, *, forged: bool = False) -> Chain:
    """Return the chain that is trusted, or one of the same names under keys of a forger."""
    root_key = keys.get("stranger" if forged else "unionpay.root")
    middle_key = keys.get("stranger" if forged else "unionpay.middle")
    root = certificates.root(draw.under("root"), root_key, _ROOT)
    return Chain(
        root, certificates.issued(draw.under("middle"), root, middle_key, _MIDDLE), middle_key
    )


def account(trusted: Chain, secrets: Mapping[str, str], **settings: str) -> Account:
    """Return an account with these secrets and settings, whose certificates are those of the chain."""
    given = {
        "mer_id": MER_ID,
        "gateway": GATEWAY,
        "file_gateway": "https://files.example/",
        **settings,
    }
    if given.get("sign_method", "01") == "01":
        given["root_certificate"] = trusted.root.pem
        given["middle_certificate"] = trusted.middle.pem
    whole = completed_settings("unionpay", given)
    return Account(id=ACCOUNT_ID, channel="unionpay", settings=whole, secrets=secrets)


def with_plain_key(keys: Keys, trusted: Chain, cert_id: str = "42", **settings: str) -> Account:
    """Return an account whose key is configured without a file."""
    secrets = {"private_key": merchant_key(keys).private_pem}
    return account(trusted, secrets, key_form="pem", cert_id=cert_id, **settings)
