"""What WeChat Pay can do, as data; importing it loads nothing but the port's types."""

from typing import Final

from paycenter.ports.manifest import (
    DESKTOP,
    OWN_APP,
    PHONE,
    AccountField,
    Manifest,
    Needs,
    Product,
    RefundRules,
)

# How WeChat signs towards us. While a merchant moves from certificates to the public key, both arrive side by side.
PUBLIC_KEY: Final = "public_key"
CERTIFICATE: Final = "certificate"
MIGRATING: Final = "migrating"
WITH_PUBLIC_KEY: Final = frozenset({PUBLIC_KEY, MIGRATING})
WITH_CERTIFICATES: Final = frozenset({CERTIFICATE, MIGRATING})

_BASE_ADDRESS: Final = r"https?://[^/?#\s]+"
_PRODUCTION: Final = {
    "gateway": "https://api.mch.weixin.qq.com",
    "authorisation_gateway": "https://open.weixin.qq.com",
    "openid_gateway": "https://api.weixin.qq.com",
}

# Presentation attributes only: the cashier's policy refuses style attributes.
_ICON: Final = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" width="32" height="32" aria-hidden="true">'
    '<rect width="32" height="32" rx="7" fill="#07c160"/>'
    '<path d="M16 7C10 7 5 11 5 15.5c0 3 2 5 4 6.5L8 25l4-2h4c6 0 11-3 11-7.5S22 7 16 7z" fill="#fff"/>'
    '<path d="M11 15.5l4 3 6-6" fill="none" stroke="#07c160" stroke-width="2" stroke-linecap="round"/></svg>'
)

MANIFEST: Final = Manifest(
    channel="wechatpay",
    name="WeChat Pay",
    name_zh="微信支付",
    icon=_ICON,
    products={
        "native": Product(
            id="native",
            name="WeChat Pay QR code",
            name_zh="微信扫码支付",
            devices=frozenset({DESKTOP}),
            calls_channel=True,
        ),
        "jsapi": Product(
            id="jsapi",
            name="WeChat Pay",
            name_zh="微信支付",
            devices=frozenset({OWN_APP}),
            calls_channel=True,
            needs=frozenset({Needs.PAYER_ID}),
        ),
        "h5": Product(
            id="h5",
            name="WeChat Pay on this phone",
            name_zh="微信手机支付",
            devices=frozenset({PHONE}),
            calls_channel=True,
            needs=frozenset({Needs.CLIENT_ADDRESS}),
            tells_origin=True,
        ),
        "app": Product(
            id="app",
            name="WeChat Pay in an app",
            name_zh="微信 App 支付",
            devices=frozenset(),
            calls_channel=True,
        ),
    },
    currencies=frozenset({"CNY"}),
    minimum_amount=1,
    # WeChat's own SDK holds an amount in 32 bits.
    maximum_amount=2_147_483_647,
    minimum_window_s=60,
    deadline_margin_s=5,
    close_after_s=300,
    reusable_s=None,
    account_fields=(
        AccountField(
            id="mchid",
            label="Merchant number",
            label_zh="商户号",
            secret=False,
            identity=True,
            pattern=r"[0-9]{8,10}",
        ),
        AccountField(
            id="appid",
            label="App id",
            label_zh="公众账号 ID（AppID）",
            secret=False,
            identity=True,
            pattern=r"wx[0-9a-zA-Z]{6,30}",
        ),
        AccountField(
            id="merchant_serial",
            label="Serial number of the merchant's API certificate",
            label_zh="商户 API 证书序列号",
            secret=False,
            pattern=r"[0-9A-F]{40}",
        ),
        AccountField(
            id="gateway",
            label="Gateway address",
            label_zh="网关地址",
            secret=False,
            pattern=_BASE_ADDRESS,
        ),
        AccountField(
            id="authorisation_gateway",
            label="Address of the web authorisation (JSAPI)",
            label_zh="网页授权地址（JSAPI）",
            secret=False,
            pattern=_BASE_ADDRESS,
            default=_PRODUCTION["authorisation_gateway"],
        ),
        AccountField(
            id="openid_gateway",
            label="Address that tells the payer's openid (JSAPI)",
            label_zh="获取 OpenID 的地址（JSAPI）",
            secret=False,
            pattern=_BASE_ADDRESS,
            default=_PRODUCTION["openid_gateway"],
        ),
        AccountField(
            id="mode",
            label="How WeChat Pay signs",
            label_zh="微信支付签名方式",
            secret=False,
            default=PUBLIC_KEY,
            choices=(PUBLIC_KEY, CERTIFICATE, MIGRATING),
        ),
        AccountField(
            id="public_key_id",
            label="Id of WeChat Pay's public key",
            label_zh="微信支付公钥 ID",
            secret=False,
            pattern=r"PUB_KEY_ID_[0-9]{1,64}",
            when={"mode": WITH_PUBLIC_KEY},
        ),
        AccountField(
            id="public_key",
            label="WeChat Pay's public key",
            label_zh="微信支付公钥",
            secret=False,
            when={"mode": WITH_PUBLIC_KEY},
        ),
        AccountField(
            id="private_key",
            label="Private key of the merchant's API certificate",
            label_zh="商户 API 证书私钥",
            secret=True,
        ),
        AccountField(
            id="apiv3_key",
            label="APIv3 key",
            label_zh="APIv3 密钥",
            secret=True,
            pattern=r"[!-~]{32}",
        ),
        AccountField(
            id="app_secret",
            label="App secret, for the web authorisation (JSAPI)",
            label_zh="AppSecret（JSAPI 网页授权）",
            secret=True,
            pattern=r"[0-9A-Za-z]{32}",
            required=False,
        ),
    ),
    gateway_field="gateway",
    form_origins=(),
    own_browser="MicroMessenger",
    # There is no test environment: a trial at WeChat moves real money.
    addresses={"production": _PRODUCTION},
    refunds=RefundRules(maximum_count=50, spacing_s=60, window_s=365 * 86400),
)
