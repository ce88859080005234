"""Checks that every channel's account must pass: the fields that its manifest names, and an address to call."""

import re
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from paycenter.ports.manifest import AccountField, Manifest


def completed(manifest: Manifest, settings: Mapping[str, str]) -> dict[str, str]:
    """Return the settings with the defaults of the fields that were left out and count under these settings."""
    filled = dict(settings)
    for field in manifest.account_fields:
        if field.default and field.id not in filled and counts(field, filled):
            filled[field.id] = field.default
    return filled


def counts(field: AccountField, settings: Mapping[str, str]) -> bool:
    """Tell whether a field belongs to an account with these settings, defaults filled in."""
    return all(settings.get(name, "") in values for name, values in field.when.items())


def field_problems(
    manifest: Manifest, settings: Mapping[str, str], secrets: Mapping[str, str]
) -> list[str]:
    """Say which fields are missing, unknown, in the wrong place or of the wrong form; never what a secret holds."""
    settings = completed(manifest, settings)
    counting = [field for field in manifest.account_fields if counts(field, settings)]
    known = {field.id for field in counting}
    unknown = [
        f"{name}: {manifest.channel} has no such field"
        + (" with these settings" if any(name == f.id for f in manifest.account_fields) else "")
        for name in (*settings, *secrets)
        if name not in known
    ]
    return unknown + [line for field in counting for line in _problems(field, settings, secrets)]


def _problems(
    field: AccountField, settings: Mapping[str, str], secrets: Mapping[str, str]
) -> Iterator[str]:
    place, other = (secrets, settings) if field.secret else (settings, secrets)
    if field.id in other:
        yield f"{field.id}: belongs to the {'secrets' if field.secret else 'settings'}"
    if field.id not in place:
        if field.required:
            yield f"{field.id}: missing ({field.label})"
    elif field.choices and place[field.id] not in field.choices:
        yield f"{field.id}: must be one of {', '.join(field.choices)}"
    elif re.fullmatch(field.pattern, place[field.id], re.ASCII | re.DOTALL) is None:
        yield f"{field.id}: not the form that {field.label} has"


def address_problems(name: str, address: str, *, plain_http: bool) -> list[str]:
    """Say what speaks against calling this address; https is a must unless plain http is allowed."""
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return [f"{name}: not an address"]
    if parts.scheme != "https" and not (plain_http and parts.scheme == "http"):
        return [f"{name}: must begin with https://"]
    if not host or "@" in parts.netloc or parts.query or parts.fragment:
        return [f"{name}: must be a plain address with a host, without user, query and fragment"]
    return []
