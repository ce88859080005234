"""How a payer's app is evoked: by H5, by the script bridge, by the SDK in an app (section 5.1); codes are the kit's.

Each address here stands for what happens on the payer's phone, and leads to the payer's page.
"""

import json
from dataclasses import replace
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.simulator import pages, rsa
from sandbox.simulator.payer import to_page
from sandbox.simulator.refusals import Refusal
from sandbox.wechatpay.desk import Desk
from sandbox.wechatpay.problems import problem_of
from sandbox.wechatpay.signing import lines

OWN_BROWSER = "MicroMessenger"
_SCRIPT = """\
// Stands in for the bridge that WeChat's own browser puts into a page: `invoke` opens the payer's page in a window of
// its own and calls back when that is closed.
window.WeixinJSBridge = {
  invoke(method, parameters, callback) {
    if (method !== "getBrandWCPayRequest") return callback({ err_msg: method + ":fail_not_supported" });
    const sheet = window.open(%s + "/jsapi/pay?" + new URLSearchParams(parameters));
    if (!sheet) return callback({ err_msg: "get_brand_wcpay_request:fail" });
    const watch = setInterval(() => {
      if (!sheet.closed) return;
      clearInterval(watch);
      callback({ err_msg: "get_brand_wcpay_request:ok" });
    }, 200);
  },
};
document.dispatchEvent(new Event("WeixinJSBridgeReady"));
"""


class Evoking:
    """The addresses that lead to the payer's page."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[Route]:
        """Return one address for each of the three, and the script."""
        return [
            Route("/cgi-bin/mmpayweb-bin/checkmweb", self.h5),
            Route("/jsapi/pay", self.jsapi),
            Route("/app/pay", self.app),
            Route("/bridge.js", self.bridge),
        ]

    async def h5(self, request: Request) -> Response:
        """Open an H5 payment: from a page of a registered domain, in any browser but WeChat's own."""
        if OWN_BROWSER in request.headers.get("user-agent", ""):
            return self._refused("H5_IN_WECHAT", "请在微信外打开订单，进行支付 Not inside WeChat.")
        if not self._registered(request.headers.get("referer", "")):
            return self._refused(
                "H5_REFERER", "商家参数格式有误，请联系商家解决 No registered referer."
            )
        way_back = request.query_params.get("redirect_url", "")
        if way_back and not self._registered(way_back):
            return self._refused(
                "H5_REDIRECT", "回调页面域名未登记 The way back is not registered."
            )
        return self._open("h5", request.query_params.get("prepay_id", ""), way_back)

    async def jsapi(self, request: Request) -> Response:
        """Take what ``getBrandWCPayRequest`` is given: six parameters, the last one the merchant's signature."""
        given = dict(request.query_params)
        package, merchant = given.get("package", ""), self._desk.merchant
        signed = (given.get("appId"), given.get("timeStamp"), given.get("nonceStr"), package)
        right = given.get("appId") == merchant.appid and given.get("signType") == "RSA"
        if not right or not self._holds(signed, given.get("paySign", "")):
            return self._refused("JSAPI_SIGN", "支付验证签名失败 Wrong paySign.")
        return self._open("jsapi", package.removeprefix("prepay_id="))

    async def app(self, request: Request) -> Response:
        """Take what the SDK in an app is given: seven parameters, one the merchant's signature."""
        given, merchant = dict(request.query_params), self._desk.merchant
        prepay_id = given.get("prepayid", "")
        signed = (given.get("appid"), given.get("timestamp"), given.get("noncestr"), prepay_id)
        identity = (given.get("appid"), given.get("partnerid"), given.get("package"))
        right = identity == (merchant.appid, merchant.mchid, "Sign=WXPay")
        if not right or not self._holds(signed, given.get("sign", "")):
            return self._refused("APP_SIGN", "签名错误 Wrong sign.")
        return self._open("app", prepay_id)

    async def bridge(self, request: Request) -> Response:
        """Return the script that stands in for the bridge; a test adds it to the cashier's page."""
        base = str(request.base_url).rstrip("/")
        return Response(_SCRIPT % json.dumps(base), media_type="text/javascript")

    def _open(self, kind: str, handle: str, return_url: str = "") -> Response:
        world, number = self._desk.world, self._desk.handles.number(handle, kind)
        if number is None:
            return self._refused("EXPIRED", "支付已失效，请重新下单 This opens nothing any more.")
        world.seen(f"{kind}_opened", number)
        try:
            trade = world.ledger.find(number)
        except Refusal as refusal:
            return self._refused(problem_of(refusal.reason).code, "")
        # H5's way back comes with its address, not with the order.
        trade.order = replace(trade.order, return_url=return_url)
        return to_page(trade)

    def _holds(self, signed: tuple[str | None, ...], signature: str) -> bool:
        texts = [text or "" for text in signed]
        return rsa.signed_by(self._desk.keys.merchant_key, lines(*texts), signature)

    def _registered(self, address: str) -> bool:
        return urlsplit(address).hostname in self._desk.merchant.domains

    def _refused(self, code: str, sentence: str) -> Response:
        return pages.refused(self._desk.world.channel, code, sentence)
