"""A payer's whole path through the running sandbox, in a browser: shop, cashier, channel, cashier, shop.

Every form is the real one, submitted under the real content security policy, to the real handlers in the emulator and
the simulated channel. The pictures of each step are kept beside the sandbox's state.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

import httpx
import pytest
from playwright.sync_api import Locator, expect

from tests.browser.chromium import Window
from tests.browser.conftest import Addresses
from tests.browser.scanner import scan

PASSWORD = "123456"
# The emulator starts a process for a function's first call.
PATIENCE_MS = 30_000

type OpenWindow = Callable[..., Window]


@pytest.fixture(autouse=True)
def patience() -> None:
    expect.set_options(timeout=PATIENCE_MS)


@dataclass
class Payer:
    """One window and the hands that use it."""

    window: Window
    addresses: Addresses

    def buy(self, line: str = "tickets", goods: str = "adult") -> str:
        """Order at the shop and arrive at the cashier; return the order's number at the shop."""
        page = self.window.page
        page.set_default_timeout(PATIENCE_MS)
        page.goto(self.addresses.shop)
        self.window.shoot("1-shop")
        offered = page.locator(f"#line-{line} form").filter(
            has=page.locator(f"input[name=goods][value={goods}]")
        )
        offered.get_by_role("button").click()
        page.wait_for_url(f"{self.addresses.door}/cashier/*")
        self.window.shoot("2-cashier")
        back = page.locator("#watch").get_attribute("data-return") or ""
        return back.rsplit("/", 1)[-1]

    def way(self, product: str) -> Locator:
        """Return the button of a way to pay."""
        page = self.window.page
        form = page.locator('form[action*="/payments"]').filter(
            has=page.locator(f"input[name=product][value={product}]")
        )
        return form.get_by_role("button")

    def products(self) -> list[str]:
        """Return the ways to pay that are offered, in their order."""
        inputs = self.window.page.locator("input[name=product]").all()
        return [found.get_attribute("value") or "" for found in inputs]

    def pay_at_the_channel(self) -> None:
        """Type the password on the channel's own page."""
        page = self.window.page
        page.wait_for_url(f"{self.addresses.alipay}/**")
        self.window.shoot("3-channel")
        page.locator("#password").fill(PASSWORD)
        page.locator("#pay").click()

    def see_the_result(self) -> None:
        """See the cashier say paid, and the shop after it."""
        page = self.window.page
        expect(page.get_by_role("heading", name="Paid", exact=True)).to_be_visible()
        self.window.shoot("4-paid")
        page.wait_for_url(f"{self.addresses.shop}/lines/*/return/*")
        expect(page.locator("#order[data-state=PAID]")).to_be_visible()
        self.window.shoot("5-shop-again")


@pytest.fixture
def payer(open_window: OpenWindow, addresses: Addresses) -> Payer:
    return Payer(open_window("desktop"), addresses)


@pytest.fixture
def payer_on_a_phone(open_window: OpenWindow, addresses: Addresses) -> Payer:
    return Payer(open_window("phone"), addresses)


def the_business_line_was_told(addresses: Addresses, number: str, line: str = "tickets") -> None:
    """Hold that one verified order.paid is in the inbox, however often it was sent."""
    query = {"line": line, "order": number}
    messages = httpx.get(f"{addresses.shop}/inbox.json", params=query, trust_env=False).json()[
        "messages"
    ]
    paid = [message for message in messages if message["type"] == "order.paid"]
    assert paid, f"no order.paid for {number}"
    assert all(message["verified"] for message in paid)
    assert paid[-1]["body"]["data"]["state"] == "PAID"


def test_pay_on_the_channels_page(payer: Payer) -> None:
    number = payer.buy()
    page = payer.window.page
    expect(page.locator(".summary .amount")).to_have_text("¥128.00")
    expect(page.locator("#countdown")).to_have_text(re.compile(r"^\d\d:\d\d$"))
    expect(page.locator("#countdown")).not_to_have_text("00:00")
    expect(page.locator("dt", has_text="入园日期 Visit date")).to_be_visible()
    expect(page.locator("dd", has_text="张三 Zhang San")).to_be_visible()
    assert payer.products() == ["page", "qr"]
    payer.way("page").click()
    payer.pay_at_the_channel()
    payer.see_the_result()
    the_business_line_was_told(payer.addresses, number)
    page.goto(f"{payer.addresses.shop}/inbox")
    payer.window.shoot("6-inbox")


def test_forms_say_where_they_come_from_and_the_channel_learns_no_address(payer: Payer) -> None:
    payer.buy()
    payer.way("page").click()
    payer.window.page.wait_for_url(f"{payer.addresses.alipay}/**")
    _, ours, channels = (request.all_headers() for request in payer.window.posted)
    assert ours["origin"] == payer.addresses.door
    assert payer.window.posted[-1].url.startswith(f"{payer.addresses.alipay}/gateway.do")
    assert "referer" not in channels
    assert payer.addresses.door not in channels.get("origin", "")


def test_pay_on_a_phone(payer_on_a_phone: Payer) -> None:
    payer = payer_on_a_phone
    number = payer.buy("hotel", "double")
    assert payer.window.fits()
    expect(payer.window.page.locator(".summary .amount")).to_have_text("¥468.00")
    expect(payer.window.page.locator("dt", has_text="入住人 Guest")).to_be_visible()
    assert payer.products() == ["wap"]
    payer.way("wap").click()
    payer.pay_at_the_channel()
    payer.see_the_result()
    the_business_line_was_told(payer.addresses, number, "hotel")


def test_pay_by_scanning_after_changing_ones_mind(payer: Payer, payer_on_a_phone: Payer) -> None:
    number = payer.buy("tickets", "family")
    page = payer.window.page
    payer.way("page").click()
    page.wait_for_url(f"{payer.addresses.alipay}/**")
    page.go_back()
    page.wait_for_url(f"{payer.addresses.door}/cashier/*")
    payer.way("qr").click()
    code = page.locator("#channel-qr")
    expect(code).to_be_visible()
    payer.window.shoot("2b-code")

    scanned = scan(code.screenshot())
    assert scanned.startswith(f"{payer.addresses.alipay}/qr/")
    payer_on_a_phone.window.page.goto(scanned)
    payer_on_a_phone.pay_at_the_channel()
    payer.see_the_result()
    the_business_line_was_told(payer.addresses, number)


def test_a_payer_reads_the_other_language(payer: Payer) -> None:
    payer.buy()
    page = payer.window.page
    expect(page.get_by_role("heading", name="Choose how to pay")).to_be_visible()
    page.get_by_role("link", name="中文").click()
    expect(page.get_by_role("heading", name="选择支付方式")).to_be_visible()
    payer.window.shoot("chinese")
    payer.way("qr").click()
    expect(page.get_by_text("请使用支付宝扫码支付")).to_be_visible()


def test_a_wrong_address_is_said_in_words(payer: Payer) -> None:
    answer = payer.window.page.goto(f"{payer.addresses.door}/cashier/nobodys-token")
    assert answer is not None
    assert answer.status == httpx.codes.NOT_FOUND
    heading = payer.window.page.get_by_role("heading", level=1)
    expect(heading).to_have_text("We can't find this payment")
    payer.window.shoot("error")
    # The browser itself reports every answer of 404.
    assert len(payer.window.problems) == 1
    payer.window.problems.clear()
