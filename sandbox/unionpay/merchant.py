"""The one merchant whose trades the simulated UnionPay keeps."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Merchant:
    """A direct merchant (``accessType`` 0)."""

    mer_id: str = "777290058110001"
    name: str = "沙箱商户 Sandbox Merchant"


# Another merchant of the same UnionPay: what is told it verifies, and is none of ours.
OTHER_MERCHANT = Merchant("777290058119999", "别家商户 Other Merchant")
