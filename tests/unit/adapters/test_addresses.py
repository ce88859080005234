"""Which addresses may be dialled. Holds S-09, S-10; U04, U05; every trap of the library that was found."""

import ipaddress
import socket
from typing import Any

import pytest

from paycenter.adapters.addresses import (
    AddressRefused,
    check_url,
    parse_networks,
    refused,
    resolve,
)

LOOPBACK = parse_networks("127.0.0.0/8")

DENIED = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",  # shared address space: is_private says False
    "100.100.100.200",  # a cloud's metadata service in it
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "169.254.170.2",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.192",  # is_global says True
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",  # is_global says True
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",  # compatible form: is_global says True
    "::ffff:127.0.0.1",  # mapped
    "::ffff:169.254.169.254",
    "::ffff:8.8.8.8",
    "64:ff9b::a9fe:a9fe",  # NAT64 of 169.254.169.254: is_global says True
    "64:ff9b:1::1",
    "100::1",
    "2001::1",  # Teredo
    "2001:0:a9fe:a9fe::1",
    "2001:10::1",
    "2001:20::1",
    "2001:db8::1",
    "2002:a9fe:a9fe::",  # 6to4 of 169.254.169.254: is_global says True
    "2002:7f00:1::",
    "3fff::1",
    "4000::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%1",
    "fec0::1",
    "ff02::1",
]
ALLOWED = [
    "1.1.1.1",
    "8.8.8.8",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.0",
    "169.253.255.255",
    "172.15.255.255",
    "172.32.0.0",
    "192.0.1.1",
    "192.167.255.255",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
    "2606:4700::1111",
    "2400:3200::1",
    "2001:4860:4860::8888",
]


@pytest.mark.parametrize("text", DENIED)
def test_what_is_not_out_in_the_world_is_refused(text: str) -> None:
    assert refused(ipaddress.ip_address(text), ())


@pytest.mark.parametrize("text", ALLOWED)
def test_what_is_out_in_the_world_may_be_dialled(text: str) -> None:
    assert not refused(ipaddress.ip_address(text), ())


def test_an_allowed_private_network_opens_itself_and_nothing_else() -> None:
    allowed = parse_networks("127.0.0.0/8, fd00::/8")
    assert not refused(ipaddress.ip_address("127.0.0.1"), allowed)
    assert not refused(ipaddress.ip_address("fd00::1"), allowed)
    for text in ("10.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1", "fe80::1"):
        assert refused(ipaddress.ip_address(text), allowed)


def test_networks_are_read_from_text_and_nonsense_is_refused() -> None:
    assert parse_networks("") == parse_networks(" , ") == ()
    with pytest.raises(ValueError, match="does not appear to be"):
        parse_networks("loopback")
    with pytest.raises(ValueError, match="host bits set"):
        parse_networks("127.0.0.1/8")


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("https://shop.example.com/hook?x=1&y=2", (True, "shop.example.com", 443, "/hook?x=1&y=2")),
        ("https://shop.example.com", (True, "shop.example.com", 443, "/")),
        ("https://shop.example.com:8443/", (True, "shop.example.com", 8443, "/")),
        ("HTTPS://SHOP.example.com/A", (True, "shop.example.com", 443, "/A")),
        ("https://shop.example.com?x=1", (True, "shop.example.com", 443, "/?x=1")),
        ("https://[2606:4700::1111]/", (True, "2606:4700::1111", 443, "/")),
    ],
)
def test_a_plain_address_is_taken_apart_once(url: str, parts: tuple[Any, ...]) -> None:
    assert check_url(url, ()) == parts


