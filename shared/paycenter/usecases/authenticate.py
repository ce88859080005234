"""Who calls: a Bearer key `<line>.<secret>`, stored hashed, two live at once for rotation, scoped."""

import hashlib
import hmac
import re
from typing import Final

from paycenter.domain.errors import ScopeMissing, Unauthenticated
from paycenter.ports.configuration import BusinessLine, Configuration

_KEY: Final = re.compile(r"Bearer (([a-z][a-z0-9_-]{0,31})\.[!-~]{16,128})", re.ASCII)


def authenticate(authorization: str, scope: str, configuration: Configuration) -> BusinessLine:
    """Return the business line that a key belongs to.

    Raises Unauthenticated for no key, an unknown one or a disabled line, ScopeMissing for one that may not do this.
    """
    match = _KEY.fullmatch(authorization)
    line = configuration.line(match[2]) if match else None
    if match is None or line is None or line.disabled:
        raise Unauthenticated
    digest = hashlib.sha256(match[1].encode()).hexdigest()
    # Every key is compared, in constant time, so that the time tells nothing about which one is near.
    matching = [key for key in line.keys if hmac.compare_digest(key.sha256, digest)]
    if not matching:
        raise Unauthenticated
    if scope not in matching[0].scopes:
        raise ScopeMissing(scope)
    return line
