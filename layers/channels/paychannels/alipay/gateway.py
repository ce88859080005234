"""Asks Alipay's gateway: sign, send, verify the answer, and sort it into the four outcomes of a channel call."""

import hashlib
import re
from dataclasses import dataclass
from typing import Final

from paycenter.ports.channel import Account, Outcome
from paycenter.ports.clock import Clock
from paycenter.ports.transport import HttpResponse, NoAnswer, NotSent, Transport
from paychannels.alipay import answers, signing, wire
from paychannels.flow import Reply

_OK: Final = 200
_DONE: Final = "10000"
_BUSINESS_FAILURE: Final = "40004"
# Missing authorisation, missing or invalid argument, failed precondition, business failure, missing permission.
_DEFINITE: Final = frozenset({"20001", "40001", "40002", "40003", _BUSINESS_FAILURE, "40006"})
_AMBIGUOUS: Final = frozenset({"SYSTEM_ERROR", "UNKNOWN_ERROR", "unknow-error", "unknown-error"})
_THROTTLED: Final = "call-limited"
_CLAIM: Final = re.compile(rb'"sub_code"\s*:\s*"([A-Za-z0-9._-]{1,64})"')
_CODE: Final = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
_MAXIMUM_DETAIL: Final = 200


@dataclass(frozen=True, slots=True)
class Gateway:
    """The way to Alipay, shared by all operations that call it."""

    transport: Transport
    clock: Clock

    def call_channel(
        self, account: Account, method: str, biz_content: str, *, notify_url: str = ""
    ) -> Reply:
        """Call one method; raises ValueError where the account's own keys can't be read."""
        params = wire.parameters(
            account, method, biz_content, self.clock.now(), notify_url=notify_url
        )
        request = wire.post(
            account.settings["gateway"], signing.signed(params, account.secrets["private_key"])
        )
        try:
            response = self.transport.send(request)
        except NotSent:
            return Reply(outcome=Outcome.NOT_EXECUTED, code="not_sent")
        except NoAnswer:
            return Reply(outcome=Outcome.UNKNOWN, code="no_answer")
        return read(response, method, account.secrets["alipay_public_key"])


def read(response: HttpResponse, method: str, public_key: str) -> Reply:
    """Sort what came back into an outcome; only an answer that Alipay signed has fields."""
    digest = hashlib.sha256(response.body).hexdigest()
    if response.status != _OK:
        return Reply(outcome=Outcome.UNKNOWN, code=f"http_{response.status}", digest=digest)
    answer = answers.verified(response.body, method, public_key)
    if answer is None or not isinstance(answer.value, dict):
        return Reply(
            outcome=Outcome.UNKNOWN, code="unverified", detail=_claim(response.body), digest=digest
        )
    fields = answer.value
    code, sub_code = answers.text(fields, "code"), answers.text(fields, "sub_code")
    shown = sub_code or code
    return Reply(
        outcome=classify(code, sub_code),
        fields=fields,
        code=shown if _CODE.fullmatch(shown) else "unreadable_code",
        detail=_printable(answers.text(fields, "sub_msg") or answers.text(fields, "msg")),
        digest=digest,
    )


def classify(code: str, sub_code: str) -> Outcome:
    """Sort a verified `code` and `sub_code`; what is not known to be definite is UNKNOWN."""
    reason = answers.word(sub_code)
    if code == _DONE:
        return Outcome.DONE
    if reason.endswith(_THROTTLED):
        return Outcome.NOT_EXECUTED
    if code not in _DEFINITE or reason in _AMBIGUOUS or (code == _BUSINESS_FAILURE and not reason):
        return Outcome.UNKNOWN
    return Outcome.REFUSED


def _claim(body: bytes) -> str:
    # Nobody signed it, so it decides nothing; a person who looks for a wrong key is glad of it.
    match = _CLAIM.search(body)
    return f"unsigned: {match[1].decode()}" if match else ""


def _printable(words: str) -> str:
    return "".join(character for character in words if character.isprintable())[:_MAXIMUM_DETAIL]
