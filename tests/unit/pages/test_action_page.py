"""What evokes the channel: its form, its QR code, its address."""

import json
from dataclasses import replace

import pytest

from paycenter.pages import action_page, error_page, identification_page
from paycenter.ports.channel import Action, FormAction, QrAction, RedirectAction
from tests.unit.pages.document import Document
from tests.unit.pages.samples import (
    APP,
    AUTHORISATION,
    BRIDGE,
    CODE,
    FORM,
    LINK,
    NONCE,
    PAGE,
    QR,
    TOKEN,
    VIEW,
)

CASHIER = f"/cashier/{TOKEN}"


def read(action: Action, *, language: str = "en", named: bool = True) -> Document:
    chosen = (QR if isinstance(action, QrAction) else PAGE) if named else None
    page = action_page(VIEW, action, language=language, nonce=NONCE, form_origins=(), chosen=chosen)
    return Document.of(page.html)


def test_the_form_is_the_channels_byte_for_byte() -> None:
    document = read(FORM)
    form = document.by_id("channel-form")
    assert (form.get("method"), form.get("action")) == ("post", FORM.url)
    assert form.get("accept-charset") == "utf-8"
    fields = {field.get("name"): field.get("value") for field in document.all("input")}
    assert fields == dict(FORM.fields)


def test_the_form_works_without_a_script() -> None:
    (button,) = read(FORM).all("button")
    assert button.get("type") == "submit"
    assert button.text == "Continue to pay ¥128.00"


def test_a_form_may_be_a_get() -> None:
    assert read(replace(FORM, method="GET")).by_id("channel-form").get("method") == "get"


def test_fields_named_like_the_forms_own_are_only_fields() -> None:
    action = FormAction(url=FORM.url, fields={"submit": "x", "action": "y", "id": 'z" onclick="w'})
    document = read(action)
    fields = {field.get("name"): field.get("value") for field in document.all("input")}
    assert fields == dict(action.fields)


def test_the_code_is_drawn_watched_and_counted_down() -> None:
    document = read(CODE)
    assert document.by_id("channel-qr").tag == "svg"
    assert document.by_id("watch").get("data-status") == f"{CASHIER}/status"
    assert document.by_id("countdown").text == "29:59"
    assert "Scan with Acme Pay" in document.by_id("main").text
    assert "QR code to pay ¥128.00" in document.by_id("channel-qr").text


def test_the_codes_content_stands_nowhere_in_words() -> None:
    page = action_page(VIEW, CODE, language="en", nonce=NONCE, form_origins=())
    assert CODE.content not in page.html


def test_an_expired_code_lets_the_payer_choose_again() -> None:
    document = read(CODE)
    over = document.by_id("over")
    assert "hidden" in over.attributes
    assert "This code has expired" in over.text
    links = [link for link in document.all("a") if link.text == "Choose again"]
    assert [link.get("href") for link in links] == [CASHIER]


def test_a_code_that_came_too_late_is_not_shown() -> None:
    view = replace(VIEW, seconds_left=0)
    page = action_page(view, CODE, language="en", nonce=NONCE, form_origins=())
    document = Document.of(page.html)
    assert "hidden" in document.by_id("open").attributes
    assert "hidden" not in document.by_id("over").attributes


def test_the_address_is_a_link_that_the_script_opens() -> None:
    assert read(LINK).by_id("channel-link").get("href") == LINK.url


def test_the_bridge_s_call_stands_in_the_page_as_data_alone() -> None:
    button = read(BRIDGE).by_id("channel-bridge")
    call = {name: button.get(f"data-{name}") for name in ("bridge", "function", "method")}
    assert call == {"bridge": "AcmeBridge", "function": "invoke", "method": "openPayment"}
    assert button.get("data-ready-event") == "AcmeBridgeReady"
    assert json.loads(button.get("data-parameters")) == dict(BRIDGE.parameters)
    assert button.get("data-back") == f"{CASHIER}/return"
    assert (button.get("type"), button.text) == ("button", "Continue to pay ¥128.00")


def test_the_page_around_the_bridge_is_watched_and_says_where_it_works() -> None:
    document = read(BRIDGE)
    assert document.by_id("watch").get("data-status") == f"{CASHIER}/status"
    assert document.by_id("countdown").text == "29:59"
    assert "hidden" in document.by_id("outside").attributes
    assert "only inside the Acme Pay app" in document.by_id("outside").text
    assert "needs scripts" in document.all("noscript")[-1].text


def test_what_only_an_app_can_evoke_is_said_in_words() -> None:
    document = read(APP)
    assert "opens only from the app of Scenic tickets" in document.by_id("main").text
    assert APP.order_string not in document.by_id("main").text
    assert document.all("form") == []


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "Acme Pay tells us which account pays"), ("zh", "正在向顶点支付确认付款账户")],
)
def test_the_way_to_the_channel_s_own_authorisation_is_a_link_that_the_script_opens(
    language: str, words: str
) -> None:
    page = identification_page(VIEW, AUTHORISATION, language=language, nonce=NONCE, chosen=PAGE)
    document = Document.of(page.html)
    assert document.by_id("channel-link").get("href") == AUTHORISATION
    assert words in document.by_id("main").text
    with pytest.raises(ValueError, match="not an http address"):
        identification_page(VIEW, "javascript:1", language=language, nonce=NONCE, chosen=PAGE)


def test_who_was_not_identified_reads_it_and_goes_back_to_choose() -> None:
    page = error_page(422, "not_identified", language="en", nonce=NONCE, token=TOKEN)
    document = Document.of(page.html)
    assert document.all("h1")[0].text == "We could not tell who pays"
    assert CASHIER in [link.get("href") for link in document.all("a")]


@pytest.mark.parametrize("action", [FORM, CODE, LINK, BRIDGE, APP])
def test_another_way_to_pay_is_one_link_away(action: Action) -> None:
    assert CASHIER in [link.get("href") for link in read(action).all("a")]


@pytest.mark.parametrize("action", [FORM, CODE, LINK, BRIDGE])
def test_the_channel_is_named_only_where_it_is_known(action: Action) -> None:
    assert "Acme Pay" in read(action).by_id("main").text
    assert "顶点支付" in read(action, language="zh").by_id("main").text
    assert "Acme Pay" not in read(action, named=False).by_id("main").text


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "", "/gateway.do"])
def test_no_page_leads_to_an_address_that_is_not_http(address: str) -> None:
    for action in (FormAction(url=address, fields={}), RedirectAction(url=address)):
        with pytest.raises(ValueError, match="not an http address"):
            read(action)
