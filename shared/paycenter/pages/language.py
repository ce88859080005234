"""Which of the cashier's two languages a payer reads."""

from typing import Final

CHINESE: Final = "zh"
ENGLISH: Final = "en"
LANGUAGES: Final = (CHINESE, ENGLISH)

# A header longer than this is nobody's list of languages; the rest of it is not read.
_MAXIMUM_HEADER: Final = 256


def choose_language(accept_language: str, override: str = "") -> str:
    """Return "zh" or "en" for an Accept-Language header (RFC 9110, 12.5.4); a known `override` wins.

    Without any wish the page is Chinese, as nearly all payers are; whoever wishes only other languages gets English.
    """
    if override in LANGUAGES:
        return override
    wishes = [_wish(part) for part in accept_language[:_MAXIMUM_HEADER].split(",") if part.strip()]
    if not wishes:
        return CHINESE
    # Sorting is stable: among equal weights the earlier one stands first.
    for tag, weight in sorted(wishes, key=lambda wish: -wish[1]):
        if weight > 0 and tag in {*LANGUAGES, "*"}:
            return CHINESE if tag == "*" else tag
    return ENGLISH


def _wish(part: str) -> tuple[str, float]:
    """Read `zh-CN;q=0.9` as ("zh", 0.9); a weight that can't be read counts as 0."""
    tag, _, parameters = part.partition(";")
    name, _, value = parameters.partition("=")
    weight = _weight(value) if name.strip() == "q" else 1.0
    return tag.strip().lower().partition("-")[0], weight


def _weight(value: str) -> float:
    try:
        return min(float(value), 1.0)
    except ValueError:
        return 0.0
