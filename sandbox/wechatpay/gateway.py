"""``/v3``: verifies a request, executes it and answers, with the trade's faults applied (channel document, section 2)."""

import json
import re
import secrets
from collections.abc import Mapping
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.simulator import rsa
from sandbox.simulator.faults import Reply, Seal
from sandbox.simulator.ledger import Ledger
from sandbox.simulator.refusals import Refusal
from sandbox.simulator.wire import form_pairs, json_object, read_limited, without_repeats
from sandbox.wechatpay.desk import Answer, Asked, Desk, File
from sandbox.wechatpay.faults import TWISTS
from sandbox.wechatpay.operations import execute, failed
from sandbox.wechatpay.problems import Problem
from sandbox.wechatpay.signing import authorization_of, headers, lines

WINDOW_SECONDS = 300
_JSON = "application/json"
_WRONG_SIGNATURE = "268443699"
_DIGITS = re.compile("[0-9]{1,12}")
_TRANSACTIONS = "/v3/pay/transactions"
_PATHS: tuple[tuple[str, re.Pattern[str], str], ...] = (
    ("POST", re.compile(rf"{_TRANSACTIONS}/(native|jsapi|h5|app)"), ""),
    ("GET", re.compile(rf"{_TRANSACTIONS}/out-trade-no/([^/]+)"), "query"),
    ("GET", re.compile(rf"{_TRANSACTIONS}/id/([^/]+)"), "query_by_id"),
    ("POST", re.compile(rf"{_TRANSACTIONS}/out-trade-no/([^/]+)/close"), "close"),
    ("POST", re.compile("/v3/refund/domestic/refunds()"), "refund"),
    ("GET", re.compile("/v3/refund/domestic/refunds/([^/]+)"), "query_refund"),
    ("GET", re.compile("/v3/bill/(tradebill|fundflowbill)"), ""),
    ("GET", re.compile("/v3/billdownload/file()"), "billdownload"),
    ("GET", re.compile("/v3/certificates()"), "certificates"),
)


class Gateway:
    """The one door of API v3."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[Route]:
        """Return everything under ``/v3``."""
        return [Route("/v3/{path:path}", self.serve, methods=["GET", "POST"])]

    async def serve(self, request: Request) -> Response:
        """Answer one request; a refused one was not executed and is answered unsigned."""
        try:
            body = await self._let_in(request)
            asked = self._asked(request, body)
        except (Problem, ValueError) as error:
            problem = error if isinstance(error, Problem) else Problem("PARAM_ERROR", str(error))
            self._desk.world.refused(problem.code)
            return self._signed(failed(problem), Seal.NONE)
        return await asked.call.answer(
            lambda: execute(asked),
            _trouble,
            lambda answer, seal: self._signed(answer, seal, asked),
        )

    async def _let_in(self, request: Request) -> bytes:
        body = await read_limited(request)
        if not request.headers.get("user-agent"):
            raise Problem("REQUEST_BLOCKED", "no User-Agent")
        accept = request.headers.get("accept", "")
        if _JSON not in accept and "*/*" not in accept:
            raise Problem("PARAM_ERROR", f"Accept must be {_JSON}")
        if body and request.headers.get("content-type", "").partition(";")[0] != _JSON:
            raise Problem("PARAM_ERROR", f"Content-Type must be {_JSON}")
        self._check(request, body)
        return body

    def _check(self, request: Request, body: bytes) -> None:
        try:
            parts = authorization_of(request.headers.get("authorization", ""))
        except ValueError as error:
            raise Problem("SIGN_ERROR", str(error), _WRONG_SIGNATURE) from error
        keys, timestamp = self._desk.keys, parts.get("timestamp", "")
        if parts.get("mchid") != self._desk.merchant.mchid:
            raise Problem("SIGN_ERROR", "mchid: unknown", _WRONG_SIGNATURE)
        if parts.get("serial_no") != keys.merchant_serial:
            raise Problem("SIGN_ERROR", "serial_no: no such certificate", _WRONG_SIGNATURE)
        now = self._desk.world.clock.now()
        if not _DIGITS.fullmatch(timestamp) or abs(int(timestamp) - now) > WINDOW_SECONDS:
            raise Problem("SIGN_ERROR", "timestamp: not WeChat's time", _WRONG_SIGNATURE)
        text = lines(request.method, _target_of(request), timestamp, parts.get("nonce_str", ""))
        text += body + b"\n"
        if not parts.get("nonce_str") or not rsa.signed_by(
            keys.merchant_key, text, parts.get("signature", "")
        ):
            raise Problem("SIGN_ERROR", f"wrong over: {text.decode()}", _WRONG_SIGNATURE)

    def _asked(self, request: Request, body: bytes) -> Asked:
        name, argument = _named(request)
        content = json_object(body) if request.method == "POST" else {}
        if any(value is None for value in content.values()):
            raise Problem("PARAM_ERROR", "a member is null")
        query = without_repeats(form_pairs(request.url.query))
        world = self._desk.world
        call = world.call(request, name, _number(world.ledger, name, argument, content))
        serial = request.headers.get("wechatpay-serial", "")
        return Asked(self._desk, call, name, argument, query, content, serial, world.clock.now())

    def _signed(self, answer: Answer | File, seal: Seal, asked: Asked | None = None) -> Response:
        if isinstance(answer, File):
            return Response(answer.content, media_type="text/plain")
        body = b"" if answer.fields is None else _json(answer.fields)
        said = {"Request-ID": f"08{secrets.token_hex(12).upper()}-{answer.finer}"}
        if asked is not None:
            twist = TWISTS.get(asked.call.fault.twist, TWISTS[""])
            signer = self._desk.keys.asked_for("" if twist.other_mode else asked.serial)
            said |= headers(body, self._desk.world.clock.now(), signer, seal, twist.oddity)
        if answer.fields is not None:
            said["Content-Type"] = "application/json; charset=utf-8"
        return Response(body, answer.status, said)


def _target_of(request: Request) -> str:
    """Return path and query exactly as they were sent: the encoded form is what is signed."""
    path = request.scope["raw_path"].decode("ascii").partition("?")[0]
    return f"{path}?{request.url.query}" if request.url.query else path


def _named(request: Request) -> tuple[str, str]:
    path = _target_of(request).partition("?")[0]
    for verb, form, name in _PATHS:
        match = form.fullmatch(path)
        if match and verb == request.method:
            return (name, unquote(match[1], errors="strict")) if name else (match[1], "")
    raise Problem("RESOURCE_NOT_EXISTS", f"{request.method} {path}")


def _number(ledger: Ledger, name: str, argument: str, content: Mapping[str, object]) -> str:
    """Return the merchant's number of the payment that a call is about, empty where it is about none that is known."""
    if name in ("query", "close"):
        return argument
    try:
        if name == "query_refund":
            return ledger.find_refund(argument)[0].number
        transaction_id = argument if name == "query_by_id" else content.get("transaction_id")
        if isinstance(transaction_id, str) and transaction_id:
            return ledger.find("", transaction_id).number
    except Refusal:
        return ""
    number = content.get("out_trade_no")
    return number if isinstance(number, str) else ""


def _trouble(kind: Reply) -> Answer:
    throttled = kind is Reply.THROTTLED
    problem = (
        Problem("FREQUENCY_LIMITED", finer="268447840") if throttled else Problem("SYSTEM_ERROR")
    )
    return failed(problem)


def _json(fields: Mapping[str, object]) -> bytes:
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()
