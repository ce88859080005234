"""Alipay's entry in the table of channels."""

from typing import Final

from paychannels.registration import Operation, Registration

REGISTRATION: Final = Registration(
    parts={
        Operation.MANIFEST: "paychannels.alipay.manifest:MANIFEST",
        Operation.CHECK_ACCOUNT: "paychannels.alipay.account:check_account",
        Operation.CREATE: "paychannels.alipay.create:strategy",
        Operation.QUERY: "paychannels.alipay.query:strategy",
        Operation.CLOSE: "paychannels.alipay.close:strategy",
        Operation.REFUND: "paychannels.alipay.refund:strategy",
        Operation.QUERY_REFUND: "paychannels.alipay.query_refund:strategy",
        Operation.BILLS: "paychannels.alipay.bills:strategy",
        Operation.MATERIAL: "paychannels.alipay.material:strategy",
        Operation.CALLBACKS: "paychannels.alipay.callbacks:strategy",
    }
)
