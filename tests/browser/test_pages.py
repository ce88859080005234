"""The cashier's pages alone in a real browser, under their real policy: what the script does, and what it can't."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Literal

import pytest
from playwright.sync_api import Route, expect

from paycenter.domain.order import Information
from paycenter.domain.states import OrderState
from paycenter.pages import (
    Offer,
    Page,
    action_page,
    cashier_page,
    identification_page,
    pending_page,
)
from paycenter.ports.channel import Action, FormAction, QrAction, RedirectAction
from tests.browser.chromium import Window
from tests.unit.pages.samples import BRIDGE, NONCE, PAGE, QR, TOKEN, VIEW

DOOR = "https://door.example"
CASHIER = f"{DOOR}/cashier/{TOKEN}"
SHOP = "https://shop.example"
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
GATEWAY = "https://gateway.example:8443"
FORM = FormAction(
    url=f"{GATEWAY}/gateway.do?charset=utf-8", fields={"sign": "a+b/=", "submit": "x"}
)

type OpenWindow = Callable[..., Window]


@dataclass
class Door:
    """Plays our door, the shop and a channel for one window."""

    window: Window
    page: Page = field(default_factory=lambda: cashier_page(VIEW, language="en", nonce=NONCE))
    chosen: Page | None = None
    status: dict[str, object] = field(
        default_factory=lambda: {
            "state": "CREATED",
            "version": 1,
            "closing": False,
            "seconds_left": 1700,
        }
    )
    polls: int = 0
    visited: list[str] = field(default_factory=list)
    forms: list[str] = field(default_factory=list)
    referers: dict[str, str] = field(default_factory=dict)

    def open(self, until: Literal["load", "commit"] = "load") -> None:
        self.window.page.context.route("**/*", self.serve)
        self.window.page.goto(CASHIER, wait_until=until)

    def serve(self, route: Route) -> None:
        request = route.request
        if request.url.endswith("/status"):
            self.polls += 1
            seen = json.dumps(self.status)
            route.fulfill(body=seen, content_type="application/json")
            return
        self.visited.append(request.url)
        self.referers[request.url] = request.all_headers().get("referer", "")
        if request.method == "POST":
            self.forms.append(request.post_data or "")
        page = self.chosen if "/payments" in request.url else self.page
        if not request.url.startswith(DOOR) or page is None:
            route.fulfill(body="<!doctype html><title>elsewhere</title>", content_type="text/html")
            return
        headers = {
            "content-security-policy": page.content_security_policy,
            "referrer-policy": page.referrer_policy,
        }
        route.fulfill(body=page.html, content_type="text/html", headers=headers)

    def pass_time(self, seconds: int) -> None:
        """Let real time pass in the window, answers to polls included."""
        for _ in range(seconds):
            self.window.page.clock.run_for(1000)
            self.window.page.wait_for_timeout(20)


@pytest.fixture
def door(open_window: OpenWindow) -> Door:
    window = open_window()
    # It stands still unless a test lets it run: a slow machine must not miss a second.
    window.page.clock.install(time=NOON)
    window.page.clock.pause_at(NOON + timedelta(seconds=1))
    return Door(window)


def choose(door: Door, action: Action, chosen: Offer = PAGE) -> None:
    door.chosen = action_page(
        VIEW, action, language="en", nonce=NONCE, form_origins=(), chosen=chosen
    )
    door.open()
    door.window.page.get_by_role("button", name="Pay on a page").click()


def test_the_countdown_ticks_in_business_seconds(door: Door) -> None:
    door.page = cashier_page(replace(VIEW, rate=60), language="en", nonce=NONCE)
    door.status["seconds_left"] = 1739
    door.open()
    countdown = door.window.page.locator("#countdown")
    expect(countdown).to_have_text("29:59")
    door.window.page.clock.run_for(500)
    expect(countdown).to_have_text("29:29")


def test_the_time_left_is_spoken_once_a_minute(door: Door) -> None:
    door.status["seconds_left"] = 125
    door.page = cashier_page(replace(VIEW, seconds_left=125), language="en", nonce=NONCE)
    door.open()
    spoken = door.window.page.locator("#spoken")
    expect(spoken).to_have_text("About 3 min left to pay")
    door.window.page.evaluate(
        "window.changes = 0; new MutationObserver(() => { changes += 1; })"
        ".observe(document.getElementById('spoken'), {childList: true, characterData: true, subtree: true})"
    )
    door.window.page.clock.run_for(900)
    assert door.window.page.evaluate("window.changes") == 0


def test_it_asks_with_growing_pauses(door: Door) -> None:
    door.open()
    asked_after = []
    for second in range(1, 41):
        before = door.polls
        door.pass_time(1)
        if door.polls > before:
            asked_after.append(second)
    assert asked_after == [1, 3, 6, 11, 19, 29, 39]


def test_it_asks_once_more_after_the_deadline_and_then_never(door: Door) -> None:
    door.page = cashier_page(replace(VIEW, seconds_left=10), language="en", nonce=NONCE)
    door.status["seconds_left"] = 10
    door.open()
    seen = []
    for second in range(1, 40):
        door.status["seconds_left"] = max(0, 10 - second)
        before = door.polls
        door.pass_time(1)
        if door.polls > before:
            seen.append(second)
    assert seen == [1, 3, 6, 15]
    expect(door.window.page.locator("#over")).to_be_visible()
    expect(door.window.page.locator("#ways")).to_be_hidden()
    door.window.shoot("over")


@pytest.mark.parametrize(
    ("state", "words"), [(OrderState.PAID, "Paid"), (OrderState.CLOSED, "This order is closed")]
)
def test_a_result_shows_itself(door: Door, state: OrderState, words: str) -> None:
    door.open()
    door.page = cashier_page(replace(VIEW, state=state), language="en", nonce=NONCE)
    door.status |= {"state": state.value, "version": 5}
    door.pass_time(2)
    expect(door.window.page.get_by_role("heading", level=1)).to_have_text(words)


def test_a_paid_order_goes_back_to_the_business_line(door: Door) -> None:
    door.page = cashier_page(replace(VIEW, state=OrderState.PAID), language="en", nonce=NONCE)
    door.open()
    expect(door.window.page.locator("#going")).to_be_visible()
    door.window.shoot("paid")
    door.pass_time(2)
    assert door.window.page.url == CASHIER
    door.pass_time(2)
    door.window.page.wait_for_url(VIEW.return_url)
    assert door.polls == 0


def test_a_paid_order_with_nowhere_to_go_stays(door: Door) -> None:
    view = replace(VIEW, state=OrderState.PAID, return_url="")
    door.page = cashier_page(view, language="en", nonce=NONCE)
    door.open()
    door.pass_time(6)
    assert door.visited == [CASHIER]


def test_an_order_that_begins_to_close_loses_its_ways_to_pay(door: Door) -> None:
    door.open()
    door.page = cashier_page(replace(VIEW, closing=True, offers=()), language="en", nonce=NONCE)
    door.status |= {"closing": True, "version": 2}
    door.pass_time(2)
    expect(door.window.page.get_by_text("This order is being closed")).to_be_visible()
    visits = len(door.visited)
    door.pass_time(6)
    assert len(door.visited) == visits, "a closing order is asked for, not loaded again and again"


def test_a_lost_network_is_survived(door: Door) -> None:
    door.open()
    door.window.page.route("**/status", lambda route: route.abort())
    door.pass_time(3)
    door.window.problems.clear()  # the browser reports the failed requests that this test made
    door.window.page.unroute("**/status")
    door.status["state"] = "PAID"
    # It stays, however early a slow machine has seen it.
    paid = replace(VIEW, state=OrderState.PAID, return_url="")
    door.page = cashier_page(paid, language="en", nonce=NONCE)
    door.pass_time(5)
    expect(door.window.page.get_by_role("heading", level=1)).to_have_text("Paid")


def test_a_payer_who_waits_long_is_told_what_to_do(door: Door) -> None:
    view = replace(VIEW, state=OrderState.PAYING, waiting=True)
    door.page = cashier_page(view, language="en", nonce=NONCE)
    door.status["state"] = "PAYING"
    door.open()
    expect(door.window.page.get_by_text("Checking your payment…")).to_be_visible()
    door.pass_time(30)
    expect(door.window.page.get_by_text("We have not seen a payment yet")).to_be_visible()


def test_an_unknown_outcome_goes_on_with_the_first_news(door: Door) -> None:
    door.page = pending_page(VIEW, language="en", nonce=NONCE)
    door.open()
    door.pass_time(4)
    assert door.visited == [CASHIER]
    door.status["version"] = 2
    door.page = cashier_page(VIEW, language="en", nonce=NONCE)
    door.pass_time(3)
    assert door.visited == [CASHIER, CASHIER]


def test_the_channels_form_submits_itself_under_the_policy(door: Door) -> None:
    choose(door, FORM)
    door.window.page.wait_for_url(FORM.url)
    assert door.forms == ["channel=acme&product=page", "sign=a%2Bb%2F%3D&submit=x"]


def test_back_from_the_channel_is_the_choice_again(door: Door) -> None:
    choose(door, FORM)
    door.window.page.wait_for_url(FORM.url)
    door.window.page.go_back()
    assert door.window.page.url == CASHIER
    door.chosen = action_page(
        VIEW, QrAction(content="q"), language="en", nonce=NONCE, form_origins=()
    )
    door.window.page.get_by_role("button", name="Scan a code").click()
    expect(door.window.page.locator("#channel-qr")).to_be_visible()


def test_a_form_may_not_go_where_the_policy_does_not_say(door: Door) -> None:
    page = action_page(VIEW, FORM, language="en", nonce=NONCE, form_origins=())
    strict = page.content_security_policy.replace(GATEWAY, "https://other.example")
    door.page = replace(page, content_security_policy=strict)
    # The stopped form keeps the page from ever being loaded.
    door.open(until="commit")
    door.window.page.wait_for_timeout(200)
    assert door.forms == []
    assert "form-action" in door.window.problems.pop()


def test_an_address_opens_itself(door: Door) -> None:
    action = RedirectAction(url="https://wap.example/pay?id=1&x=2")
    choose(door, action)
    door.window.page.wait_for_url(action.url)
    door.window.page.go_back()
    assert door.window.page.url == CASHIER


@pytest.mark.parametrize(
    ("tells_origin", "referer"), [(True, f"{DOOR}/"), (False, "")], ids=["origin", "nothing"]
)
def test_a_channel_learns_where_the_payer_comes_from_as_far_as_its_product_says(
    door: Door, *, tells_origin: bool, referer: str
) -> None:
    action = RedirectAction(url="https://wap.example/pay?id=1")
    choose(door, action, replace(PAGE, tells_origin=tells_origin))
    door.window.page.wait_for_url(action.url)
    assert door.referers[action.url] == referer
    assert TOKEN in door.referers[f"{CASHIER}/payments"]


# What the channel's app puts into its pages: it remembers calls, and answers when the test says so.
APP = """
    window.calls = [];
    window.AcmeBridge = {
        invoke(method, parameters, callback) { calls.push([method, parameters]); window.answer = callback; },
    };
