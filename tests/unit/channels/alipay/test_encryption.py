"""Content encryption: what can't be opened is refused with an ordinary error, and no error shows the key."""

import base64
import traceback

import pytest

from paychannels.alipay import encryption
from tests.unit.channels.alipay.otherside import AES_KEY, account, sealed, unsealed


@pytest.mark.parametrize("text", ["", "{}", "0123456789abcdef", "门票 🎫" * 500, "\x00\x10"])
def test_either_side_reads_the_other(text: str) -> None:
    assert unsealed(encryption.encrypt(AES_KEY, text)) == text
    assert encryption.decrypt(AES_KEY, sealed(text)) == text


def test_the_same_text_is_sent_the_same() -> None:
    # A repeated refund must have identical parameters.
    assert encryption.encrypt(AES_KEY, "{}") == encryption.encrypt(AES_KEY, "{}")


@pytest.mark.parametrize(
    "text",
    ["", "A", "AAAA", "not base64", "日", base64.b64encode(bytes(32)).decode(), sealed("{}")[:-4]],
)
def test_what_can_not_be_opened_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - from three places, all caught as one
        encryption.decrypt(AES_KEY, text)


def test_another_key_opens_nothing() -> None:
    other = base64.b64encode(bytes(range(16))).decode()
    with pytest.raises(ValueError):  # noqa: PT011 - padding or UTF-8, whichever breaks first
        encryption.decrypt(other, sealed('{"out_trade_no":"X"}'))


def test_text_that_is_no_utf_8_is_a_value_error() -> None:
    from cryptography.hazmat.primitives.ciphers import Cipher  # noqa: PLC0415 - used once
    from cryptography.hazmat.primitives.ciphers.algorithms import AES  # noqa: PLC0415
    from cryptography.hazmat.primitives.ciphers.modes import CBC  # noqa: PLC0415

    encryptor = Cipher(AES(base64.b64decode(AES_KEY)), CBC(bytes(16))).encryptor()
    data = encryptor.update(b"\xff" * 15 + b"\x01") + encryptor.finalize()
    with pytest.raises(ValueError, match="utf-8"):
        encryption.decrypt(AES_KEY, base64.b64encode(data).decode())


@pytest.mark.parametrize("key", ["", "AAAA", "?!", AES_KEY[:-4]])
def test_a_key_that_is_none_is_a_value_error_that_does_not_show_it(key: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the cipher's own words or ours
        encryption.encrypt(key, "{}")
    assert not key or key not in "".join(traceback.format_exception_only(caught.value))


def test_only_an_account_that_encrypts_opens_what_is_encrypted() -> None:
    assert encryption.unsealed(account(encrypted=True), sealed("{}")) == "{}"
    with pytest.raises(ValueError, match="not"):
        encryption.unsealed(account(), sealed("{}"))
