"""S-22, S-23: whatever a business line or a payer wrote is text on the page and nothing else."""

from dataclasses import replace

import pytest

from paycenter.domain.order import Information
from tests.unit.pages.document import Document
from tests.unit.pages.samples import VIEW, every_page

HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "</title></style><svg onload=alert(1)>",
    '" onmouseover="alert(1)" x="',
    "' autofocus onfocus='alert(1)",
    "{{ 7*7 }} {% raw %} {# x #} {n} {line}",
    "\u202egnp.exe\u202c \u2066 \u2069 \u200f",
    "javascript:alert(1)",
    "<!-- <script> -->",
    "line one\r\nSet-Cookie: a=b\x00",
    "&lt;b&gt; &amp; &#x3c;",
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_text_of_strangers_stays_text(text: str, language: str) -> None:
    plain = dict(every_page(language))
    hostile = replace(
        VIEW,
        subject=text,
        line_name=text,
        line_name_zh=text,
        information=(Information(text, text), Information("取票人", text)),
    )
    for name, page in every_page(language, hostile):
        expected, found = Document.of(plain[name].html), Document.of(page.html)
        assert [(e.tag, sorted(e.attributes)) for e in found.elements] == [
            (e.tag, sorted(e.attributes)) for e in expected.elements
        ], name
        assert page.content_security_policy == plain[name].content_security_policy
        labels = [element.text for element in found.all("dt")]
        if labels:
            assert labels[1] == " ".join(text.split()), name


def test_writing_direction_does_not_leak() -> None:
    text = "\u202etluser"
    hostile = replace(VIEW, subject=text, information=(Information(text, text),))
    for name, page in every_page("en", hostile):
        isolated = [element.text for element in Document.of(page.html).all("bdi")]
        assert page.html.count(text) == isolated.count(text), name


def test_a_business_lines_name_can_not_turn_our_sentences() -> None:
    turned = replace(VIEW, line_name="\u202eBoats\u2069", line_name_zh="\u2067船\u202c")
    for language, name in (("en", "Boats"), ("zh", "船")):
        for kind, page in every_page(language, turned):
            marks = [mark for mark in "\u202e\u2069\u2067\u202c" if mark in page.html]
            assert marks == [], kind
            assert name in page.html or kind.split()[0].isdigit() or "Action" in kind
