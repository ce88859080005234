"""What UnionPay can do, as data; importing it loads nothing but the port's types."""

from collections.abc import Mapping
from typing import Final

from paycenter.ports.manifest import (
    DESKTOP,
    PHONE,
    AccountField,
    Manifest,
    Product,
    RefundRules,
)

PRODUCTION: Final = "production"
TEST: Final = "test"
ADDRESSES: Final[Mapping[str, Mapping[str, str]]] = {
    PRODUCTION: {
        "gateway": "https://gateway.95516.com/gateway/api/",
        "file_gateway": "https://filedownload.95516.com/",
    },
    TEST: {
        "gateway": "https://gateway.test.95516.com/gateway/api/",
        "file_gateway": "https://filedownload.test.95516.com/",
    },
}

# Presentation attributes only: the cashier's policy refuses style attributes.
_ICON: Final = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" width="32" height="32" aria-hidden="true">'
    '<g transform="skewX(-12) translate(6 6)">'
    '<rect width="11" height="20" rx="3" fill="#d7282f"/>'
    '<rect x="7" width="11" height="20" rx="3" fill="#00508f"/>'
    '<rect x="14" width="11" height="20" rx="3" fill="#007b85"/>'
    "</g></svg>"
)

_CERTIFICATE = r"\s*-----BEGIN CERTIFICATE-----.+-----END CERTIFICATE-----\s*"
_BY_CERTIFICATE: Final = {"sign_method": frozenset({"01"})}
_BY_SHARED_KEY: Final = {"sign_method": frozenset({"11", "12"})}
_FROM_PKCS12: Final = {**_BY_CERTIFICATE, "key_form": frozenset({"pkcs12"})}
_FROM_PEM: Final = {**_BY_CERTIFICATE, "key_form": frozenset({"pem"})}


def _path(name: str, label: str, label_zh: str, default: str) -> AccountField:
    return AccountField(
        id=name,
        label=label,
        label_zh=label_zh,
        secret=False,
        pattern=r"[A-Za-z0-9._/-]+",
        default=default,
    )


MANIFEST: Final = Manifest(
    channel="unionpay",
    name="UnionPay",
    name_zh="银联",
    icon=_ICON,
    products={
        "gateway": Product(
            id="gateway",
            name="Bank card or UnionPay wallet",
            name_zh="银联网关支付（银行卡、云闪付）",
            devices=frozenset({DESKTOP}),
            calls_channel=False,
        ),
        "wap": Product(
            id="wap",
            name="UnionPay on this phone",
            name_zh="银联手机网页支付",
            devices=frozenset({PHONE}),
            calls_channel=False,
        ),
        "app": Product(
            id="app",
            name="UnionPay in an app",
            name_zh="银联手机控件支付",
            devices=frozenset(),
            calls_channel=True,
        ),
        "qr": Product(
            id="qr",
            name="UnionPay QR code",
            name_zh="银联二维码支付",
            devices=frozenset({DESKTOP}),
            calls_channel=True,
        ),
    },
    currencies=frozenset({"CNY"}),
    minimum_amount=1,
    # Twelve digits.
    maximum_amount=999_999_999_999,
    minimum_window_s=60,
    deadline_margin_s=120,
    close_after_s=None,
    # A form is taken only shortly after its `txnTime`, which is the payment's own moment.
    reusable_s=120,
    account_fields=(
        AccountField(
            id="mer_id",
            label="Merchant id (merId)",
            label_zh="商户代码",
            secret=False,
            identity=True,
            pattern=r"[0-9A-Z]{8,15}",
        ),
        AccountField(
            id="environment",
            label="Environment",
            label_zh="环境",
            secret=False,
            choices=(PRODUCTION, TEST),
            default=PRODUCTION,
        ),
        AccountField(
            id="gateway",
            label="Gateway address, with the slash at its end",
            label_zh="网关地址（以斜杠结尾）",
            secret=False,
            pattern=r"https?://\S+/",
        ),
        AccountField(
            id="file_gateway",
            label="Address of the settlement file",
            label_zh="对账文件下载地址",
            secret=False,
            pattern=r"https?://\S+",
        ),
        _path("front_path", "Path of the cashier", "前台交易路径", "frontTransReq.do"),
        _path("back_path", "Path of back transactions", "后台交易路径", "backTransReq.do"),
        _path("app_path", "Path of app transactions", "控件交易路径", "appTransReq.do"),
        _path("query_path", "Path of the query", "交易查询路径", "queryTrans.do"),
        AccountField(
            id="same_day_refund",
            label="A whole refund on the payment's own settlement day",
            label_zh="当日全额退款方式（退货或消费撤销）",
            secret=False,
            choices=("refund", "undo"),
            default="refund",
        ),
        AccountField(
            id="sign_method",
            label="Signature: 01 certificate, 11 SHA-256 or 12 SM3 with a shared key",
            label_zh="签名方法：01 证书，11 SHA-256、12 SM3 密钥",
            secret=False,
            choices=("01", "11", "12"),
            default="01",
        ),
        AccountField(
            id="key_form",
            label="Form of the signing key",
            label_zh="签名私钥形式",
            secret=False,
            choices=("pkcs12", "pem"),
            default="pkcs12",
            when=_BY_CERTIFICATE,
        ),
        AccountField(
            id="pkcs12",
            label="Merchant certificate file (.pfx) in base64",
            label_zh="商户签名证书（.pfx 的 base64）",
            secret=True,
            when=_FROM_PKCS12,
        ),
        AccountField(
            id="pkcs12_password",
            label="Password of the merchant certificate file",
            label_zh="商户签名证书密码",
            secret=True,
            when=_FROM_PKCS12,
        ),
        AccountField(
            id="private_key",
            label="Private key of the merchant certificate (PEM)",
            label_zh="商户签名私钥（PEM）",
            secret=True,
            when=_FROM_PEM,
        ),
        AccountField(
            id="cert_id",
            label="Serial number of the merchant certificate, decimal (certId)",
            label_zh="商户签名证书序列号（十进制）",
            secret=False,
            pattern=r"[1-9][0-9]{0,49}",
            when=_FROM_PEM,
        ),
        AccountField(
            id="root_certificate",
            label="UnionPay's root certificate (PEM)",
            label_zh="银联根证书",
            secret=False,
            pattern=_CERTIFICATE,
            when=_BY_CERTIFICATE,
        ),
        AccountField(
            id="middle_certificate",
            label="UnionPay's middle certificate (PEM)",
            label_zh="银联中级证书",
            secret=False,
            pattern=_CERTIFICATE,
            when=_BY_CERTIFICATE,
        ),
        AccountField(
            id="secure_key",
            label="Shared key of methods 11 and 12",
            label_zh="密钥（11、12 签名方法）",
            secret=True,
            when=_BY_SHARED_KEY,
        ),
    ),
    gateway_field="gateway",
    # UnionPay sends the payer's browser on to its own cashier, and browsers apply form-action to that too.
    form_origins=("https://*.95516.com",),
    addresses=ADDRESSES,
    # Eleven months, less than what UnionPay's system takes.
    refunds=RefundRules(window_s=330 * 86400),
    confirm_callbacks=True,
)
