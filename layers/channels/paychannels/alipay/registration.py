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
        Operation.CALLBACKS: "paychannels.alipay.callbacks:strategy",
    }
)
