"""What Alipay can do, as data; importing it loads nothing but the port's types."""

from typing import Final

from paycenter.ports.manifest import (
    DESKTOP,
    PHONE,
    AccountField,
    Manifest,
    Product,
    RefundRules,
)

_BY_KEY: Final = {"sign_mode": frozenset({"public_key"})}
_BY_CERTIFICATE: Final = {"sign_mode": frozenset({"certificate"})}
_CERTIFICATES: Final = r".*-----BEGIN CERTIFICATE-----.+-----END CERTIFICATE-----.*"

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
            devices=frozenset({DESKTOP}),
            calls_channel=False,
        ),
        "wap": Product(
            id="wap",
            name="Alipay on this phone",
            name_zh="支付宝手机支付",
            devices=frozenset({PHONE}),
            calls_channel=False,
        ),
        "qr": Product(
            id="qr",
            name="Alipay QR code",
            name_zh="支付宝扫码支付",
            devices=frozenset({DESKTOP}),
            calls_channel=True,
        ),
        "app": Product(
            id="app",
            name="Alipay from your app",
            name_zh="支付宝 App 支付",
            devices=frozenset(),
            calls_channel=False,
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
            id="app_id",
            label="App id",
            label_zh="应用 APPID",
            secret=False,
            identity=True,
            pattern=r"[0-9]{16}",
        ),
        AccountField(
            id="seller_id",
            label="Seller id (PID)",
            label_zh="商户 PID",
            secret=False,
            identity=True,
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
            id="protocol",
            label="Protocol of calls",
            label_zh="接口协议",
            secret=False,
            choices=("v2", "v3"),
            default="v2",
        ),
        AccountField(
            id="sign_mode",
            label="Signature mode",
            label_zh="加签模式",
            secret=False,
            choices=("public_key", "certificate"),
            default="public_key",
        ),
        AccountField(
            id="encryption",
            label="Content encryption of calls",
            label_zh="接口内容加密",
            secret=False,
            choices=("none", "aes"),
            default="none",
        ),
        AccountField(
            id="private_key", label="Application private key", label_zh="应用私钥", secret=True
        ),
        AccountField(
            id="alipay_public_key",
            label="Alipay public key",
            label_zh="支付宝公钥",
            secret=True,
            when=_BY_KEY,
        ),
        AccountField(
            id="app_certificate",
            label="Application certificate",
            label_zh="应用公钥证书",
            secret=False,
            pattern=_CERTIFICATES,
            when=_BY_CERTIFICATE,
        ),
        AccountField(
            id="alipay_certificate",
            label="Alipay certificate",
            label_zh="支付宝公钥证书",
            secret=False,
            pattern=_CERTIFICATES,
            when=_BY_CERTIFICATE,
        ),
        AccountField(
            id="alipay_root_certificates",
            label="Alipay root certificates",
            label_zh="支付宝根证书",
            secret=False,
            pattern=_CERTIFICATES,
            when=_BY_CERTIFICATE,
        ),
        AccountField(
            id="encryption_key",
            label="Content encryption key (AES)",
            label_zh="接口内容加密密钥",
            secret=True,
            when={"encryption": frozenset({"aes"})},
        ),
        AccountField(
            id="app_auth_token",
            label="Authorisation token of the merchant, for service providers",
            label_zh="应用授权令牌（服务商）",
            secret=True,
            required=False,
            pattern=r"[0-9A-Za-z]{1,64}",
        ),
    ),
    gateway_field="gateway",
    # The gateway sends the payer's browser on to cashiers on other hosts, and browsers apply form-action to that too.
    form_origins=("https://*.alipay.com", "https://*.alipaydev.com"),
    addresses={
        "production": {"gateway": "https://openapi.alipay.com/gateway.do"},
        "test": {"gateway": "https://openapi-sandbox.dl.alipaydev.com/gateway.do"},
    },
    # The contract says how long money can go back; a year is the most that is common.
    refunds=RefundRules(window_s=365 * 86400, query_after_s=10),
)
