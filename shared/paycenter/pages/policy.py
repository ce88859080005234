"""The content security policy of a page: nothing may run, load or be posted but what the page itself brought."""

import re
from collections.abc import Iterable
from typing import Final

_NONCE: Final = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}", re.ASCII)
_ORIGIN: Final = re.compile(
    r"(https?://[a-z0-9.-]+(?::[0-9]{1,5})?)(?:[/?].*)?", re.ASCII | re.IGNORECASE
)


def origin_of(url: str) -> str:
    """Return scheme, host and port of an absolute http or https address; raise ValueError for any other text."""
    match = _ORIGIN.fullmatch(url)
    if match is None:
        message = f"not an http address: {url[:64]!r}"
        raise ValueError(message)
    return match[1].lower()


def is_web_address(url: str) -> bool:
    """Tell whether a link may lead there: no `javascript:`, no `data:`, nothing relative."""
    return _ORIGIN.fullmatch(url) is not None


def content_security_policy(nonce: str, form_targets: Iterable[str] = ()) -> str:
    """Return the header's value; forms may go to ourselves and to the origins of `form_targets`.

    Browsers hold redirects of a submitted form to `form-action` too, so every origin on the way belongs there.
    Raises ValueError for a nonce or a target that could break out of its directive.
    """
    if _NONCE.fullmatch(nonce) is None:
        message = "a nonce is at least 16 characters of base64"
        raise ValueError(message)
    targets = dict.fromkeys(["'self'", *(origin_of(target) for target in form_targets)])
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
