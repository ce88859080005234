"""Where a published SDK decides otherwise than we do, and why ours stands: by oracle and case.

A difference that is not here fails the run, and so does one that is here and does not show any more.
"""

from collections.abc import Mapping
from typing import Final

_SLASHES: Final = "Alipay's PHP SDK takes it, and the text says the same; we log it"
_EMPTY: Final = (
    "Alipay's Java side leaves empty fields out of what it signs, the other SDKs keep them"
)
_ORDER: Final = "a JSON object has no order of members, and the signed text is the same"
_TWICE: Final = "two readers of one message may differ on which of the two counts"
_CHOOSES: Final = "a message must not choose its own algorithm; a notice names RSA2 or is refused"
_SHA1: Final = "the SDK takes the algorithm out of the signature; SHA-1 is not to be believed"
_WHOLE: Final = "an answer is one JSON object, to the question that was asked"
_SERVICE: Final = "that form belongs to the message service, not to trades"
_BRACES: Final = "the SDK counts braces inside texts; the signed text ends where the object does"
_ISSUER: Final = "the SDK knows issuers of CN, OU, O and C in this order only"
_BLANK_LINES: Final = "the SDK needs blank lines between certificates"
_ESCAPED_COMMA: Final = (
    "the SDK escapes by RFC 2253, Alipay's other SDKs do not; no issuer of Alipay has a comma"
)
_UNVERIFIED: Final = "the SDK reads an error without looking at its signature"

_NAMED: Final = "the SDK does not look at `Wechatpay-Signature-Type`; whoever names another algorithm means another"
_UNNAMED: Final = (
    "the SDK insists on a header that WeChat Pay need not send; the algorithm is ours anyway"
)
_NO_CLOCK: Final = (
    "the SDK does not look at the moment, and so takes a message of last year once more"
)
_NO_MOMENT: Final = "what is no number is no moment: the SDK's comparison with it is never true"
_ABSENT: Final = "additional data that is absent is the same as empty"
_NO_TAG: Final = (
    "the SDK never asks for the tag, so whoever is in between may change what is sealed"
)
_CIPHER: Final = "the SDK does not look at the name of the cipher"

# What all SDKs of Alipay's v2 say of empty fields, repeated names and a missing `sign_type`.
_ALIPAY: Final[Mapping[str, str]] = {
    "answer with slashes escaped and signed without": _SLASHES,
    "notice with empty fields not signed": _EMPTY,
    "notice without sign_type": _CHOOSES,
    "notice with a field twice": _TWICE,
}

DIFFERENCES: Final[Mapping[str, Mapping[str, str]]] = {
    "alipay-sdk": {
        **_ALIPAY,
        "answer with the signature first": _ORDER,
        "answer with a name twice": _TWICE,
        "notice signed with SHA-1, which it says": _CHOOSES,
        "notice with sign_type signed": _SERVICE,
    },
    "easysdk-kernel": {
        **_ALIPAY,
        "answer with a name twice": _TWICE,
        "notice that says SHA-1": _CHOOSES,
        "serial, issuer with a comma": _ESCAPED_COMMA,
        "root serial, issuer with a comma": _ESCAPED_COMMA,
    },
    "alipay-sdk-python": {
        **_ALIPAY,
        "answer with the signature first": _ORDER,
        "answer with a name twice": _TWICE,
        "answer signed with SHA-1": _SHA1,
        "answer to another method": _WHOLE,
        "answer with text behind it": _WHOLE,
        "notice signed with SHA-1, which it says": _SHA1,
        "notice signed with SHA-1, which it hides": _SHA1,
        "notice that says SHA-1": _CHOOSES,
    },
    "python-alipay-sdk": {
        **_ALIPAY,
        "answer with braces in a text": _BRACES,
        "answer with a name twice": _TWICE,
        "answer that is there twice, the first one signed": _TWICE,
        "answer of the gateway that refuses": _UNVERIFIED,
        "serial, issuer with place": _ISSUER,
        "root serial, issuer with place": _ISSUER,
        "serial, issuer in another order": _ISSUER,
        "root serial, issuer in another order": _ISSUER,
        "root serial, bundle without blank lines": _BLANK_LINES,
    },
    "wechatpay-java-core": {
        "answer that names another algorithm": _NAMED,
        "notice too old": _NO_CLOCK,
        "notice too early": _NO_CLOCK,
        "notice of no moment": _NO_CLOCK,
        "notice without additional data": _ABSENT,
    },
    "wechatpay-axios-plugin": {
        "answer that names another algorithm": _NAMED,
        "answer of no moment": _NO_MOMENT,
        "notice that names another algorithm": _NAMED,
        "notice of no moment": _NO_MOMENT,
        "notice sealed by another algorithm": _CIPHER,
        "notice with a name twice inside": _TWICE,
    },
    "wechatpay-node-v3": {
        "answer that names another algorithm": _NAMED,
        "answer too old": _NO_CLOCK,
        "answer too early": _NO_CLOCK,
        "answer of no moment": _NO_CLOCK,
        "notice that names another algorithm": _NAMED,
        "notice too old": _NO_CLOCK,
        "notice too early": _NO_CLOCK,
        "notice of no moment": _NO_CLOCK,
        "notice without additional data": _ABSENT,
        "notice with one bit flipped": _NO_TAG,
        "notice with other additional data": _NO_TAG,
        "notice sealed by another algorithm": _CIPHER,
        "notice with a name twice inside": _TWICE,
    },
    "wechatpayv3": {
        "answer without its algorithm's name": _UNNAMED,
        "answer too old": _NO_CLOCK,
        "answer too early": _NO_CLOCK,
        "answer of no moment": _NO_CLOCK,
        "notice without its algorithm's name": _UNNAMED,
        "notice too old": _NO_CLOCK,
        "notice too early": _NO_CLOCK,
        "notice of no moment": _NO_CLOCK,
        "notice with a name twice inside": _TWICE,
    },
}
