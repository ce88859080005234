"""HTTP to hostile business lines and to channels. Holds I28, S-09, S-10, S-21; U02 to U06, C01, C02."""

import gzip
import logging
import socket
import threading
import time

import pytest

from paycenter.adapters import http
from paycenter.adapters.addresses import parse_networks
from paycenter.adapters.http import ChannelTransport, PinnedClient
from paycenter.ports.delivery import DeliveryAnswer
from paycenter.ports.transport import HttpRequest, NoAnswer, NotSent
from tests.unit.adapters.hostile import Behaviour, hostile, saying, trickling

CLIENT = PinnedClient(parse_networks("127.0.0.0/8"))
HEADERS = {"webhook-id": "E01", "content-type": "application/json"}
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
PATIENCE = 0.4


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let 15 s pass in 0.4."""
    monkeypatch.setattr(http, "_DELIVERY_SECONDS", PATIENCE)
    monkeypatch.setattr(http, "_DELIVERY_CONNECT_SECONDS", PATIENCE)


def post(behaviour: Behaviour) -> DeliveryAnswer:
    with hostile(behaviour) as server:
        return CLIENT.post(server.url(), dict(HEADERS), b"{}")


def test_a_notification_arrives_byte_for_byte_under_its_own_host() -> None:
    with hostile(saying(OK)) as server:
        answer = CLIENT.post(server.url("/hook?x=1"), dict(HEADERS), '{"a":"日"}'.encode())
        assert answer == DeliveryAnswer(status=200)
        head, _, body = server.received[0].partition(b"\r\n\r\n")
        assert head.split(b"\r\n")[0] == b"POST /hook?x=1 HTTP/1.1"
        assert f"Host: 127.0.0.1:{server.port}".encode() in head.split(b"\r\n")
        assert b"webhook-id: E01" in head.split(b"\r\n")
        assert body == '{"a":"日"}'.encode()


@pytest.mark.parametrize("status", [200, 204, 299, 301, 400, 410, 429, 500, 503, 599])
def test_the_status_is_told_as_it_came(status: int) -> None:
    head = f"HTTP/1.1 {status} Whatever\r\nContent-Length: 0\r\n\r\n".encode()
    answer = post(saying(head))
    assert answer.status == status
    assert answer.delivered == (200 <= status < 300)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_a_failure_and_is_not_followed(status: int) -> None:
    with hostile(saying(OK)) as inside:
        head = f"HTTP/1.1 {status} Go\r\nLocation: {inside.url()}\r\nContent-Length: 0\r\n\r\n"
        answer = post(saying(head.encode()))
        assert (answer.status, answer.delivered) == (status, False)
        assert inside.received == []


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("7", 7),
        ("3600", 3600),
        ("9999999", 9999999),
        ("99999999", 0),
        ("-5", 0),
        ("1.5", 0),
        ("soon", 0),
        ("", 0),
        ("Wed, 21 Oct 2026 07:28:00 GMT", 0),
        ("１０", 0),
    ],
)
def test_retry_after_is_whole_seconds_or_nothing(text: str, seconds: int) -> None:
    head = f"HTTP/1.1 503 No\r\nRetry-After: {text}\r\nContent-Length: 0\r\n\r\n"
    assert post(saying(head.encode())) == DeliveryAnswer(status=503, retry_after=seconds)


NONSENSE: list[tuple[str, bytes]] = [
    ("nothing", b""),
    ("a line that is no status", b"hello\r\n\r\n"),
    ("a status that is no number", b"HTTP/1.1 OK\r\n\r\n"),
    ("a status out of range", b"HTTP/1.1 99999 What\r\n\r\n"),
    ("half a status line", b"HTTP/1.1 2"),
    ("binary", bytes(range(256))),
    ("a thousand headers", b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 1000 + b"\r\n"),
    ("a header of 100 kB", b"HTTP/1.1 200 OK\r\nx: " + b"y" * 100_000 + b"\r\n\r\n"),
    ("a status line of 100 kB", b"HTTP/1.1 200 " + b"y" * 100_000 + b"\r\n\r\n"),
    ("another protocol", b"SSH-2.0-OpenSSH_9.9\r\n"),
    ("half a body", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"),
    ("a chunk that is none", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
]


@pytest.mark.parametrize("said", [said for _, said in NONSENSE], ids=[name for name, _ in NONSENSE])
def test_nonsense_is_an_answer_that_does_not_deliver_and_never_an_exception(said: bytes) -> None:
    answer = post(saying(said))
    assert isinstance(answer, DeliveryAnswer)
    if answer.status == 0:
        assert answer.reason
    else:
        # The head was readable: what the body does is the other side's affair.
        assert said.startswith(b"HTTP/1.1 200 OK")


TRICKLES: list[tuple[str, bytes]] = [
    ("the status line", b"HTTP/1.1 200 "),
    ("a header", b"HTTP/1.1 200 OK\r\nx: "),
    ("a body of known length", b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"),
    ("a body without end", b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"),
    ("a body of HTTP/1.0", b"HTTP/1.0 200 OK\r\n\r\n"),
    ("chunks", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
]


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("head", [head for _, head in TRICKLES], ids=[name for name, _ in TRICKLES])
def test_a_trickle_ends_at_the_deadline_whatever_trickles(head: bytes) -> None:
    over = threading.Event()
    with hostile(trickling(head, over.is_set)) as server:
        began = time.monotonic()
        answer = CLIENT.post(server.url(), dict(HEADERS), b"{}")
        took = time.monotonic() - began
        over.set()
    assert took < PATIENCE + 1
    # Not even where what was cut off reads like a 200.
    assert (answer.status, answer.delivered) == (0, False)


@pytest.mark.usefixtures("impatient")
def test_a_line_that_never_answers_is_given_up_at_the_deadline() -> None:
    waiting = threading.Event()
    with hostile(lambda _: (waiting.wait(5), None)[1]) as server:
        began = time.monotonic()
        answer = CLIENT.post(server.url(), dict(HEADERS), b"{}")
        took = time.monotonic() - began
        waiting.set()
    assert (answer.status, answer.delivered) == (0, False)
    assert PATIENCE * 0.9 <= took < PATIENCE + 1


def test_a_huge_body_is_read_to_four_kilobytes_and_dropped() -> None:
    sent = [0]

    def flood(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n")
        for _ in range(10_000):
            connection.sendall(b"x" * 65536)
            sent[0] += 65536

    assert post(flood).status == 200
    # What left the server filled buffers of the system, not ours.
    assert sent[0] < 64_000_000


def test_a_bomb_is_not_inflated() -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(bomb)}\r\n\r\n"
    began = time.monotonic()
    assert post(saying(head.encode(), bomb)).status == 200
    assert time.monotonic() - began < 1


def test_a_broken_encoding_of_a_body_that_nobody_reads_does_not_matter() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope"
    assert post(saying(head)).status == 200


def test_a_closed_port_is_an_answer() -> None:
    with hostile(saying(OK)) as server:
        url = server.url()
    assert CLIENT.post(url, dict(HEADERS), b"{}").status == 0


def test_in_production_the_loopback_is_not_even_dialled() -> None:
    with hostile(saying(OK)) as server:
        for url in (server.url(), server.url().replace("http:", "https:")):
            answer = PinnedClient().post(url, dict(HEADERS), b"{}")
            assert answer.status == 0
            assert answer.reason.startswith("refused: ")
        assert server.received == []


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Let names ending in `.test` be this machine, and keep what was asked."""
    asked: list[object] = []
    real = socket.getaddrinfo

    def getaddrinfo(host: str, *rest: object, **named: object) -> object:
        asked.append(host)
        there = "127.0.0.1" if str(host).endswith(".test") else host
        return real(there, *rest, **named)  # type: ignore[arg-type]  # passed through

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


