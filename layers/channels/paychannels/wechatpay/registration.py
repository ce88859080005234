"""WeChat Pay's entry in the table of channels."""

from typing import Final

from paychannels.registration import Operation, Registration

REGISTRATION: Final = Registration(
    parts={
        Operation.MANIFEST: "paychannels.wechatpay.manifest:MANIFEST",
        Operation.CHECK_ACCOUNT: "paychannels.wechatpay.account:check_account",
        Operation.CREATE: "paychannels.wechatpay.create:strategy",
        Operation.QUERY: "paychannels.wechatpay.query:strategy",
        Operation.CLOSE: "paychannels.wechatpay.close:strategy",
        Operation.REFUND: "paychannels.wechatpay.refund:create_strategy",
        Operation.QUERY_REFUND: "paychannels.wechatpay.refund:query_strategy",
        Operation.BILLS: "paychannels.wechatpay.bills:strategy",
        Operation.CALLBACKS: "paychannels.wechatpay.callbacks:strategy",
        Operation.IDENTIFICATION: "paychannels.wechatpay.identification:strategy",
        Operation.MATERIAL: "paychannels.wechatpay.material:strategy",
    }
)
