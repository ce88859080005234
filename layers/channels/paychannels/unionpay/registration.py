"""UnionPay's entry in the table of channels."""

from typing import Final

from paychannels.registration import Operation, Registration

REGISTRATION: Final = Registration(
    parts={
        Operation.MANIFEST: "paychannels.unionpay.manifest:MANIFEST",
        Operation.CHECK_ACCOUNT: "paychannels.unionpay.account:check_account",
        Operation.CREATE: "paychannels.unionpay.create:strategy",
        Operation.QUERY: "paychannels.unionpay.query:strategy",
        Operation.CLOSE: "paychannels.unionpay.close:strategy",
        Operation.REFUND: "paychannels.unionpay.refund:strategy",
        Operation.QUERY_REFUND: "paychannels.unionpay.refund_query:strategy",
        Operation.BILLS: "paychannels.unionpay.bills:strategy",
        Operation.CALLBACKS: "paychannels.unionpay.callbacks:strategy",
    }
)
