"""Rendering of the shop's pages: templates beside this file, everything escaped, no outside resources."""

from jinja2 import Environment, PackageLoader, StrictUndefined

POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
    "img-src data:; base-uri 'none'"
)
PAGE_HEADERS = {"content-security-policy": POLICY, "cache-control": "no-store"}


def yuan_text(fen: object) -> str:
    """Return fen as yuan with two decimals, for people."""
    return f"{int(str(fen)) / 100:,.2f}"


_ENVIRONMENT = Environment(
    loader=PackageLoader("sandbox.shop"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_ENVIRONMENT.filters["yuan"] = yuan_text
# People read the bodies in the inbox: Chinese as Chinese, members in the order of the sender.
_ENVIRONMENT.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "sort_keys": False}


def render(template: str, **values: object) -> str:
    """Return the page's HTML; jinja2's UndefinedError when a value is missing."""
    return _ENVIRONMENT.get_template(template).render(**values)
