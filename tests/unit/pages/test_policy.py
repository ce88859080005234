"""S-23, S-24, S-31: what a page may run, load, post to and be framed by."""

import re
from dataclasses import replace

import pytest

from paycenter.pages import Page, action_page, cashier_page
from paycenter.pages.policy import content_security_policy, is_web_address, origin_of
from paycenter.ports.channel import Action
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
    VIEW,
    every_page,
)


def directives(policy: str) -> dict[str, str]:
    pairs = (directive.partition(" ") for directive in policy.split("; "))
    return {name: value for name, _, value in pairs}


def test_a_page_may_do_nothing_but_what_it_brought() -> None:
    page = cashier_page(VIEW, language="en", nonce=NONCE)
    assert directives(page.content_security_policy) == {
        "default-src": "'none'",
        "script-src": f"'nonce-{NONCE}'",
        "style-src": f"'nonce-{NONCE}'",
        "img-src": "data:",
        "connect-src": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
    }


def test_the_channels_form_may_go_to_its_gateway_and_where_that_leads() -> None:
    origins = ("https://cashier.example", "https://gateway.example:8443")
    page = action_page(VIEW, FORM, language="en", nonce=NONCE, form_origins=origins)
    allowed = directives(page.content_security_policy)["form-action"]
    assert allowed == "'self' https://gateway.example:8443 https://cashier.example"


def test_a_channel_with_many_hosts_names_them_by_their_domain() -> None:
    hosts = ("https://*.cashier.example",)
    page = action_page(VIEW, FORM, language="en", nonce=NONCE, form_origins=hosts)
    allowed = directives(page.content_security_policy)["form-action"]
    assert allowed == "'self' https://gateway.example:8443 https://*.cashier.example"


@pytest.mark.parametrize("hosts", ["*", "https://*", "https://*.com", "https://*.a.b/; x", "*.a.b"])
def test_but_never_by_more_than_that(hosts: str) -> None:
    with pytest.raises(ValueError, match="not an http address"):
        action_page(VIEW, FORM, language="en", nonce=NONCE, form_origins=(hosts,))


@pytest.mark.parametrize("action", [CODE, LINK, BRIDGE, APP])
def test_a_page_without_the_channels_form_posts_only_to_us(action: Action) -> None:
    origins = ("https://gateway.example",)
    page = action_page(VIEW, action, language="en", nonce=NONCE, form_origins=origins)
    assert directives(page.content_security_policy)["form-action"] == "'self'"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_scripts_and_styles_carry_the_nonce_and_nothing_is_inline_otherwise(language: str) -> None:
    for name, page in every_page(language):
        document = Document.of(page.html)
        for element in document.all("script") + document.all("style"):
            assert element.get("nonce") == NONCE, name
            assert "src" not in element.attributes, name
        for element in document.elements:
            handlers = [key for key in element.attributes if key.startswith("on")]
            assert handlers == [], name
            assert "style" not in element.attributes, name


@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_is_fetched_from_anybody(language: str) -> None:
    ours = re.compile(r"/cashier/[A-Za-z0-9._-]+(/payments|/status)?(\?lang=(zh|en))?|#main")
    elsewhere = {VIEW.return_url, FORM.url, LINK.url, AUTHORISATION}
    for name, page in every_page(language):
        document = Document.of(page.html)
        for element in document.elements:
            assert "src" not in element.attributes, name
            assert "srcset" not in element.attributes, name
            address = element.get("href") or element.get("action")
            if element.tag == "link":
                assert address.startswith("data:image/svg+xml,"), name
            elif address and address not in elsewhere:
                assert ours.fullmatch(address), f"{name}: {address}"
        styles = "".join(element.text for element in document.all("style"))
        assert "url(" not in styles
        assert "@import" not in styles


def referrer_of(page: Page) -> str:
    """Return the policy for referers, which the page and its header say alike."""
    (said,) = [
        element.get("content")
        for element in Document.of(page.html).all("meta")
        if element.get("name") == "referrer"
    ]
    assert said == page.referrer_policy
    return said


def test_no_address_of_ours_is_told_to_others() -> None:
    for name, page in every_page("en"):
        assert referrer_of(page) == "same-origin", name


@pytest.mark.parametrize("action", [LINK, FORM, CODE])
def test_a_channel_that_checks_where_payers_come_from_is_told_our_origin_alone(
    action: Action,
) -> None:
    chosen = replace(PAGE, tells_origin=True)
    page = action_page(VIEW, action, language="en", nonce=NONCE, form_origins=(), chosen=chosen)
    assert referrer_of(page) == "origin"


@pytest.mark.parametrize(
    "nonce", ["", "short", "a" * 15, "'; script-src *;" + "a" * 16, "a" * 16 + "\n"]
)
def test_a_nonce_that_could_break_out_is_refused(nonce: str) -> None:
    with pytest.raises(ValueError, match="nonce"):
        content_security_policy(nonce)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "javascript:alert(1)",
        "data:text/html,x",
        "//gateway.example/x",
        "/gateway.do",
        "https://",
        "https://a b/",
        "https://gateway.example; script-src *",
        "https://user@gateway.example/",
        "https://gateway.example\n/",
        "ftp://gateway.example/",
    ],
)
def test_an_address_that_is_not_plain_http_is_refused(address: str) -> None:
    assert not is_web_address(address)
    with pytest.raises(ValueError, match="not an http address"):
        origin_of(address)


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("https://gateway.example/gateway.do?charset=utf-8", "https://gateway.example"),
        ("http://127.0.0.1:8082/gateway.do", "http://127.0.0.1:8082"),
        ("HTTPS://Gateway.Example", "https://gateway.example"),
        ("https://gateway.example?x=1", "https://gateway.example"),
    ],
)
def test_an_address_has_an_origin(address: str, origin: str) -> None:
    assert is_web_address(address)
    assert origin_of(address) == origin
