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
}
