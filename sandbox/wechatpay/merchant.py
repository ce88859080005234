"""The merchant that the simulated WeChat Pay knows, and the one payer who pays all of them."""

from dataclasses import dataclass

PAYER_OPENID = "oSandboxPayer_00000000000001"


@dataclass(frozen=True, slots=True)
class Merchant:
    """A merchant number with its app, its shared secrets, and the domains that it has registered.

    ``domains`` are those that H5 payments may come from, web authorisations and payers may go back to.
    """

    mchid: str = "1900000001"
    appid: str = "wx0000000000000001"
    # Constants that protect nothing, like all keys of the sandbox.
    apiv3_key: str = "sandbox-apiv3-key-of-32-bytes-01"
    app_secret: str = "5a0db0c5a0db0c5a0db0c5a0db0c5a0d"  # noqa: S105 - a constant of the sandbox
    name: str = "沙箱商户 Sandbox Merchant"
    domains: frozenset[str] = frozenset({"127.0.0.1", "localhost"})


# Another customer of the same WeChat: what is signed for it verifies, and is none of ours.
OTHER_MERCHANT = Merchant("1999999999", "wx9999999999999999", name="别家商户 Other Merchant")
