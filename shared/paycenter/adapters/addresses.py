"""Which addresses may be dialled: explicit deny ranges, because the library's own properties miss some.

Follows the classes that egress proxies deny: everything that is not global unicast, the private and shared ranges,
and the ranges that embed an IPv4 address in IPv6 (NAT64, 6to4, Teredo, mapped and compatible forms).
"""

import socket
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final
from urllib.parse import urlsplit

type Network = IPv4Network | IPv6Network
type Address = IPv4Address | IPv6Address

_DENIED: Final = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",
    )
)
# Global unicast is 2000::/3; inside it these are special or carry an IPv4 address.
_GLOBAL_UNICAST: Final = IPv6Network("2000::/3")
_DENIED_V6: Final = tuple(
    ip_network(text) for text in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
)
_PORTS: Final = range(1, 65536)


class AddressRefused(Exception):
    """The address must not be dialled; the text says why, for the log and for whoever configured it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A checked destination: dial `address`, speak as `host`."""

    secure: bool
    host: str
    port: int
    path: str
    address: str


def parse_networks(text: str) -> tuple[Network, ...]:
    """Read comma-separated networks; raises ValueError for anything else."""
    return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())


def refused(address: Address, allowed: Sequence[Network]) -> bool:
    """Tell whether an address is in a denied range and in none of the allowed private ones."""
    if any(address.version == network.version and address in network for network in allowed):
        return False
    if isinstance(address, IPv6Address):
        return address not in _GLOBAL_UNICAST or any(address in network for network in _DENIED_V6)
    return any(address in network for network in _DENIED)


def check_url(url: str, allowed: Sequence[Network]) -> tuple[bool, str, int, str]:
    """Take an address apart once into (secure, host, port, path with query).

    Raises AddressRefused for anything that two parsers might read differently, and for plain http unless private
    networks are allowed.
    """
    if not url.isascii() or not url.isprintable() or any(character in url for character in "\\ "):
        message = "the address must be printable ASCII without blanks and backslashes"
        raise AddressRefused(message)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        message = "the address can't be read"
        raise AddressRefused(message) from error
    if parts.scheme != "https" and not (parts.scheme == "http" and allowed):
        message = "the address must begin with https://"
        raise AddressRefused(message)
    if "@" in parts.netloc or "%" in parts.netloc or not parts.hostname or parts.fragment:
        message = "the address must have a plain host name, no user and no fragment"
        raise AddressRefused(message)
    secure = parts.scheme == "https"
    port = (443 if secure else 80) if port is None else port
    if port not in _PORTS:
        message = "the port is out of range"
        raise AddressRefused(message)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return secure, parts.hostname, port, path


def resolve(url: str, allowed: Sequence[Network]) -> Target:
    """Resolve the host once, check every address it has, and return the one to dial.

    Raises AddressRefused where the URL or any of its addresses is refused, or the name can't be resolved.
    """
    secure, host, port, path = check_url(url, allowed)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    # A label that is empty or too long is no OSError: Python refuses it before anybody is asked.
    except (OSError, UnicodeError) as error:
        message = "the host name can't be resolved"
        raise AddressRefused(message) from error
    addresses = [str(entry[4][0]) for entry in found]
    for text in addresses:
        if refused(ip_address(text), allowed):
            message = "the host resolves to an address that must not be dialled"
            raise AddressRefused(message)
    return Target(secure=secure, host=host, port=port, path=path, address=addresses[0])
