"""What a payer finds on the page of an order, in each of its states."""

from dataclasses import replace

import pytest

from paycenter.domain.order import Information
from paycenter.domain.states import OrderState
from paycenter.pages import cashier_page, error_page, pending_page
from tests.unit.pages.document import Document
from tests.unit.pages.samples import ERRORS, ICON, NONCE, TOKEN, VIEW, VIEWS, every_page

CASHIER = f"/cashier/{TOKEN}"


def read(name: str, language: str = "en") -> Document:
    return Document.of(cashier_page(VIEWS[name], language=language, nonce=NONCE).html)


def main_text(document: Document) -> str:
    return document.by_id("main").text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_is_well_formed_and_small(language: str) -> None:
    for name, page in every_page(language):
        document = Document.of(page.html)
        assert page.html.startswith("<!doctype html>\n"), name
        assert document.all("html")[0].get("lang") == {"zh": "zh-CN", "en": "en"}[language]
        assert len(document.all("h1")) == 1, name
        assert len(document.all("main")) == 1, name
        assert document.all("title")[0].text, name
        assert len(page.html.encode()) < 30_000, name


def test_amount_and_time_come_first_then_the_fields_then_the_ways_to_pay() -> None:
    text = main_text(read("created"))
    order = ["Scenic tickets", "¥128.00", "29:59", "Visit date", "2026-05-01", "Acme Pay"]
    positions = [text.index(part) for part in order]
    assert positions == sorted(positions)


def test_the_order_is_shown_as_labelled_fields() -> None:
    document = read("created")
    labels = [element.text for element in document.all("dt")]
    values = [element.text for element in document.all("dd")]
    assert labels == ["Item", "Visit date", "取票人"]
    assert values == ["West Lake boat tour", "2026-05-01", "张三"]


@pytest.mark.parametrize("name", ["created", "paying"])
def test_each_offer_is_a_form_that_posts_channel_and_product(name: str) -> None:
    document = read(name)
    forms = document.all("form")
    assert [(form.get("method"), form.get("action")) for form in forms] == [
        ("post", f"{CASHIER}/payments")
    ] * 2
    fields = [(field.get("name"), field.get("value")) for field in document.all("input")]
    assert fields == [
        ("channel", "acme"),
        ("product", "page"),
        ("channel", "acme"),
        ("product", "qr"),
    ]
    assert [button.text for button in document.all("button")] == [
        "Acme Pay Pay on a page",
        "Acme Pay Scan a code",
    ]
    assert "<svg viewBox=" in ICON
    assert cashier_page(VIEW, language="en", nonce=NONCE).html.count(ICON) == 2


def test_chinese_payers_read_chinese() -> None:
    document = read("created", "zh")
    text = main_text(document)
    for part in ("景区门票", "剩余支付时间", "选择支付方式", "顶点支付", "网页支付", "¥128.00"):
        assert part in text
    assert "Scenic tickets" not in text
    assert "Acme Pay" not in text


@pytest.mark.parametrize(("language", "other"), [("zh", "en"), ("en", "zh")])
def test_the_other_language_is_one_link_away(language: str, other: str) -> None:
    links = [link.get("href") for link in read("created", language).all("a")]
    assert f"{CASHIER}?lang={other}" in links


@pytest.mark.parametrize("name", ["created", "paying", "closing", "no offers", "over"])
def test_an_open_order_is_counted_down_and_watched(name: str) -> None:
    document = read(name)
    watch = document.by_id("watch")
    assert watch.get("data-status") == f"{CASHIER}/status"
    assert watch.get("data-cashier") == CASHIER
    assert watch.get("data-state") == VIEWS[name].state
    assert watch.get("data-seconds-left") == str(VIEWS[name].seconds_left)
    assert watch.get("data-rate") == "1"
    assert watch.get("data-closing") == str(VIEWS[name].closing).lower()
    assert document.by_id("countdown").get("role") == "timer"
    assert document.by_id("spoken").get("aria-live") == "polite"
    assert "{n}" in document.by_id("spoken").get("data-minutes")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (1799, "29:59"),
        (60, "01:00"),
        (9, "00:09"),
        (0, "00:00"),
        (-5, "00:00"),
        (3661, "1:01:01"),
        (86400, "24:00:00"),
    ],
)
def test_the_time_left_is_readable(seconds: int, text: str) -> None:
    view = replace(VIEW, seconds_left=seconds)
    document = Document.of(cashier_page(view, language="en", nonce=NONCE).html)
    assert document.by_id("countdown").text == text


def test_a_faster_clock_is_told_to_the_page() -> None:
    view = replace(VIEW, rate=60)
    document = Document.of(cashier_page(view, language="en", nonce=NONCE).html)
    assert document.by_id("watch").get("data-rate") == "60"


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (1, "¥0.01"),
        (12800, "¥128.00"),
        (1280000, "¥12,800.00"),
        (10_000_000_000, "¥100,000,000.00"),
    ],
)
def test_amounts_are_exact(amount: int, text: str) -> None:
    view = replace(VIEW, amount=amount)
    page = cashier_page(view, language="en", nonce=NONCE)
    assert text in main_text(Document.of(page.html))


