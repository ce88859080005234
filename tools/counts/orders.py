"""The order whose life is counted: a body of 1 kB, from a business line of the sandbox."""

import json
from typing import Final

from sandbox.shop.lines import LINES

LINE: Final = LINES["tickets"]
KEY: Final = {"authorization": f"Bearer {LINE.api_key}"}
# What the payer sees, beside number, amount and subject.
_INFORMATION: Final = [{"label": f"Field {number}", "value": "x" * 150} for number in range(5)]


def order_body(number: str) -> str:
    """Return a body of 1 kB."""
    order = {"out_order_no": number, "amount": 12800, "currency": "CNY", "subject": "Adult ticket"}
    return json.dumps(order | {"information": _INFORMATION})