"""


def evoke(door: Door, *, inside: bool = True) -> Page:
    """Open the page that calls the bridge, in the channel's own app or elsewhere."""
    if inside:
        door.window.page.add_init_script(APP)
    door.page = action_page(VIEW, BRIDGE, language="en", nonce=NONCE, form_origins=(), chosen=PAGE)
    door.open()
    return door.page


def test_inside_the_app_its_bridge_is_called_and_the_way_back_asks(door: Door) -> None:
    evoke(door)
    page = door.window.page
    assert page.evaluate("calls") == [[BRIDGE.method, dict(BRIDGE.parameters)]]
    expect(page.locator("#outside")).to_be_hidden()
    door.window.shoot("bridge")
    page.evaluate("answer({err_msg: 'openPayment:ok'})")
    page.wait_for_url(f"{CASHIER}/return")


def test_a_bridge_that_comes_late_is_waited_for(door: Door) -> None:
    evoke(door, inside=False)
    page = door.window.page
    door.pass_time(2)
    expect(page.locator("#outside")).to_be_hidden()
    page.evaluate(APP + "document.dispatchEvent(new Event('AcmeBridgeReady'))")
    assert page.evaluate("calls.length") == 1
    page.evaluate("answer({err_msg: 'openPayment:cancel'})")
    page.wait_for_url(f"{CASHIER}/return")


