"""Answers of API v3, sorted into the four outcomes of a channel call; only what WeChat signed says anything."""

import hashlib
import re
from collections.abc import Mapping
from typing import Final

from paycenter.ports.channel import Outcome
from paycenter.ports.transport import HttpResponse
from paychannels.flow import Reply
from paychannels.wechatpay import documents, verification

_OK: Final = 200
_NO_CONTENT: Final = 204
_MULTIPLE: Final = 300
_TOO_MANY: Final = 429
_CODE: Final = re.compile(r"[A-Z][A-Z0-9_.]{0,63}", re.ASCII)
_CLAIM: Final = re.compile(rb'"code"\s*:\s*"([A-Z0-9_.]{1,64})"')

# The code counts before the status: several codes come with different ones.
_REFUSED: Final = frozenset(
    {
        "PARAM_ERROR",
        "INVALID_REQUEST",
        "APPID_MCHID_NOT_MATCH",
        "MCH_NOT_EXISTS",
        "SIGN_ERROR",
        "NO_AUTH",
        "RULE_LIMIT",
        "ACCOUNT_ERROR",
        "REQUEST_BLOCKED",
        "USER_ACCOUNT_ABNORMAL",
        "OPENID_MISMATCH",
        "INVALID_TRANSACTIONID",
        "ORDER_NOT_EXIST",
        "RESOURCE_NOT_EXISTS",
    }
)
# The merchant's balance is too small, or we ask too fast: nothing was done, the same may be asked again.
_NOT_EXECUTED: Final = frozenset({"FREQUENCY_LIMITED", "NOT_ENOUGH"})
# The finer number of an error says: paid (two), closed, or made before with other parameters.
_CONFLICTS: Final = frozenset({"268449538", "268498689", "268447914", "268498688"})


def read(response: HttpResponse, keys: Mapping[str, str], now: int) -> Reply:
    """Sort what came back into an outcome; only an answer that WeChat signed has fields."""
    try:
        verification.verify(response.headers, response.body, keys, now)
    except verification.Unverified as doubt:
        return _unverified(response, str(doubt))
    if response.status == _NO_CONTENT and not response.body:
        return Reply(outcome=Outcome.DONE, fields={}, digest=digest_of(response.body))
    try:
        fields = documents.read_object(response.body)
    except ValueError:
        return _unknown(response, "unreadable_answer")
    if response.status == _OK:
        return Reply(outcome=Outcome.DONE, fields=fields, digest=digest_of(response.body))
    return _failed(response, fields)


def classify(status: int, code: str, finer: str = "") -> Outcome:
    """Sort a verified `code`; what is not known to be definite is UNKNOWN, a query decides.

    So are conflicts (paid, closed, made with other parameters), which WeChat also tells as an INVALID_REQUEST whose
    finer number, the end of `Request-ID`, gives the reason. That header is not signed: it can only add doubt.
    """
    if code in _NOT_EXECUTED or (status == _TOO_MANY and code not in _REFUSED):
        return Outcome.NOT_EXECUTED
    if code in _REFUSED and finer not in _CONFLICTS:
        return Outcome.REFUSED
    return Outcome.UNKNOWN


def digest_of(body: bytes) -> str:
    """Return what names a raw answer as evidence."""
    return hashlib.sha256(body).hexdigest()


def _failed(response: HttpResponse, fields: dict[str, object]) -> Reply:
    code = documents.text(fields, "code")
    finer = response.headers.get("request-id", "").rpartition("-")[2]
    if response.status < _MULTIPLE:
        # Neither 200 nor 204: accepted perhaps, done certainly not.
        return _unknown(response, _shown(code) or f"http_{response.status}")
    return Reply(
        outcome=classify(response.status, code, finer),
        fields=fields,
        code=_shown(code) or "unreadable_code",
        detail=documents.printable(documents.text(fields, "message")),
        digest=digest_of(response.body),
    )


def _shown(code: str) -> str:
    return code if _CODE.fullmatch(code) else ""


def _unknown(response: HttpResponse, code: str) -> Reply:
    return Reply(outcome=Outcome.UNKNOWN, code=code, digest=digest_of(response.body))


def _unverified(response: HttpResponse, reason: str) -> Reply:
    # Errors often come without a usable signature. Too many requests is told before anything is done; all else that
    # nobody signed decides nothing, but a person who looks for a wrong key is glad of the claim.
    claim = _CLAIM.search(response.body)
    throttled = response.status == _TOO_MANY
    return Reply(
        outcome=Outcome.NOT_EXECUTED if throttled else Outcome.UNKNOWN,
        code="unverified" if response.status < _MULTIPLE else f"http_{response.status}",
        detail=f"unsigned: {claim[1].decode()}" if claim else reason,
        digest=digest_of(response.body),
    )
