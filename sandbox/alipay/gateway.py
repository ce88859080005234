"""``/gateway.do``: the one address of the v2 dialect, for servers and for the payer's browser."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response

from sandbox.alipay import answers
from sandbox.alipay.content import PAGE_PAY, WAP_PAY, order_of, parse_json
from sandbox.alipay.errors import BusinessRefusal, GatewayRefusal
from sandbox.alipay.faults import Answering
from sandbox.alipay.operations import OPERATIONS, Call
from sandbox.alipay.payer import Payer
from sandbox.alipay.requests import check, read_params
from sandbox.alipay.world import World

# Longer than any client of ours waits; the clients' limits are real seconds whatever the clock's rate.
HANG_LIMIT_SECONDS = 60.0
HANG_STEP_SECONDS = 0.1

SYSTEM_ERROR = {
    "code": "20000",
    "msg": "Service Currently Unavailable",
    "sub_code": "isp.unknow-error",
    "sub_msg": "系统繁忙 Service busy.",
}


@dataclass(slots=True)
class Calls:
    """Counts what reached the gateway, for tests and the fault panel."""

    by_method: Counter[str] = field(default_factory=Counter)
    by_trade: dict[str, Counter[str]] = field(default_factory=dict)
    refused: Counter[str] = field(default_factory=Counter)

    def count(self, method: str, number: str) -> None:
        """One verified call about a trade."""
        self.by_method[method] += 1
        if number:
            self.by_trade.setdefault(number, Counter())[method] += 1


class Gateway:
    """Verifies, counts, executes and answers, with the trade's faults applied."""

    def __init__(self, world: World, payer: Payer) -> None:
        self._world = world
        self._payer = payer
        self.calls = Calls()

    async def __call__(self, request: Request) -> Response:
        """Answer one request of either kind; a refused one was not executed and is answered unsigned."""
        try:
            params = await read_params(request)
            check(params, self._world.merchant, self._world.keys, self._world.clock.now())
            handle = self._handler_of(params.get("method", ""))
            content = parse_json(params.get("biz_content", ""))
        except GatewayRefusal as refusal:
            self.calls.refused[refusal.sub_code] += 1
            return answers.gateway_error(refusal.fields)
        return await handle(request, params, content)

    def _handler_of(self, method: str) -> "Handler":
        if method in OPERATIONS:
            return self._serve_server
        if method in (PAGE_PAY, WAP_PAY):
            return self._serve_browser
        raise GatewayRefusal("isv.invalid-method", f"不存在的方法名 no such method: {method}")

    def _seen(self, method: str, content: Mapping[str, object]) -> str:
        """Count the call under the merchant's number, which also takes over faults for the next trade."""
        number = content.get("out_trade_no")
        known = number if isinstance(number, str) else ""
        if known:
            self._world.faults.adopt(known)
        self.calls.count(method, known)
        return known

    async def _serve_browser(
        self, _: Request, params: Mapping[str, str], content: Mapping[str, object]
    ) -> Response:
        """Open the payer's page; only now does the trade exist."""
        method, world = params["method"], self._world
        self._seen(method, content)
        try:
            order = order_of(method, content, world.merchant.seller_id, world.clock.now())
            trade = world.ledger.open(
                method, order, params.get("notify_url", ""), params.get("return_url", "")
            )
        except BusinessRefusal as refusal:
            return self._payer.refusal_page(refusal)
        return self._payer.to_page(trade)

    async def _serve_server(
        self, request: Request, params: Mapping[str, str], content: Mapping[str, object]
    ) -> Response:
        method, world = params["method"], self._world
        number = self._seen(method, content)
        fault = world.faults.answering(number, method)
        base_url = str(request.base_url).rstrip("/")
        notify_url, now = params.get("notify_url", ""), world.clock.now()
        call = Call(
            world.ledger, content, world.merchant.seller_id, notify_url, base_url, now, fault
        )
        fields = _execute(method, call) if fault.executed else SYSTEM_ERROR
        return await self._reply(request, method, fields, fault)

    async def _reply(
        self, request: Request, method: str, fields: Mapping[str, object], fault: Answering
    ) -> Response:
        keys = self._world.keys
        if fault.reply == "hang":
            await _hang(request)
        if fault.reply == "html":
            return answers.html_answer()
        if fault.reply in ("500", "hang"):
            return answers.html_answer(500)
        if fault.reply == "unsigned":
            return answers.unsigned_answer(method, fields)
        if fault.reply == "20000":
            return answers.signed_answer(method, SYSTEM_ERROR, keys.platform)
        return answers.signed_answer(
            method, fields, keys.stranger if fault.reply == "stranger" else keys.platform
        )


type Handler = Callable[[Request, Mapping[str, str], Mapping[str, object]], Awaitable[Response]]


def _execute(method: str, call: Call) -> Mapping[str, object]:
    try:
        fields = OPERATIONS[method](call)
    except BusinessRefusal as refusal:
        return refusal.fields
    return {"code": "10000", "msg": "Success", **fields}


async def _hang(request: Request) -> None:
    """Say nothing until the client gives up."""
    for _ in range(int(HANG_LIMIT_SECONDS / HANG_STEP_SECONDS)):
        if await request.is_disconnected():
            return
        await asyncio.sleep(HANG_STEP_SECONDS)
