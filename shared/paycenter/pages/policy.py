"""The content security policy of a page: nothing may run, load or be posted but what the page itself brought."""

import re
from collections.abc import Iterable
from typing import Final

_NONCE: Final = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}", re.ASCII)
_ORIGIN: Final = re.compile(
    r"(https?://[a-z0-9.-]+(?::[0-9]{1,5})?)(?:[/?].*)?", re.ASCII | re.IGNORECASE
)
# All hosts below a domain, as a channel that has many cashiers names them.
_HOSTS_BELOW: Final = re.compile(r"https?://\*(?:\.[a-z0-9-]+){2,}", re.ASCII)


def origin_of(url: str) -> str:
    """Return scheme, host and port of an absolute http or https address; raise ValueError for any other text."""
    match = _ORIGIN.fullmatch(url)
    if match is None:
        raise ValueError(f"not an http address: {url[:64]!r}")
    return match[1].lower()


def is_web_address(url: str) -> bool:
    """Tell whether a link may lead there: no `javascript:`, no `data:`, nothing relative."""
    return _ORIGIN.fullmatch(url) is not None


def content_security_policy(nonce: str, form_targets: Iterable[str] = ()) -> str:
    """Return the header's value; forms may go to ourselves and to the origins of `form_targets`.

    A target is an address, an origin, or all hosts below a domain (`https://*.example.com`).

    Browsers hold redirects of a submitted form to `form-action` too, so every origin on the way belongs there.
    Raises ValueError for a nonce or a target that could break out of its directive.
    """
    if _NONCE.fullmatch(nonce) is None:
        raise ValueError("a nonce is at least 16 characters of base64")
    targets = dict.fromkeys(["'self'", *(_source(target) for target in form_targets)])
    directives = (
        "default-src 'none'",
        f"script-src 'nonce-{nonce}'",
        f"style-src 'nonce-{nonce}'",
        "img-src data:",
        "connect-src 'self'",
        f"form-action {' '.join(targets)}",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
    return "; ".join(directives)


def _source(target: str) -> str:
    return target if _HOSTS_BELOW.fullmatch(target) else origin_of(target)