@pytest.mark.parametrize(
    "url",
    [
        "",
        "shop.example.com",
        "//shop.example.com/",
        "http://shop.example.com/",
        "ftp://shop.example.com/",
        "file:///etc/passwd",
        "gopher://shop.example.com/",
        "https:shop.example.com",
        "https:///hook",
        "https://",
        "https://user@shop.example.com/",
        "https://user:password@shop.example.com/",
        "http://evil.com\\@127.0.0.1/",
        "https://evil.com\\@127.0.0.1/",
        "https://127.0.0.1%2f@evil.com/",
        "https://shop%2eexample.com/",
        "https://[fe80::1%25eth0]/",
        "https://shop.example.com/#fragment",
        "https://shop.example.com:0/",
        "https://shop.example.com:65536/",
        "https://shop.example.com:https/",
        "https://shop.example.com:-1/",
        "https://[shop.example.com]/",
        "https://[::1/",
        "https://①②⑦.0.0.1/",
        "https://shöp.example.com/",
        "https://shop.example.com/a b",
        " https://shop.example.com/",
        "https://shop.example.com/\r\nHost: evil",
        "https://shop.example.com/\t",
        "https://shop.example.com/\x00",
        "\x01https://shop.example.com/",
        "https://shop.example.com/\x7f",
    ],
)
def test_what_two_parsers_could_read_differently_is_refused(url: str) -> None:
    with pytest.raises(AddressRefused):
        check_url(url, ())


def test_plain_http_is_for_allowed_private_networks_only() -> None:
    assert check_url("http://shop.example.com/", LOOPBACK)[:3] == (False, "shop.example.com", 80)
    with pytest.raises(AddressRefused, match="must begin with https"):
        check_url("http://shop.example.com/", ())


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "0x7f.1", "2130706433", "0177.0.0.1", "127.1", "0", "[::1]", "[::]"],
)
def test_every_way_to_write_this_machine_is_refused_by_what_it_resolves_to(host: str) -> None:
    with pytest.raises(AddressRefused):
        resolve(f"https://{host}/", ())


@pytest.mark.parametrize("host", ["a..example", "x" * 64 + ".example", ".", "-", "a" * 300])
def test_a_name_that_nobody_can_resolve_is_refused_and_no_error(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def offline(name: str, *_: object, **__: object) -> None:
        # Python's own encoding of the name comes first; a real resolver is never asked.
        name.encode("idna")
        raise socket.gaierror(socket.EAI_NONAME, "not known")

    monkeypatch.setattr(socket, "getaddrinfo", offline)
    with pytest.raises(AddressRefused, match="can't be resolved"):
        resolve(f"https://{host}/", ())


class Resolver:
    """Answers each question with the next of its answers, and counts them."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked: list[object] = []

    def __call__(self, host: object, port: object, **_: object) -> list[Any]:
        self.asked.append(host)
        return [(None, None, None, "", (address, port)) for address in self.answers.pop(0)]


def test_a_name_is_resolved_once_and_what_was_checked_is_what_is_dialled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Rebinding: the second answer would be this machine. There is no second question.
    resolver = Resolver(["8.8.8.8"], ["127.0.0.1"])
    monkeypatch.setattr(socket, "getaddrinfo", resolver)
    target = resolve("https://rebind.example/hook", ())
    assert resolver.asked == ["rebind.example"]
    assert (target.address, target.host, target.port) == ("8.8.8.8", "rebind.example", 443)


@pytest.mark.parametrize(
    "addresses",
    [
        ["8.8.8.8", "127.0.0.1"],
        ["127.0.0.1", "8.8.8.8"],
        ["8.8.8.8", "::1"],
        ["2606:4700::1111", "fd00::1"],
        ["8.8.8.8", "1.1.1.1", "169.254.169.254"],
    ],
)
def test_one_bad_address_among_good_ones_spoils_the_name(
    addresses: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", Resolver(addresses))
    with pytest.raises(AddressRefused, match="must not be dialled"):
        resolve("https://mixed.example/", ())


def test_the_refusal_does_not_tell_which_address_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", Resolver(["10.1.2.3"]))
    with pytest.raises(AddressRefused) as refusal:
        resolve("https://inside.example/", ())
    assert "10.1.2.3" not in str(refusal.value)


def test_a_sandbox_may_dial_its_own_loopback() -> None:
    target = resolve("http://127.0.0.1:8081/hooks/tickets", LOOPBACK)
    assert (target.secure, target.address, target.port) == (False, "127.0.0.1", 8081)
