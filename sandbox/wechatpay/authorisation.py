"""Web authorisation: who the payer is inside WeChat, by a code that serves once (OAuth 2, scope ``snsapi_base``)."""

import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit, urlunsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from sandbox.simulator import pages
from sandbox.simulator.faults import Reply, Seal
from sandbox.wechatpay.desk import Desk
from sandbox.wechatpay.evoking import OWN_BROWSER
from sandbox.wechatpay.merchant import PAYER_OPENID

CODE_LIFE_SECONDS = 300
_STATE = re.compile("[0-9A-Za-z]{0,128}")
_SENTENCES = {
    -1: "system error",
    40013: "invalid appid",
    40029: "invalid code",
    40125: "invalid appsecret",
    40163: "code been used",
    41008: "missing code",
    45011: "api minute-quota reach limit",
}


@dataclass(slots=True)
class _Code:
    made_at: float
    used: bool = False


class Authorisation:
    """The page that leads back with a code, and the exchange of the code."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._codes: dict[str, _Code] = {}

    def routes(self) -> list[Route]:
        """Return both addresses."""
        return [
            Route("/connect/oauth2/authorize", self.authorize),
            Route("/sns/oauth2/access_token", self.exchange),
        ]

    async def authorize(self, request: Request) -> Response:
        """Lead the payer's browser back with ``code`` and ``state``; nobody is asked anything."""
        asked = request.query_params
        if OWN_BROWSER not in request.headers.get("user-agent", ""):
            return self._refused("10000", "请在微信客户端打开链接 Only inside WeChat.")
        if asked.get("appid") != self._desk.merchant.appid:
            return self._refused("10013", "AppID 参数错误 Unknown app.")
        if asked.get("response_type") != "code" or asked.get("scope") != "snsapi_base":
            return self._refused("10005", "scope 参数错误 Wrong scope or response type.")
        target = urlsplit(asked.get("redirect_uri", ""))
        if target.hostname not in self._desk.merchant.domains:
            return self._refused(
                "10003", "redirect_uri 域名与后台配置不一致 Not a registered domain."
            )
        state = asked.get("state", "")
        if not _STATE.fullmatch(state):
            return self._refused("10006", "state 参数错误 Letters and digits alone, at most 128.")
        code = secrets.token_urlsafe(24)
        self._codes[code] = _Code(self._desk.world.clock.now())
        added = urlencode({"code": code, "state": state})
        query = f"{target.query}&{added}" if target.query else added
        return RedirectResponse(urlunsplit(target._replace(query=query)), 302)

    async def exchange(self, request: Request) -> Response:
        """Answer the openid for a code; 200 whatever happens, errors in ``errcode``, nothing is signed."""
        call = self._desk.world.call(request, "oauth2", "")
        asked = dict(request.query_params)
        return await call.answer(
            lambda: self._openid(asked),
            lambda trouble: _error(45011 if trouble is Reply.THROTTLED else -1),
            _plain,
        )

    def _openid(self, asked: Mapping[str, str]) -> dict[str, object]:
        merchant = self._desk.merchant
        if asked.get("appid") != merchant.appid:
            return _error(40013)
        if not secrets.compare_digest(asked.get("secret", ""), merchant.app_secret):
            return _error(40125)
        if not asked.get("code") or asked.get("grant_type") != "authorization_code":
            return _error(41008)
        return self._exchanged(self._codes.get(asked["code"]))

    def _exchanged(self, code: _Code | None) -> dict[str, object]:
        if code is None or self._desk.world.clock.now() > code.made_at + CODE_LIFE_SECONDS:
            return _error(40029)
        if code.used:
            return _error(40163)
        code.used = True
        return {
            "access_token": secrets.token_urlsafe(32),
            "expires_in": 7_200,
            "refresh_token": secrets.token_urlsafe(32),
            "openid": PAYER_OPENID,
            "scope": "snsapi_base",
        }

    def _refused(self, code: str, sentence: str) -> Response:
        return pages.refused(self._desk.world.channel, code, sentence)


def _error(number: int) -> dict[str, object]:
    return {"errcode": number, "errmsg": f"{_SENTENCES[number]}, rid: sandbox"}


def _plain(fields: Mapping[str, object], _: Seal) -> Response:
    return Response(json.dumps(fields), media_type="text/plain")
