"""Asks UnionPay: sign, send, verify the answer, and sort it into the four outcomes of a channel call."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from paycenter.ports.channel import Account, Outcome
from paycenter.ports.clock import Clock
from paycenter.ports.transport import HttpResponse, NoAnswer, NotSent, Transport
from paychannels.flow import Reply
from paychannels.unionpay import codes, messages, signing, wire
from paychannels.unionpay.verification import NotVerified, verify

_OK: Final = 200
_CODE: Final = re.compile(r"[0-9A-Z]{2}", re.ASCII)
_CLAIM: Final = re.compile(rb"(?:^|&)respCode=([0-9A-Z]{2})(?:&|$)")
_MAXIMUM_DETAIL: Final = 200


@dataclass(frozen=True, slots=True)
class Gateway:
    """The way to UnionPay, shared by all operations that call it."""

    transport: Transport
    clock: Clock

    def call_channel(self, account: Account, call: wire.Call) -> Reply:
        """Ask; an answer counts if it repeats the fields that identify the question.

        Raises ValueError where the account's own keys can't be read.
        """
        request = wire.post(call, signing.signed(call.params, account))
        try:
            response = self.transport.send(request)
        except NotSent:
            return Reply(outcome=Outcome.NOT_EXECUTED, code="not_sent")
        except NoAnswer:
            return Reply(outcome=Outcome.UNKNOWN, code="no_answer")
        return read(response, account, call, self.clock.now())


def read(response: HttpResponse, account: Account, call: wire.Call, now: int) -> Reply:
    """Sort what came back into an outcome; only an answer to our question that UnionPay signed has fields."""
    digest = hashlib.sha256(response.body).hexdigest()
    if response.status != _OK:
        return Reply(outcome=Outcome.UNKNOWN, code=f"http_{response.status}", digest=digest)
    try:
        fields = messages.answer(response.body)
        verify(fields, account, now)
    except (messages.Unreadable, NotVerified) as reason:
        detail = f"{reason}{_claim(response.body)}"
        return Reply(outcome=Outcome.UNKNOWN, code="unverified", detail=detail, digest=digest)
    if any(fields.get(name) != call.params[name] for name in call.identity):
        return Reply(outcome=Outcome.UNKNOWN, code="other_transaction", digest=digest)
    code = fields.get("respCode", "")
    return Reply(
        outcome=codes.outcome(code),
        fields=fields,
        code=code if _CODE.fullmatch(code) else "unreadable_code",
        # Its end, in brackets, is UnionPay's longer code.
        detail=_printable(fields.get("respMsg", "")),
        digest=digest,
    )


def text(fields: Mapping[str, object], name: str) -> str:
    """Return a field, or the empty text where there is none."""
    value = fields.get(name)
    return value if isinstance(value, str) else ""


def _claim(body: bytes) -> str:
    # Nobody signed it, so it decides nothing; a person who looks for a wrong key is glad of it.
    match = _CLAIM.search(body)
    return f", it says {match[1].decode()}" if match else ""


def _printable(words: str) -> str:
    return "".join(character for character in words if character.isprintable())[:_MAXIMUM_DETAIL]
