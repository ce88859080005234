"""Certificates of the simulators, judged by the library's own verifier."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from sandbox.simulator import certificates, rsa
from tests.unit.sandbox.simulator_bench import NOON

YEAR = 365 * 86_400.0
ROOT_NAME = certificates.name(("C", "CN"), ("O", "Toy Root"), ("CN", "Toy Root CA"))
OWN_NAME = certificates.name(("C", "CN"), ("O", "Toy"), ("OU", "Bank"), ("CN", "toy"))


def authority() -> certificates.Authority:
    return certificates.root(ROOT_NAME, rsa.new_key(), NOON - YEAR, NOON + YEAR)


def test_an_issued_certificate_leads_to_its_root_and_to_no_other() -> None:
    one, other, key = authority(), authority(), rsa.new_key().public_key()
    issued = one.issue(OWN_NAME, key, NOON, NOON + 60)
    issued.verify_directly_issued_by(one.certificate)
    with pytest.raises(InvalidSignature):
        issued.verify_directly_issued_by(other.certificate)
    assert issued.public_key() == key
    assert (issued.not_valid_before_utc, issued.not_valid_after_utc) == (
        datetime.fromtimestamp(NOON, UTC),
        datetime.fromtimestamp(NOON + 60, UTC),
    )
    assert [part.value for part in issued.subject] == ["CN", "Toy", "Bank", "toy"]
    assert issued.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value == "toy"
    assert one.issue(OWN_NAME, key, NOON, NOON + 60).serial_number != issued.serial_number


def test_only_a_root_may_issue() -> None:
    one = authority()
    issued = one.issue(OWN_NAME, rsa.new_key().public_key(), NOON, NOON + 60)
    may = [
        certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
        for certificate in (one.certificate, issued)
    ]
    assert may == [True, False]


def test_an_authority_can_be_read_from_files(tmp_path: Path) -> None:
    one = authority()
    pem = one.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "key.pem").write_bytes(pem)
    (tmp_path / "certificate.pem").write_text(certificates.pem_of(one.certificate))
    again = certificates.Authority.read(tmp_path / "certificate.pem", tmp_path / "key.pem")
    assert again.certificate == one.certificate
    with pytest.raises(OSError, match="none"):
        certificates.Authority.read(tmp_path / "none.pem", tmp_path / "key.pem")
