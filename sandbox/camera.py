"""A phone's camera: reads the QR code that the cashier page draws, with a decoder that did not draw it."""

import re
from typing import Final

import zxingcpp
from PIL import Image

_DRAWING: Final = re.compile(
    r'<svg viewBox="0 0 (\d+) \d+" id="channel-qr".*?stroke="#000" d="([^"]+)"', re.DOTALL
)
_STEP: Final = re.compile(r"([Mmh])(-?[\d.]+)(?:[ ,]?(-?[\d.]+))?")
_DARK: Final = 0
_LIGHT: Final = 255
# Pixels for each module of the code.
_SCALE: Final = 6


def scan(html: str) -> str:
    """Return what the page's code says; nothing where the page shows none."""
    drawing = _DRAWING.search(html)
    if drawing is None:
        return ""
    picture = _photograph(int(drawing[1]), drawing[2])
    return "".join(str(code.text) for code in zxingcpp.read_barcodes(picture))


def _photograph(modules: int, path: str) -> Image.Image:
    """Draw the strokes of the code's path, each a row of dark modules."""
    picture = Image.new("L", (modules, modules), _LIGHT)
    x, y = 0, 0
    for command, first, second in _STEP.findall(path):
        if command == "M":
            x, y = int(float(first)), int(float(second))
        elif command == "m":
            x, y = x + int(first), y + int(second)
        else:
            for place in range(x, x + int(first)):
                picture.putpixel((place, y), _DARK)
            x += int(first)
    size = (modules * _SCALE, modules * _SCALE)
    return picture.resize(size, Image.Resampling.NEAREST)
