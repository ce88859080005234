"""The drawn code says what the channel gave, in colours and with a margin that scanners want."""

import io

import pytest
import segno

from paycenter.pages.qr import draw_qr
from tests.unit.pages.document import Document

CONTENT = "https://qr.example/bax0123456789"


def test_the_drawing_is_one_inline_svg_without_style() -> None:
    svg = draw_qr(CONTENT, title="Pay")
    document = Document.of(svg)
    assert document.elements[0].tag == "svg"
    assert document.elements[0].get("id") == "channel-qr"
    assert all("style" not in element.attributes for element in document.elements)


def test_dark_on_white_with_four_modules_of_margin() -> None:
    document = Document.of(draw_qr(CONTENT, title="Pay"))
    ground, modules = document.all("path")
    size = segno.make_qr(CONTENT, error="m").symbol_size(border=4)[0]
    assert document.elements[0].get("viewbox") == f"0 0 {size} {size}"
    assert ground.get("fill") == "#fff"
    assert modules.get("stroke") == "#000"


def test_the_modules_are_the_contents() -> None:
    expected = io.BytesIO()
    code = segno.make_qr(CONTENT, error="m")
    code.save(expected, kind="svg", border=4, omitsize=True, svgclass=None, lineclass=None)
    (path,) = Document.of(expected.getvalue().decode().split("\n", 1)[1]).all("path")
    assert path.get("d") in draw_qr(CONTENT, title="Pay")


def test_the_title_is_text() -> None:
    document = Document.of(draw_qr(CONTENT, title="</title><script>x</script>"))
    assert [element.tag for element in document.elements].count("script") == 0


def test_content_beyond_any_code_is_refused() -> None:
    with pytest.raises(ValueError, match="QR"):
        draw_qr("x" * 3000, title="Pay")
