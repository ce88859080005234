"""Finds out a payer's openid inside WeChat, by its web authorisation (OAuth 2, scope `snsapi_base`, nothing is asked).

What comes back is not signed. It decides only who may pay: WeChat refuses a payment for an openid of another app.
"""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from paycenter.ports.channel import Account, Outcome, PayerAnswer, PayerIdentification
from paycenter.ports.clock import Clock
from paycenter.ports.transport import HttpRequest, HttpResponse, NoAnswer, NotSent, Transport
from paychannels.wechatpay import documents

_OK: Final = 200
_OPENID: Final = re.compile(r"[0-9A-Za-z_-]{1,128}", re.ASCII)
# The code is invalid, was used or is missing; the app id or its secret is wrong.
_REFUSED: Final = frozenset({40029, 40163, 41008, 40013, 40125})
_BUSY: Final = frozenset({-1, 45011})


def strategy(transport: Transport, _clock: Clock) -> PayerIdentification:
    """Return WeChat's web authorisation."""
    return WebAuthorisation(transport)


@dataclass(frozen=True, slots=True)
class WebAuthorisation:
    """The way to a payer's openid: an address for the browser, then a code to exchange."""

    transport: Transport

    def address(self, account: Account, return_url: str, state: str) -> str:
        """Return where to lead the payer's browser; WeChat leads it back with `code` and `state`."""
        parameters = {
            "appid": account.settings["appid"],
            "redirect_uri": return_url,
            "response_type": "code",
            "scope": "snsapi_base",
            "state": state,
        }
        base = account.settings["authorisation_gateway"]
        return f"{base}/connect/oauth2/authorize?{urlencode(parameters)}#wechat_redirect"

    def execute(self, account: Account, code: str) -> PayerAnswer:
        """Exchange a code, which serves once and lives five minutes."""
        if "app_secret" not in account.secrets:
            return PayerAnswer(outcome=Outcome.REFUSED, code="no_app_secret")
        try:
            return _read(self.transport.send(_exchange(account, code)))
        except NotSent:
            return PayerAnswer(outcome=Outcome.NOT_EXECUTED, code="not_sent")
        except NoAnswer:
            return PayerAnswer(outcome=Outcome.UNKNOWN, code="no_answer")


def _exchange(account: Account, code: str) -> HttpRequest:
    parameters = {
        "appid": account.settings["appid"],
        "secret": account.secrets["app_secret"],
        "code": code,
        "grant_type": "authorization_code",
    }
    base = account.settings["openid_gateway"]
    return HttpRequest(
        method="GET",
        url=f"{base}/sns/oauth2/access_token?{urlencode(parameters)}",
        headers={"accept": "application/json"},
    )


def _read(response: HttpResponse) -> PayerAnswer:
    if response.status != _OK:
        return PayerAnswer(outcome=Outcome.UNKNOWN, code=f"http_{response.status}")
    try:
        fields = documents.read_object(response.body)
    except ValueError:
        return PayerAnswer(outcome=Outcome.UNKNOWN, code="unreadable_answer")
    error = fields.get("errcode", 0)
    if error != 0:
        return PayerAnswer(outcome=_outcome(error), code=_shown(error))
    openid = documents.text(fields, "openid")
    if _OPENID.fullmatch(openid) is None:
        return PayerAnswer(outcome=Outcome.UNKNOWN, code="unreadable_answer")
    return PayerAnswer(outcome=Outcome.DONE, payer_id=openid)


def _shown(error: object) -> str:
    return f"errcode_{error}" if isinstance(error, int) else "unreadable_code"


def _outcome(error: object) -> Outcome:
    if not isinstance(error, int):
        return Outcome.UNKNOWN
    if error in _BUSY:
        return Outcome.NOT_EXECUTED
    return Outcome.REFUSED if error in _REFUSED else Outcome.UNKNOWN
