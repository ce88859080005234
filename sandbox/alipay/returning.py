"""The browser's way back to the merchant: for display, never a booking (channel document, section 5.2)."""

from urllib.parse import urlencode, urlsplit, urlunsplit

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from sandbox.alipay.merchant import Merchant
from sandbox.alipay.signing import notice_text, sign
from sandbox.business_clock import beijing_text
from sandbox.simulator.money import yuan_of
from sandbox.simulator.trades import Trade


def return_address(trade: Trade, now: float, merchant: Merchant, key: RSAPrivateKey) -> str:
    """Return the merchant's ``return_url`` with signed parameters; its own parameters stay."""
    fields = {
        "app_id": merchant.app_id,
        "auth_app_id": merchant.app_id,
        "charset": "utf-8",
        "method": f"{trade.order.method}.return",
        "out_trade_no": trade.number,
        "seller_id": merchant.seller_id,
        "timestamp": beijing_text(now),
        "total_amount": yuan_of(trade.order.amount_fen),
        "trade_no": trade.channel_no,
        "version": "1.0",
    }
    signature = sign(key, notice_text(fields))
    added = urlencode(fields | {"sign_type": "RSA2", "sign": signature})
    parts = urlsplit(trade.order.return_url)
    query = f"{parts.query}&{added}" if parts.query else added
    return urlunsplit(parts._replace(query=query))