def test_a_name_is_asked_once_and_the_answer_is_dialled_under_that_name(
    resolver: list[object],
) -> None:
    with hostile(saying(OK)) as server:
        url = f"http://tickets.test:{server.port}/hook"
        assert CLIENT.post(url, dict(HEADERS), b"{}").status == 200
        assert f"Host: tickets.test:{server.port}".encode() in server.received[0]
    assert resolver.count("tickets.test") == 1


def test_header_injection_is_an_answer_and_sends_nothing() -> None:
    with hostile(saying(OK)) as server:
        for url in (server.url("/a\r\nX: y"), server.url("/a b"), server.url("/\x00")):
            assert CLIENT.post(url, dict(HEADERS), b"{}").status == 0
        assert server.received == []


def request(url: str) -> HttpRequest:
    return HttpRequest(method="POST", url=url, headers={"X-A": "b"}, body=b"a=1&b=%E6%97%A5")


def test_a_channel_gets_exactly_these_bytes_and_its_answer_comes_as_it_was() -> None:
    said = b"HTTP/1.1 500 No\r\nX-Signature: abc=\r\nContent-Length: 3\r\n\r\n\xff\xfe!"
    with hostile(saying(said)) as server:
        answer = ChannelTransport().send(request(server.url("/gateway.do?charset=utf-8")))
        assert server.received[0].endswith(b"\r\n\r\na=1&b=%E6%97%A5")
        assert server.received[0].startswith(b"POST /gateway.do?charset=utf-8 HTTP/1.1\r\n")
    assert (answer.status, answer.body) == (500, b"\xff\xfe!")
    assert answer.headers["x-signature"] == "abc="


