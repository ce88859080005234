"""Draw docs/channel-accounts.md: the fields of every channel's account, from its manifest.

Usage: python -m tools.draw_accounts [--check]
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from paycenter.ports.manifest import AccountField, Manifest
from paychannels.registry import CHANNELS, manifest

PAGE: Final = Path(__file__).parents[1] / "docs" / "channel-accounts.md"
_HEAD: Final = """\
# Channel accounts

Drawn by `python -m tools.draw_accounts` from the channels' manifests; a test fails when this page is out of date. Where the
fields stand is said in [configuration.md](configuration.md#channel-accounts-accountsnameversion).

A *merchant* field names who the merchant is: within a version it never changes. Every other setting may. A *secret* is
given as a file, an environment variable or a text. A field with a condition is refused where the condition does not hold.
"""


def page() -> str:
    """Return the whole page."""
    return "\n".join([_HEAD, *(_chapter(manifest(channel)) for channel in sorted(CHANNELS))])


def _chapter(about: Manifest) -> str:
    lines = [
        f"## {about.name} {about.name_zh}: `{about.channel}`",
        "",
        "| name | | kind | value |",
        "|---|---|---|---|",
        *(_row(field) for field in about.account_fields),
        "",
        *_addresses(about),
    ]
    return "\n".join(lines)


def _row(field: AccountField) -> str:
    kind = "secret" if field.secret else "merchant" if field.identity else "setting"
    return f"| `{field.id}` | {field.label} {field.label_zh} | {kind} | {_value(field)} |"


def _value(field: AccountField) -> str:
    parts = []
    if field.choices:
        parts.append("one of " + ", ".join(f"`{choice}`" for choice in field.choices))
    if field.default:
        parts.append(f"default `{field.default}`")
    elif not field.required:
        parts.append("may be left out")
    for name, values in field.when.items():
        parts.append(f"where `{name}` is " + " or ".join(f"`{value}`" for value in sorted(values)))
    return "; ".join(parts) or "required"


def _addresses(about: Manifest) -> Iterator[str]:
    for environment, settings in about.addresses.items():
        yield f"Addresses of its {environment} environment:"
        yield ""
        yield from (f"- `{name}`: `{address}`" for name, address in settings.items())
        yield ""


def main() -> int:
    """Write the page, or with --check only say whether it is up to date."""
    if sys.argv[1:] == ["--check"]:
        fresh = PAGE.read_text("utf-8") == page()
        print(f"docs/channel-accounts.md is {'up to date' if fresh else 'out of date'}")
        return 0 if fresh else 1
    PAGE.write_text(page(), "utf-8")
    print(f"wrote {PAGE.relative_to(PAGE.parents[1])}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
