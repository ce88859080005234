"""What both dialects share of reading an answer: which words are definite, and what is shown to people."""

import hashlib
import re
from collections.abc import Mapping
from typing import Final

from paycenter.ports.channel import Outcome
from paycenter.ports.transport import HttpResponse
from paychannels.flow import Reply

_AMBIGUOUS: Final = frozenset({"SYSTEM_ERROR", "UNKNOWN_ERROR", "unknow-error", "unknown-error"})
_THROTTLED: Final = "call-limited"
_CLAIM: Final = re.compile(rb'"(?:sub_)?code"\s*:\s*"([A-Za-z][A-Za-z0-9._-]{1,63})"')
_CODE: Final = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
_MAXIMUM_DETAIL: Final = 200


def word(code: str) -> str:
    """Return a code without its prefix, of which there are several, one of them misspelt, and none in v3."""
    return code.rpartition(".")[2]


def throttled(code: str) -> bool:
    """Tell whether a code says that the call was one too many and not carried out."""
    return code.endswith(_THROTTLED)


def ambiguous(code: str) -> bool:
    """Tell whether a code leaves open what happened."""
    return word(code) in _AMBIGUOUS


def text(fields: Mapping[str, object], name: str) -> str:
    """Return a field that is text and not empty, else the empty text: Alipay sends all its fields as text."""
    value = fields.get(name)
    return value if isinstance(value, str) else ""


def about_another(fields: Mapping[str, object], payment_no: str) -> bool:
    """Tell whether an answer names a trade that is not the one that we asked about."""
    return fields.get("out_trade_no", payment_no) != payment_no


def believed(
    response: HttpResponse, fields: Mapping[str, object], outcome: Outcome, code: str, words: str
) -> Reply:
    """Return the reply of an answer that Alipay signed; `words` are for people and cut short."""
    return Reply(
        outcome=outcome,
        fields=fields,
        code=code if _CODE.fullmatch(code) else "unreadable_code",
        detail="".join(character for character in words if character.isprintable())[
            :_MAXIMUM_DETAIL
        ],
        digest=digest(response),
    )


def unbelieved(response: HttpResponse, code: str) -> Reply:
    """Return the reply of an answer that decides nothing; what it claims is for a person who looks for a wrong key."""
    match = _CLAIM.search(response.body)
    return Reply(
        outcome=Outcome.UNKNOWN,
        code=code,
        detail=f"unsigned: {match[1].decode()}" if match else "",
        digest=digest(response),
    )


def digest(response: HttpResponse) -> str:
    """Return what names the raw answer as evidence."""
    return hashlib.sha256(response.body).hexdigest()
