"""All checks of UnionPay."""

from typing import Final

from tools.oracles.checks import Check
from tools.oracles.unionpay import messages, requests

CHECKS: Final[tuple[Check, ...]] = (
    requests.requests,
    requests.shared_keys,
    messages.messages,
)
