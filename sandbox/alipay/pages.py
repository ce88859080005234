"""Rendering of the simulator's pages: templates beside this file, everything escaped, no outside resources."""

from jinja2 import Environment, PackageLoader, StrictUndefined

_ENVIRONMENT = Environment(
    loader=PackageLoader("sandbox.alipay"),
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


def render(template: str, **values: object) -> str:
    """Return the page's HTML; jinja2's UndefinedError when a value is missing."""
    return _ENVIRONMENT.get_template(template).render(**values)
