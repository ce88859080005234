"""What is drawn: the same for the same seed, and keys that are keys."""

import base64

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_private_key, load_pem_public_key

from tools.oracles.draw import Draw, Key, altered


@pytest.fixture(scope="module")
def key() -> Key:
    return Draw("seed").under("key").key()


def test_the_same_seed_and_name_draw_the_same() -> None:
    once, again = (Draw("s").under("a").odd_text(40) for _ in range(2))
    assert once == again
    assert once != Draw("s").under("b").odd_text(40)
    assert once != Draw("t").under("a").odd_text(40)


def test_drawing_from_one_branch_leaves_the_others_alone() -> None:
    draw = Draw("s")
    before = draw.under("a").token(10)
    draw.token(5)
    assert draw.under("a").token(10) == before


def test_a_drawn_key_passes_the_full_check(key: Key) -> None:
    loaded = load_der_private_key(base64.b64decode(key.forms["pkcs8"]), None)
    assert isinstance(loaded, RSAPrivateKey)
    assert loaded.key_size == 2048
    assert key.forms["pkcs1"] != key.forms["pkcs8"]


def test_its_weak_signature_is_none_by_the_strong_hash(key: Key) -> None:
    public = load_pem_public_key(key.public_pem.encode())
    strong, weak = (base64.b64decode(s) for s in (key.sign("text"), key.sign_weakly("text")))
    key.private.public_key().verify(strong, b"text", PKCS1v15(), SHA256())
    assert public == key.private.public_key()
    with pytest.raises(InvalidSignature):
        key.private.public_key().verify(weak, b"text", PKCS1v15(), SHA256())


def test_an_altered_text_differs_in_one_place_and_keeps_its_form() -> None:
    for number in range(50):
        text = '{"amount":"1.20","name":"门票"}'
        other = altered(Draw(str(number)), text)
        assert len(other) == len(text)
        (pair,) = [(a, b) for a, b in zip(text, other, strict=True) if a != b]
        assert pair[0].isdigit() == pair[1].isdigit()
