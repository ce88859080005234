"""Certificates of business lines are checked under the name that was asked for. Holds U06, S-10."""

import datetime as dt
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from paycenter.adapters.addresses import parse_networks
from paycenter.adapters.http import PinnedClient
from tests.unit.adapters.hostile import read_request

CLIENT = PinnedClient(parse_networks("127.0.0.0/8"))
type Certify = Callable[..., Path]


@pytest.fixture
def certify(tmp_path: Path) -> Certify:
    """Return what writes key and self-signed certificate for a name into one file."""

    def write(name: str, *, expired: bool = False) -> Path:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        now = dt.datetime.now(dt.UTC)
        day = dt.timedelta(days=1)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - 2 * day)
            .not_valid_after(now - day if expired else now + day)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, SHA256())
        )
        path = tmp_path / f"{name}.pem"
        path.write_bytes(
            key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            + certificate.public_bytes(Encoding.PEM)
        )
        return path

    return write


@contextmanager
def listening(pem: Path, names: list[str | None]) -> Iterator[int]:
    """Serve TLS with this certificate; `names` receives the name that each client asked for."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with suppress(OSError):
                connection, _ = listener.accept()
                with connection, context.wrap_socket(connection, server_side=True) as secure:
                    read_request(secure)
                    secure.sendall(b"HTTP/1.1 204 No\r\nContent-Length: 0\r\n\r\n")

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(2)


@pytest.fixture
def trust(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """Return what makes the system trust this certificate and no other."""
    real = socket.getaddrinfo

    def getaddrinfo(host: str, *rest: object, **named: object) -> object:
        there = "127.0.0.1" if str(host).endswith(".test") else host
        return real(there, *rest, **named)  # type: ignore[arg-type]  # passed through

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)

    def one(pem: Path) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", str(pem))
        monkeypatch.setenv("SSL_CERT_DIR", str(pem.parent / "nowhere"))

    return one


def status(port: int) -> int:
    headers = {"webhook-id": "E01"}
    return CLIENT.post(f"https://tickets.test:{port}/", headers, b"{}").status


def test_the_right_name_under_a_trusted_certificate_is_told(
    certify: Certify, trust: Callable[[Path], None]
) -> None:
    pem, asked = certify("tickets.test"), list[str | None]()
    trust(pem)
    with listening(pem, asked) as port:
        assert status(port) == 204
    # The address is dialled, the name is spoken.
    assert asked == ["tickets.test"]


def test_another_name_s_certificate_is_refused(
    certify: Certify, trust: Callable[[Path], None]
) -> None:
    pem = certify("somebody-else.test")
    trust(pem)
    with listening(pem, []) as port:
        assert status(port) == 0


def test_an_expired_certificate_is_refused(certify: Certify, trust: Callable[[Path], None]) -> None:
    pem = certify("tickets.test", expired=True)
    trust(pem)
    with listening(pem, []) as port:
        assert status(port) == 0


def test_a_certificate_that_nobody_trusts_is_refused(
    certify: Certify, trust: Callable[[Path], None]
) -> None:
    trust(certify("other.test"))
    with listening(certify("tickets.test"), []) as port:
        assert status(port) == 0


def test_a_plain_answer_on_a_secure_port_is_refused(
    trust: Callable[[Path], None], certify: Certify
) -> None:
    trust(certify("tickets.test"))
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 204 No\r\nContent-Length: 0\r\n\r\n")

        threading.Thread(target=serve, daemon=True).start()
        assert status(listener.getsockname()[1]) == 0
