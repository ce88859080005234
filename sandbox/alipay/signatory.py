"""What leaves the simulated Alipay under its signature besides answers: notices and return addresses."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit, urlunsplit

from sandbox.alipay.faults import Noticing
from sandbox.alipay.money import yuan_of
from sandbox.alipay.notices import Merchant
from sandbox.alipay.signing import DIGESTS, Keys, notice_text, sign
from sandbox.alipay.trades import Trade
from sandbox.business_clock import beijing_text

SOMETIMES_EMPTY = ("body", "passback_params", "point_amount")


@dataclass(frozen=True, slots=True)
class Signatory:
    """Signs with the platform's key in the name of one merchant."""

    merchant: Merchant
    keys: Keys

    def notice_body(
        self, trade: Trade, about: Mapping[str, str], notify_id: str, now: float, how: Noticing
    ) -> str:
        """Return one attempt's form body: the facts in their frame, signed as the fault (or none) says."""
        fields = {
            "notify_time": beijing_text(now),
            "notify_type": "trade_status_sync",
            "notify_id": notify_id,
            "app_id": self.merchant.app_id,
            "auth_app_id": self.merchant.app_id,
            "seller_email": self.merchant.seller_email,
            "charset": "utf-8",
            "version": "1.0",
            **about,
            **{name: make(trade) for name, make in how.replace.items()},
        }
        empty = {name: "" for name in SOMETIMES_EMPTY if not fields.get(name)}
        signed = fields | (empty if how.empty_fields == "signed" else {})
        key = self.keys.stranger if how.key == "stranger" else self.keys.platform
        signature = sign(key, notice_text(signed), DIGESTS[how.digest]())
        sent = signed | (empty if how.empty_fields else {})
        return urlencode(sent | {"sign_type": how.sign_type, "sign": signature})

    def return_address(self, trade: Trade, now: float) -> str:
        """Return the merchant's ``return_url`` with signed parameters: for display, never a booking."""
        fields = {
            "app_id": self.merchant.app_id,
            "auth_app_id": self.merchant.app_id,
            "charset": "utf-8",
            "method": f"{trade.method}.return",
            "out_trade_no": trade.number,
            "seller_id": trade.content.seller_id,
            "timestamp": beijing_text(now),
            "total_amount": yuan_of(trade.content.fen),
            "trade_no": trade.trade_no,
            "version": "1.0",
        }
        signature = sign(self.keys.platform, notice_text(fields))
        added = urlencode(fields | {"sign_type": "RSA2", "sign": signature})
        parts = urlsplit(trade.return_url)
        query = f"{parts.query}&{added}" if parts.query else added
        return urlunsplit(parts._replace(query=query))
