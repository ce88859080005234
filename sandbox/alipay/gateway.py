"""``/gateway.do``: the one address of the v2 dialect, for servers and for the payer's browser."""

from collections.abc import Mapping

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from starlette.requests import Request
from starlette.responses import Response

from sandbox.alipay import answers
from sandbox.alipay.content import PAGE_PAY, WAP_PAY, order_of, parse_json
from sandbox.alipay.errors import BusinessRefusal, GatewayRefusal, refusal_of
from sandbox.alipay.merchant import Merchant
from sandbox.alipay.operations import OPERATIONS, Asked, execute
from sandbox.alipay.requests import check, read_params
from sandbox.alipay.signing import Keys
from sandbox.simulator import pages, rsa
from sandbox.simulator.faults import Reply, Seal
from sandbox.simulator.payer import to_page
from sandbox.simulator.refusals import Refusal
from sandbox.simulator.world import World

SYSTEM_ERROR = {
    "code": "20000",
    "msg": "Service Currently Unavailable",
    "sub_code": "isp.unknow-error",
    "sub_msg": "系统繁忙 Service busy.",
}
THROTTLED = {
    "code": "40004",
    "msg": "Business Failed",
    "sub_code": "isv.app-call-limited",
    "sub_msg": "应用调用次数超限 Too many calls of this app.",
}


class Gateway:
    """Verifies, counts, executes and answers, with the trade's faults applied."""

    def __init__(self, world: World, merchant: Merchant, keys: Keys) -> None:
        self._world = world
        self._merchant = merchant
        self._keys = keys

    async def serve(self, request: Request) -> Response:
        """Answer one request of either kind; a refused one was not executed and is answered unsigned."""
        try:
            params = await read_params(request)
            check(params, self._merchant, self._keys, self._world.clock.now())
            in_browser = _in_browser(params.get("method", ""))
            content = parse_json(params.get("biz_content", ""))
        except GatewayRefusal as refusal:
            self._world.refused(refusal.sub_code)
            return answers.gateway_error(refusal.fields)
        if in_browser:
            return self._serve_browser(params, content)
        return await self._serve_server(request, params, content)

    def _serve_browser(self, params: Mapping[str, str], content: Mapping[str, object]) -> Response:
        """Open the payer's page; only now does the trade exist."""
        world = self._world
        world.seen(params["method"], _number_in(content))
        try:
            order = order_of(params, content, self._merchant.seller_id, world.clock.now())
            return to_page(world.ledger.open(order))
        except Refusal as refusal:
            return pages.refused(world.channel, *refusal_of(refusal.reason).explained)
        except BusinessRefusal as refusal:
            return pages.refused(world.channel, *refusal.explained)

    async def _serve_server(
        self, request: Request, params: Mapping[str, str], content: Mapping[str, object]
    ) -> Response:
        method = params["method"]
        call = self._world.call(request, method, _number_in(content))
        asked = Asked(call, params, content, self._merchant.seller_id, self._world.clock.now())
        return await call.answer(
            lambda: execute(asked),
            lambda trouble: THROTTLED if trouble is Reply.THROTTLED else SYSTEM_ERROR,
            lambda fields, seal: answers.answer(method, fields, self._key(seal)),
        )

    def _key(self, seal: Seal) -> RSAPrivateKey | None:
        if seal is Seal.STRANGER:
            return rsa.strangers_key()
        return self._keys.platform if seal is Seal.OWN else None


def _in_browser(method: str) -> bool:
    if method not in {PAGE_PAY, WAP_PAY, *OPERATIONS}:
        raise GatewayRefusal("isv.invalid-method", f"不存在的方法名 no such method: {method}")
    return method in {PAGE_PAY, WAP_PAY}


def _number_in(content: Mapping[str, object]) -> str:
    number = content.get("out_trade_no")
    return number if isinstance(number, str) else ""