def test_outside_the_app_the_page_says_so_and_another_way_is_one_tap_away(door: Door) -> None:
    evoke(door, inside=False)
    page = door.window.page
    door.pass_time(3)
    expect(page.locator("#outside")).to_be_visible()
    page.get_by_role("button", name="Continue to pay").click()
    expect(page.locator("#outside")).to_be_visible()
    door.window.shoot("outside")
    page.get_by_role("link", name="Choose another way to pay").click()
    page.wait_for_url(CASHIER)


def test_a_payer_who_closed_the_window_opens_it_again(door: Door) -> None:
    evoke(door)
    door.window.page.get_by_role("button", name="Continue to pay").click()
    assert door.window.page.evaluate("calls.length") == 2


def test_the_page_of_the_bridge_goes_on_by_itself_and_drops_the_code(door: Door) -> None:
    page = evoke(door)
    identified = f"{CASHIER}/identified?code=once&state=MFRGG&lang=en"
    door.window.page.goto(identified)
    assert page is door.page
    door.page = cashier_page(replace(VIEW, state=OrderState.PAID), language="en", nonce=NONCE)
    door.status["state"] = "PAID"
    door.pass_time(2)
    expect(door.window.page.get_by_role("heading", level=1)).to_have_text("Paid")
    assert door.window.page.url == f"{CASHIER}?lang=en"