def test_a_payer_who_came_back_is_told_that_we_check_and_may_still_choose() -> None:
    text = main_text(read("paying"))
    assert (
        text.index("Checking your payment") < text.index("Not paid yet?") < text.index("Acme Pay")
    )
    assert "Checking your payment" not in main_text(read("created"))


def test_a_closing_order_offers_nothing_and_says_why() -> None:
    document = read("closing")
    assert document.all("form") == []
    assert "This order is being closed" in main_text(document)


def test_an_order_without_offers_says_so() -> None:
    document = read("no offers")
    assert document.all("form") == []
    assert "There is no way to pay this order here" in main_text(document)


def test_the_end_of_the_time_shows_without_a_script() -> None:
    document = read("over")
    assert "hidden" not in document.by_id("over").attributes
    assert "hidden" in document.by_id("ways").attributes
    assert "hidden" in read("created").by_id("over").attributes


def test_a_paid_order_shows_its_result_and_leads_back() -> None:
    document = read("paid")
    text = main_text(document)
    for part in (
        "Paid",
        "¥128.00",
        "Scenic tickets has received your payment",
        "West Lake boat tour",
    ):
        assert part in text
    assert document.by_id("return").get("href") == VIEW.return_url
    assert document.by_id("watch").get("data-return") == VIEW.return_url
    assert document.by_id("watch").get("data-state") == "PAID"
    assert document.all("form") == []
    assert not document.has("countdown")


def test_a_paid_order_without_a_way_back_says_that_it_is_done() -> None:
    document = read("paid, nowhere to go")
    assert not document.has("return")
    assert not document.has("going")
    assert document.by_id("watch").get("data-return") == ""
    assert "You may close this page" in main_text(document)


def test_a_closed_order_says_so_and_leads_back() -> None:
    document = read("closed")
    assert "This order is closed" in main_text(document)
    assert document.by_id("return").get("href") == VIEW.return_url
    assert document.all("form") == []
    assert not document.has("countdown")


@pytest.mark.parametrize("state", OrderState)
@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "data:text/html,x", "//evil.example", ""]
)
def test_the_way_back_is_a_web_address_or_none(state: OrderState, address: str) -> None:
    view = replace(VIEW, state=state, return_url=address)
    html = cashier_page(view, language="en", nonce=NONCE).html
    links = {link.get("href") for link in Document.of(html).all("a")}
    assert links <= {"#main", f"{CASHIER}?lang=zh", CASHIER}
    assert not address or address not in html


def test_an_unknown_outcome_is_watched_for_news_and_still_offers_the_ways() -> None:
    document = Document.of(pending_page(VIEW, language="en", nonce=NONCE).html)
    assert "We are asking the channel" in main_text(document)
    assert document.by_id("watch").get("data-asking") == "true"
    assert read("created").by_id("watch").get("data-asking") == "false"
    assert len(document.all("form")) == 2


def test_an_order_without_fields_is_fine() -> None:
    view = replace(VIEW, information=())
    document = Document.of(cashier_page(view, language="zh", nonce=NONCE).html)
    assert [element.text for element in document.all("dt")] == ["商品"]


def test_twenty_fields_are_fine() -> None:
    fields = tuple(Information(f"label {n}", "v" * 190) for n in range(20))
    page = cashier_page(replace(VIEW, information=fields), language="zh", nonce=NONCE)
    assert len(Document.of(page.html).all("dd")) == 21
    assert len(page.html.encode()) < 30_000


@pytest.mark.parametrize(("status", "code"), ERRORS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_error_is_said_in_words_with_a_way_back(status: int, code: str, language: str) -> None:
    lost = Document.of(error_page(status, code, language=language, nonce=NONCE).html)
    known = Document.of(error_page(status, code, language=language, nonce=NONCE, token=TOKEN).html)
    assert CASHIER not in [link.get("href") for link in lost.all("a")]
    assert CASHIER in [link.get("href") for link in known.all("a")]
    assert code not in main_text(lost) or not code
    assert lost.all("script") == []


def test_an_unheard_of_error_reads_as_its_status() -> None:
    def title(status: int, code: str = "") -> str:
        html = error_page(status, code, language="en", nonce=NONCE).html
        return Document.of(html).all("h1")[0].text

    assert title(503, "not_a_code") == title(500) == "Please try again in a moment"
    assert title(404, "not_found_text") == "We can't find this payment"
    assert title(415) == "We can't read this request"
    assert title(409, "too_many_payments") == "Too many attempts"


def test_an_error_with_the_order_leads_back_to_the_business_line_too() -> None:
    page = error_page(503, "try_again", language="en", nonce=NONCE, view=VIEW)
    links = [link.get("href") for link in Document.of(page.html).all("a")]
    assert CASHIER in links
    assert VIEW.return_url in links
