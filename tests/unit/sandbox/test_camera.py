"""The demo's payer reads a drawn code as a phone does."""

import pytest

from paycenter.pages.qr import draw_qr
from sandbox.camera import scan


@pytest.mark.parametrize(
    "content", ["weixin://wxpay/bizpayurl?pr=p4lpSuKzz", "http://127.0.0.1:8082/qr/a_-B1" * 8, "x"]
)
def test_what_was_drawn_is_read(content: str) -> None:
    assert scan(f"<main>{draw_qr(content, title='A code')}</main>") == content


def test_a_page_without_a_code_says_nothing() -> None:
    assert scan('<svg viewBox="0 0 37 37"><path d="M0 0h1"/></svg>') == ""
