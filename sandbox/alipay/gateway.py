"""``/gateway.do``: the one address of the v2 dialect, for servers and for the payer's browser."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from sandbox.alipay import answers, encryption
from sandbox.alipay.content import APP_PAY, PAGE_PAY, WAP_PAY, order_of, parse_json
from sandbox.alipay.desk import Desk, number_in
from sandbox.alipay.errors import BusinessRefusal, GatewayRefusal, refusal_of
from sandbox.alipay.operations import OPERATIONS, execute
from sandbox.alipay.requests import check, read_params
from sandbox.simulator import pages
from sandbox.simulator.faults import Reply, Seal
from sandbox.simulator.payer import to_page
from sandbox.simulator.refusals import Refusal

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
# The payer brings these: in a browser, or in an app whose client SDK was given the order string.
BROUGHT = frozenset({PAGE_PAY, WAP_PAY, APP_PAY})


class Gateway:
    """Verifies, counts, executes and answers, with the trade's faults applied."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def serve(self, request: Request) -> Response:
        """Answer one request of either kind; a refused one was not executed and is answered unsigned."""
        desk = self._desk
        try:
            params = await read_params(request)
            check(params, desk.merchant, desk.keys, desk.world.clock.now())
            brought = _brought(params.get("method", ""))
            content = self._content(params)
        except GatewayRefusal as refusal:
            desk.world.refused(refusal.sub_code)
            return answers.gateway_error(refusal.fields)
        if brought:
            return self._serve_payer(params, content)
        return await self._serve_server(request, params, content)

    def _content(self, params: Mapping[str, str]) -> dict[str, object]:
        text = params.get("biz_content", "")
        if "encrypt_type" not in params:
            return parse_json(text)
        try:
            if params["encrypt_type"] != encryption.TYPE:
                raise ValueError("encrypt_type must be AES")  # noqa: TRY301 - refused like the others
            return parse_json(encryption.decrypted(self._desk.merchant.encryption_key, text))
        except ValueError as error:
            raise GatewayRefusal("isv.invalid-encrypt", f"解密出错 {error}") from error

    def _serve_payer(self, params: Mapping[str, str], content: Mapping[str, object]) -> Response:
        """Open the payer's page; only now does the trade exist."""
        world = self._desk.world
        world.seen(params["method"], number_in(content))
        try:
            order = order_of(params, content, self._desk.merchant.seller_id, world.clock.now())
            return to_page(world.ledger.open(order))
        except Refusal as refusal:
            return pages.refused(world.channel, *refusal_of(refusal.reason).explained)
        except BusinessRefusal as refusal:
            return pages.refused(world.channel, *refusal.explained)

    async def _serve_server(
        self, request: Request, params: Mapping[str, str], content: Mapping[str, object]
    ) -> Response:
        asked = self._desk.asked(request, params, content)
        return await asked.call.answer(
            lambda: execute(asked),
            lambda trouble: THROTTLED if trouble is Reply.THROTTLED else SYSTEM_ERROR,
            lambda fields, seal: self._sealed(params, fields, seal),
        )

    def _sealed(
        self, params: Mapping[str, str], fields: Mapping[str, object], seal: Seal
    ) -> Response:
        """Answer in the caller's own mode: with a certificate's name, encrypted."""
        keys = self._desk.keys
        serial = keys.platform_serial if "app_cert_sn" in params else ""
        encryption_key = self._desk.merchant.encryption_key if "encrypt_type" in params else ""
        return answers.answer(params["method"], fields, keys.sealing(seal), serial, encryption_key)


def _brought(method: str) -> bool:
    if method not in {*BROUGHT, *OPERATIONS}:
        raise GatewayRefusal("isv.invalid-method", f"不存在的方法名 no such method: {method}")
    return method in BROUGHT
