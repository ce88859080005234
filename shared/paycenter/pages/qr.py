"""Draws the QR code that a payer scans with a channel's app."""

import io


def draw_qr(content: str, *, title: str) -> str:
    """Return the content as inline SVG with the id `channel-qr` and the quiet zone of four modules.

    Dark on white whatever the page's colours are: scanners want it so. Raises ValueError where the content is too
    long for any QR code.
    """
    # Only one of the pages draws a code: the others need not pay for this import.
    import segno  # noqa: PLC0415

    drawing = io.BytesIO()
    segno.make_qr(content, error="m").save(
        drawing,
        kind="svg",
        border=4,
        omitsize=True,
        xmldecl=False,
        svgns=False,
        nl=False,
        dark="#000",
        light="#fff",
        svgid="channel-qr",
        svgclass="qr",
        lineclass=None,
        title=title,
    )
    return drawing.getvalue().decode()