def test_the_way_to_the_authorisation_opens_itself_and_tells_no_address_of_ours(door: Door) -> None:
    address = "https://open.example/authorize?state=MFRGG#channel"
    door.chosen = identification_page(VIEW, address, language="en", nonce=NONCE, chosen=PAGE)
    door.open()
    door.window.page.get_by_role("button", name="Pay on a page").click()
    door.window.page.wait_for_url(address)
    assert door.referers[address.partition("#")[0]] == ""


def test_two_clicks_make_one_payment(door: Door) -> None:
    door.open()
    # No page comes for the first click yet, so that the second one still finds the buttons.
    door.window.page.route("**/payments", lambda route: door.forms.append(route.request.url))
    door.window.page.evaluate(
        "for (const button of document.querySelectorAll('.way')) { button.click(); button.click(); }"
    )
    door.window.page.wait_for_timeout(200)
    assert len(door.forms) == 1


def test_an_expired_code_hides_itself_and_lets_choose_again(door: Door) -> None:
    view = replace(VIEW, seconds_left=20)
    door.page = action_page(
        view,
        QrAction(content="https://qr.example/1"),
        language="en",
        nonce=NONCE,
        form_origins=(),
        chosen=QR,
    )
    door.status["seconds_left"] = 20
    door.open()
    page = door.window.page
    expect(page.locator("#channel-qr")).to_be_visible()
    for second in range(25):
        door.status["seconds_left"] = max(0, 20 - second)
        door.pass_time(1)
    expect(page.locator("#channel-qr")).to_be_hidden()
    expect(page.get_by_text("This code has expired")).to_be_visible()
    door.window.shoot("expired")
    page.get_by_role("link", name="Choose again").click()
    assert page.url == CASHIER


def test_the_chosen_language_goes_along(door: Door) -> None:
    choose(door, FORM)
    door.window.page.wait_for_url(FORM.url)
    door.window.page.goto(f"{CASHIER}?lang=en")
    door.window.page.get_by_role("button", name="Pay on a page").click()
    door.window.page.wait_for_url(FORM.url)
    assert f"{CASHIER}/payments?lang=en" in door.visited


@pytest.mark.parametrize("device", ["phone", "desktop"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_long_words_do_not_break_the_page(
    open_window: OpenWindow, device: str, language: str
) -> None:
    view = replace(
        VIEW,
        subject="w" * 127,
        amount=10_000_000_000,
        line_name="An uncommonly long name of a business line " * 2,
        line_name_zh="一个特别长的业务线名称" * 4,
        information=(Information("l" * 60, "v" * 200), Information("短", "\u202ertl " * 20)),
        state=OrderState.PAYING,
        waiting=True,
    )
    window = open_window(device)
    door = Door(window, page=cashier_page(view, language=language, nonce=NONCE))
    door.open()
    window.shoot("long")
    assert window.fits()


def test_everything_can_be_reached_by_keyboard(door: Door) -> None:
    door.open()
    page = door.window.page
    names = []
    for _ in range(6):
        page.keyboard.press("Tab")
        names.append(
            page.evaluate("document.activeElement.textContent.trim().split(/\\s+/).join(' ')")
        )
    assert names == [
        "Skip to the payment",
        "中文",
        "Acme Pay Pay on a page",
        "Acme Pay Scan a code",
        "Back to Scenic tickets",
        names[-1],
    ]


def test_the_page_works_without_a_script(open_window: OpenWindow) -> None:
    window = open_window()
    browser = window.page.context.browser
    assert browser is not None
    context = browser.new_context(java_script_enabled=False)
    try:
        door = Door(Window(context.new_page(), "no_script"))
        door.chosen = action_page(VIEW, FORM, language="en", nonce=NONCE, form_origins=())
        door.open()
        door.window.page.get_by_role("button", name="Pay on a page").click()
        door.window.page.get_by_role("button", name="Continue to pay").click()
        door.window.page.wait_for_url(FORM.url)
    finally:
        context.close()
