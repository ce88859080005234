"""Rendering of a simulator's pages: templates beside this file, everything escaped, no outside resources."""

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse

from sandbox.simulator.channel import Channel

_ENVIRONMENT = Environment(
    loader=PackageLoader("sandbox.simulator"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)

POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; base-uri 'none'"
PAGE_HEADERS = {
    "content-security-policy": POLICY,
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
}


def page(channel: Channel, template: str, status: int = 200, /, **values: object) -> HTMLResponse:
    """Return a page in the channel's dress; jinja2's UndefinedError when a value is missing."""
    html = _ENVIRONMENT.get_template(template).render(channel=channel, **values)
    return HTMLResponse(html, status, PAGE_HEADERS)


def refused(channel: Channel, code: str, sentence: str, status: int = 400) -> HTMLResponse:
    """Say to a payer why nothing can be paid here, with the channel's code for whoever debugs it."""
    return page(channel, "refused.html", status, code=code, sentence=sentence)
