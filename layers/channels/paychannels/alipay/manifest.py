"""What Alipay can do, as data; importing it loads nothing but the port's types."""

from typing import Final

from paycenter.ports.manifest import AccountField, Manifest, Product

DESKTOP: Final = frozenset({"desktop"})
PHONE: Final = frozenset({"phone"})

# Presentation attributes only: the cashier's policy refuses style attributes.
_ICON: Final = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" width="32" height="32" aria-hidden="true">'
    '<rect width="32" height="32" rx="7" fill="#1677ff"/>'
    '<g fill="none" stroke="#fff" stroke-width="2.4" stroke-linecap="round">'
    '<path d="M7 10h18"/><path d="M16 6v9"/><path d="M9 15h14c-2 6-7 10-14 11"/><path d="M11 18c4 5 9 7 15 8"/>'
    "</g></svg>"
)

MANIFEST: Final = Manifest(
    channel="alipay",
    name="Alipay",
    name_zh="支付宝",
    icon=_ICON,
    products={
        "page": Product(
            id="page",
            name="Alipay website",
            name_zh="支付宝网页支付",
            devices=DESKTOP,
            calls_channel=False,
        ),
        "wap": Product(
            id="wap",
            name="Alipay on this phone",
            name_zh="支付宝手机支付",
            devices=PHONE,
            calls_channel=False,
        ),
        "qr": Product(
            id="qr",
            name="Alipay QR code",
            name_zh="支付宝扫码支付",
            devices=DESKTOP,
            calls_channel=True,
        ),
    },
    currencies=frozenset({"CNY"}),
    minimum_amount=1,
    maximum_amount=10_000_000_000,
    minimum_window_s=60,
    deadline_margin_s=5,
    close_after_s=0,
    reusable_s=None,
    account_fields=(
        AccountField(
            id="app_id", label="App id", label_zh="应用 APPID", secret=False, pattern=r"[0-9]{16}"
        ),
        AccountField(
            id="seller_id",
            label="Seller id (PID)",
            label_zh="商户 PID",
            secret=False,
            pattern=r"2088[0-9]{12}",
        ),
        AccountField(
            id="gateway",
            label="Gateway address",
            label_zh="网关地址",
            secret=False,
            pattern=r"https?://\S+",
        ),
        AccountField(
            id="private_key", label="Application private key", label_zh="应用私钥", secret=True
        ),
        AccountField(
            id="alipay_public_key", label="Alipay public key", label_zh="支付宝公钥", secret=True
        ),
    ),
    gateway_field="gateway",
    # The gateway sends the payer's browser on to cashiers on other hosts, and browsers apply form-action to that too.
    form_origins=("https://*.alipay.com", "https://*.alipaydev.com"),
)
