"""The simulated WeChat Pay inside a test's own process, on a free port."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx

from sandbox.business_clock import Clock
from sandbox.simulator.payer import PASSWORD
from sandbox.simulator.program import KEYS_FOLDER
from sandbox.simulator.running import CONTROL_LIMIT_SECONDS, SimulatorControl, running_simulator
from sandbox.wechatpay.channel import WechatPay
from sandbox.wechatpay.merchant import Merchant
from sandbox.wechatpay.signing import Keys

OWN_BROWSER = "Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 MicroMessenger/8.0.49(0x1800312c)"
REFERER = "http://127.0.0.1:8080/"


class WechatControl(SimulatorControl):
    """The kit's control, and what a payer does with each product's action."""

    def __init__(self, url: str, merchant_serial: str = "") -> None:
        super().__init__(url)
        self.merchant_serial = merchant_serial

    def pay_code(self, content: str) -> httpx.Response:
        """Scan a native code and pay."""
        return self.pay(f"/qr/{content.partition('?pr=')[2]}")

    def pay_h5(self, address: str, referer: str = REFERER) -> httpx.Response:
        """Open an H5 address from a page of ours and pay."""
        return self._pay(address, {"referer": referer})

    def pay_jsapi(self, parameters: Mapping[str, str]) -> httpx.Response:
        """Do as WeChat does with what its script bridge was given, and pay."""
        return self._pay(str(httpx.URL(f"{self.url}/jsapi/pay", params=dict(parameters))), {})

    def pay_app(self, parameters: Mapping[str, str]) -> httpx.Response:
        """Do as WeChat does with what its SDK in an app was given, and pay."""
        return self._pay(str(httpx.URL(f"{self.url}/app/pay", params=dict(parameters))), {})

    def authorise(self, address: str) -> str:
        """Follow a web authorisation in WeChat's own browser; return where it leads back to."""
        with _browser({"user-agent": OWN_BROWSER}) as browser:
            answer = browser.get(address.partition("#")[0])
        assert answer.status_code == httpx.codes.FOUND, answer.text  # noqa: S101 - for tests alone
        return answer.headers["location"]

    def _pay(self, address: str, headers: Mapping[str, str]) -> httpx.Response:
        with _browser(headers) as browser:
            page = browser.get(address, follow_redirects=True).raise_for_status()
            return browser.post(page.url, data={"password": PASSWORD})


def _browser(headers: Mapping[str, str]) -> httpx.Client:
    return httpx.Client(headers=dict(headers), timeout=CONTROL_LIMIT_SECONDS, trust_env=False)


@contextmanager
def running_wechatpay(
    clock: Clock | None = None,
    keys_folder: Path = KEYS_FOLDER,
    merchant: Merchant | None = None,
    port: int = 0,
) -> Iterator[WechatControl]:
    """Run a simulator in a thread of this process while the block lasts."""
    keys = Keys.load(keys_folder)
    channel = WechatPay(merchant or Merchant(), keys)
    with (
        running_simulator(channel, clock, port) as url,
        WechatControl(url, keys.merchant_serial) as control,
    ):
        yield control