def test_a_channel_s_redirect_is_its_answer_and_not_followed() -> None:
    with hostile(saying(OK)) as elsewhere:
        said = f"HTTP/1.1 302 Go\r\nLocation: {elsewhere.url()}\r\nContent-Length: 0\r\n\r\n"
        with hostile(saying(said.encode())) as server:
            assert ChannelTransport().send(request(server.url())).status == 302
        assert elsewhere.received == []


def test_what_can_not_have_arrived_is_not_sent(resolver: list[object]) -> None:
    with hostile(saying(OK)) as server:
        url = server.url()
    with pytest.raises(NotSent):
        ChannelTransport().send(request(url))
    assert resolver


def test_a_name_that_is_not_known_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(NotSent):
        ChannelTransport().send(request("http://gateway.test/"))


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"hello\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 1000 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope",
    ],
)
def test_what_may_have_arrived_without_a_readable_answer_is_unknown(said: bytes) -> None:
    with hostile(saying(said)) as server, pytest.raises(NoAnswer):
        ChannelTransport().send(request(server.url()))


@pytest.mark.parametrize("said", [OK, b"HTTP/1.1 200 OK\r\nno header\r\nContent-Length: 0\r\n\r\n"])
def test_no_address_is_logged(said: bytes, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with hostile(saying(said)) as server:
        ChannelTransport().send(request(server.url("/token?secret=5ec4e7")))
    assert "5ec4e7" not in caplog.text


def flood(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n" + b"x" * 2_000_000)


def test_an_answer_beyond_a_megabyte_is_unknown() -> None:
    with hostile(flood) as server, pytest.raises(NoAnswer, match="too large"):
        ChannelTransport().send(request(server.url()))


def test_a_bill_may_be_longer_than_the_answer_of_a_call() -> None:
    with hostile(flood) as server:
        bill = HttpRequest(method="GET", url=server.url(), maximum_bytes=2_000_000)
        assert len(ChannelTransport().send(bill).body) == 2_000_000


def test_a_channel_s_trickle_is_unknown() -> None:
    over = threading.Event()
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"
    with hostile(trickling(head, over.is_set)) as server, pytest.raises(NoAnswer, match="too slow"):
        ChannelTransport().send(HttpRequest(method="GET", url=server.url(), maximum_seconds=0))
    over.set()
