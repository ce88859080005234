"""WeChat's refunds in our words, as answers and notices tell them."""

from collections.abc import Mapping
from typing import Final

from paycenter.ports.channel import RefundStatus

# The money left the merchant and can't reach the payer, whose card is closed: only a person can lead it on.
STUCK: Final = "ABNORMAL"
_STATUSES: Final[Mapping[str, RefundStatus]] = {
    "SUCCESS": RefundStatus.SUCCEEDED,
    "CLOSED": RefundStatus.FAILED,
    "PROCESSING": RefundStatus.PROCESSING,
    STUCK: RefundStatus.PROCESSING,
}


def status(word: str) -> RefundStatus:
    """Return our word for a refund's `status`; one that we don't know is PROCESSING."""
    return _STATUSES.get(word, RefundStatus.PROCESSING)
