"""The one merchant whose trades the simulated Alipay keeps, and the payer who pays all of them."""

from dataclasses import dataclass

BUYER_ID = "2088100000000001"
BUYER_LOGON_ID = "pay***@example.com"


@dataclass(frozen=True, slots=True)
class Merchant:
    """An app and its seller."""

    app_id: str = "2021000000000001"
    seller_id: str = "2088000000000001"
    seller_email: str = "seller@example.com"
    name: str = "沙箱商户 Sandbox Merchant"
    # Base64 of sixteen bytes: the key of those calls that encrypt their content.
    encryption_key: str = "c2FuZGJveC1hZXMta2V5IQ=="


# Another customer of the same Alipay: what is signed for it verifies, and is none of ours.
OTHER_MERCHANT = Merchant(
    "2021999999999999", "2088999999999999", "other@example.com", "别家商户 Other Merchant"
)
