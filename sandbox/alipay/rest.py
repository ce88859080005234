"""OpenAPI v3: the same operations by paths and JSON, signed in headers over the bytes as sent (section 4)."""

import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.alipay import encryption, signing
from sandbox.alipay.desk import Desk
from sandbox.alipay.operations import BILL, DOWNLOAD_CERTIFICATE, OPERATIONS, execute
from sandbox.alipay.requests import TIMESTAMP_WINDOW_SECONDS
from sandbox.simulator.faults import Reply, Seal
from sandbox.simulator.wire import form_pairs, json_object, read_limited, without_repeats

SCHEME = "ALIPAY-SHA256withRSA"
_AUTHORIZATION = re.compile(rf"{SCHEME} (?P<auth>[^ ]+),sign=(?P<sign>[A-Za-z0-9+/=]+)")
_VERBS = {method: "POST" for method in OPERATIONS if method != DOWNLOAD_CERTIFICATE} | {BILL: "GET"}
_STATUSES = {"SYSTEM_ERROR": HTTPStatus.INTERNAL_SERVER_ERROR, "app-call-limited": 429}


class Refused(Exception):
    """A request that is not let in: answered with a status and an unsigned error."""

    def __init__(self, status: HTTPStatus, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


@dataclass(frozen=True, slots=True)
class Caller:
    """How a caller wants its answers: encrypted, and with the name of the certificate that signed."""

    encrypts: bool
    certified: bool


class Rest:
    """Verifies, executes and answers, with the trade's faults applied."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[Route]:
        """Return everything under ``/v3``."""
        return [Route("/v3/{path:path}", self.serve, methods=["GET", "POST"])]

    async def serve(self, request: Request) -> Response:
        """Answer one request; a refused one was not executed and is answered unsigned."""
        try:
            method = _method_of(request)
            body = (await read_limited(request)).decode()
            self._check(request, body)
            params, content = self._content(request, method, body)
        except (Refused, ValueError) as error:
            return self._refuse(error)
        asked = self._desk.asked(request, params, content)
        encrypts = request.headers.get("alipay-encrypt-type") == encryption.TYPE
        caller = Caller(encrypts, "app_cert_sn=" in request.headers["authorization"])
        return await asked.call.answer(
            lambda: _result(execute(asked)),
            _trouble,
            lambda answer, seal: self._sealed(answer, seal, caller),
        )

    def _refuse(self, error: Refused | ValueError) -> Response:
        refused = (
            error
            if isinstance(error, Refused)
            else Refused(HTTPStatus.BAD_REQUEST, "invalid-parameter", str(error))
        )
        self._desk.world.refused(refused.code)
        fields = {"code": refused.code, "message": refused.message}
        return JSONResponse(fields, refused.status, self._trace())

    def _check(self, request: Request, body: str) -> None:
        match = _AUTHORIZATION.fullmatch(request.headers.get("authorization", ""))
        if match is None:
            raise Refused(HTTPStatus.UNAUTHORIZED, "missing-signature", "no Authorization")
        self._check_fields(dict(_pairs(match["auth"])), request)
        path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        token = request.headers.get("alipay-app-auth-token")
        lines = [match["auth"], request.method, path, body, *([token] if token else [])]
        text = "".join(f"{line}\n" for line in lines)
        if not signing.signed_by(self._desk.keys.app, text, match["sign"]):
            raise Refused(HTTPStatus.UNAUTHORIZED, "invalid-signature", f"wrong over: {text}")

    def _check_fields(self, fields: Mapping[str, str], request: Request) -> None:
        if fields.get("app_id") != self._desk.merchant.app_id:
            raise Refused(HTTPStatus.UNAUTHORIZED, "invalid-app-id", "unknown app_id")
        moment = fields.get("timestamp", "")
        now = self._desk.world.clock.now()
        if not re.fullmatch("[0-9]{13}", moment) or not fields.get("nonce"):
            raise Refused(HTTPStatus.UNAUTHORIZED, "invalid-timestamp", "timestamp or nonce")
        if abs(int(moment) / 1_000 - now) > TIMESTAMP_WINDOW_SECONDS:
            raise Refused(HTTPStatus.UNAUTHORIZED, "invalid-timestamp", "not the gateway's time")
        serials = (fields.get("app_cert_sn"), request.headers.get("alipay-root-cert-sn"))
        known = self._desk.keys.certificates
        if any(serials) and serials != (known.app_serial, known.root_serial):
            raise Refused(HTTPStatus.UNAUTHORIZED, "invalid-app-cert-sn", "unknown certificate")

    def _content(
        self, request: Request, method: str, body: str
    ) -> tuple[dict[str, str], dict[str, object]]:
        if request.method == "GET":
            fields = dict[str, object](without_repeats(form_pairs(request.url.query)))
        elif request.headers.get("alipay-encrypt-type") == encryption.TYPE:
            fields = json_object(encryption.decrypted(self._desk.merchant.encryption_key, body))
        else:
            fields = json_object(body)
        notify_url = fields.pop("notify_url", "")
        return {"method": method, "notify_url": str(notify_url)}, fields

    def _sealed(
        self, answer: tuple[int, Mapping[str, object]], seal: Seal, caller: Caller
    ) -> Response:
        status, fields = answer
        keys = self._desk.keys
        body = json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
        headers = {**self._trace(), "content-type": "application/json;charset=utf-8"}
        if caller.encrypts:
            body = encryption.encrypted(self._desk.merchant.encryption_key, body)
            headers |= {"content-type": "text/plain", "alipay-encrypt-type": encryption.TYPE}
        if caller.certified:
            headers["alipay-sn"] = keys.platform_serial
        if (key := keys.sealing(seal)) is not None:
            moment, nonce = f"{self._desk.world.clock.now() * 1_000:.0f}", secrets.token_hex(16)
            signature = signing.sign(key, f"{moment}\n{nonce}\n{body}\n")
            headers |= {"alipay-timestamp": moment, "alipay-nonce": nonce}
            headers["alipay-signature"] = signature
        return Response(body.encode(), status, headers)

    def _trace(self) -> dict[str, str]:
        return {"alipay-trace-id": secrets.token_hex(16)}


def _method_of(request: Request) -> str:
    method = str(request.path_params["path"]).replace("/", ".")
    if _VERBS.get(method) != request.method:
        raise Refused(HTTPStatus.NOT_FOUND, "invalid-method", f"no such interface: {method}")
    return method


def _pairs(auth: str) -> list[tuple[str, str]]:
    return [(name, value) for name, _, value in (part.partition("=") for part in auth.split(","))]


def _result(fields: Mapping[str, object]) -> tuple[int, Mapping[str, object]]:
    """Turn the operation's fields into a status and a body: v3 knows no ``ACQ.`` and no ``code`` of a success."""
    if fields["code"] == "10000":
        kept = {name: value for name, value in fields.items() if name not in ("code", "msg")}
        return HTTPStatus.OK, kept
    code = str(fields["sub_code"]).rpartition(".")[2]
    error = {"code": code, "message": fields["sub_msg"]}
    return _STATUSES.get(code, HTTPStatus.BAD_REQUEST), error


def _trouble(kind: Reply) -> tuple[int, Mapping[str, object]]:
    code = "app-call-limited" if kind is Reply.THROTTLED else "SYSTEM_ERROR"
    return _STATUSES[code], {"code": code, "message": "系统繁忙 Service busy."}
