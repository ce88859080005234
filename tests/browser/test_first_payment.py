"""A payer's whole path through the running sandbox, in a browser: shop, cashier, channel, cashier, shop.

Every form is the real one, submitted under the real content security policy, to the real handlers in the emulator and
the simulated channel. The pictures of each step are kept beside the sandbox's state.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from sandbox.ways import scanned_address
from tests.browser.chromium import Window
from tests.browser.conftest import Addresses
from tests.browser.scanner import scan

PASSWORD = "123456"
ON_A_DESKTOP = ["alipay page", "alipay qr", "wechatpay native", "unionpay gateway", "unionpay qr"]
ON_A_PHONE = ["alipay wap", "wechatpay h5", "unionpay wap"]
INSIDE_WECHAT = ["alipay wap", "wechatpay jsapi", "unionpay wap"]
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

    def way(self, product: str, channel: str = "alipay") -> Locator:
        """Return the button of a way to pay."""
        page = self.window.page
        form = page.locator('form[action*="/payments"]')
        for name, value in (("channel", channel), ("product", product)):
            form = form.filter(has=page.locator(f"input[name={name}][value={value}]"))
        return form.get_by_role("button")

    def ways(self) -> list[str]:
        """Return the ways to pay that are offered, in their order."""
        page = self.window.page
        channels, products = (
            page.locator(f"input[name={name}]").all() for name in ("channel", "product")
        )
        return [
            f"{channel.get_attribute('value')} {product.get_attribute('value')}"
            for channel, product in zip(channels, products, strict=True)
        ]

    def arrive_at(self, channel: str) -> None:
        """See the channel's own page."""
        self.window.page.wait_for_url(f"{self.addresses.channels[channel]}/**")

    def pay_at_the_channel(self, channel: str = "alipay") -> None:
        """Type the password on the channel's own page."""
        self.arrive_at(channel)
        self.window.shoot("3-channel")
        type_the_password(self.window.page)

    def scan(self, phone: Window, channel: str = "alipay") -> None:
        """Read the drawn code with a phone, and open what its app makes of it."""
        code = self.window.page.locator("#channel-qr")
        expect(code).to_be_visible()
        self.window.shoot("2b-code")
        content = scan(code.screenshot())
        phone.page.goto(scanned_address(content, self.addresses.channels[channel]))

    def see_the_result(self) -> None:
        """See the cashier say paid, and the shop after it."""
        page = self.window.page
        expect(page.get_by_role("heading", name="Paid", exact=True)).to_be_visible()
        self.window.shoot("4-paid")
        page.wait_for_url(f"{self.addresses.shop}/lines/*/return/*")
        expect(page.locator("#order[data-state=PAID]")).to_be_visible()
        self.window.shoot("5-shop-again")


def type_the_password(page: Page) -> None:
    """Pay."""
    page.locator("#password").fill(PASSWORD)
    page.locator("#pay").click()


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
    assert payer.ways() == ON_A_DESKTOP
    payer.way("page").click()
    payer.pay_at_the_channel()
    payer.see_the_result()
    the_business_line_was_told(payer.addresses, number)
    page.goto(f"{payer.addresses.shop}/inbox")
    payer.window.shoot("6-inbox")


def test_forms_say_where_they_come_from_and_the_channel_learns_no_address(payer: Payer) -> None:
    payer.buy()
    payer.way("page").click()
    payer.arrive_at("alipay")
    _, ours, channels = (request.all_headers() for request in payer.window.posted)
    assert ours["origin"] == payer.addresses.door
    assert payer.window.posted[-1].url.startswith(
        f"{payer.addresses.channels['alipay']}/gateway.do"
    )
    assert "referer" not in channels
    assert payer.addresses.door not in channels.get("origin", "")


def test_pay_on_a_phone(payer_on_a_phone: Payer) -> None:
    payer = payer_on_a_phone
    number = payer.buy("hotel", "double")
    assert payer.window.fits()
    expect(payer.window.page.locator(".summary .amount")).to_have_text("¥468.00")
    expect(payer.window.page.locator("dt", has_text="入住人 Guest")).to_be_visible()
    assert payer.ways() == ON_A_PHONE
    payer.way("wap").click()
    payer.pay_at_the_channel()
    payer.see_the_result()
    the_business_line_was_told(payer.addresses, number, "hotel")


def test_pay_by_scanning_after_changing_ones_mind(payer: Payer, payer_on_a_phone: Payer) -> None:
    number = payer.buy("tickets", "family")
    page = payer.window.page
    payer.way("page").click()
    payer.arrive_at("alipay")
    page.go_back()
    page.wait_for_url(f"{payer.addresses.door}/cashier/*")
    payer.way("qr").click()
    payer.scan(payer_on_a_phone.window)
    payer_on_a_phone.pay_at_the_channel()
    payer.see_the_result()
    the_business_line_was_told(payer.addresses, number)


@pytest.mark.parametrize(
    ("device", "channel", "product"),
    [
        ("desktop", "unionpay", "gateway"),
        ("phone", "unionpay", "wap"),
        ("phone", "wechatpay", "h5"),
    ],
)
def test_pay_at_another_channel_and_be_led_back(
    device: str, channel: str, product: str, open_window: OpenWindow, addresses: Addresses
) -> None:
    """A form that posts the browser back across sites, and an address that is opened from our origin alone."""
    payer = Payer(open_window(device), addresses)
    number = payer.buy()
    payer.way(product, channel).click()
    payer.pay_at_the_channel(channel)
    payer.see_the_result()
    the_business_line_was_told(addresses, number)


@pytest.mark.parametrize(("channel", "product"), [("wechatpay", "native"), ("unionpay", "qr")])
def test_pay_by_scanning_with_another_channel(
    channel: str, product: str, payer: Payer, payer_on_a_phone: Payer
) -> None:
    number = payer.buy("hotel", "double")
    payer.way(product, channel).click()
    payer.scan(payer_on_a_phone.window, channel)
    payer_on_a_phone.pay_at_the_channel(channel)
    payer.see_the_result()
    the_business_line_was_told(payer.addresses, number, "hotel")


def test_pay_inside_a_channel_s_own_app(open_window: OpenWindow, addresses: Addresses) -> None:
    """The app says who pays, its bridge opens the payment, and what it answers decides nothing."""
    payer = Payer(open_window("wechat"), addresses)
    page = payer.window.page
    bridge = httpx.get(f"{addresses.channels['wechatpay']}/bridge.js", trust_env=False).text
    number = payer.buy()
    assert payer.ways() == INSIDE_WECHAT
    page.add_init_script(bridge)
    with page.expect_popup() as opened:
        payer.way("jsapi", "wechatpay").click()
    sheet = opened.value
    assert page.url.startswith(f"{addresses.door}/cashier/")
    assert "/identified?" in page.url
    payer.window.shoot("2c-bridge")
    type_the_password(sheet)
    expect(sheet.locator("[data-state=paid]")).to_be_visible()
    sheet.close()
    payer.see_the_result()
    the_business_line_was_told(addresses, number)


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
