"""Standard Webhooks, checked by the specification's own library. Holds I26; S-18."""

import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as some
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from paycenter.adapters.http import PinnedClient
from paycenter.domain.webhooks import signed_headers

ED25519 = PinnedClient().ed25519


def secret(byte: int) -> str:
    return "whsec_" + base64.b64encode(bytes([byte]) * 32).decode()


def now() -> int:
    # The library compares with the real clock; nothing else in these tests does.
    return int(datetime.now(UTC).timestamp())


@given(
    some.dictionaries(some.text(max_size=8), some.integers() | some.text(max_size=20), max_size=4)
)
def test_the_library_believes_what_we_sign(document: dict[str, object]) -> None:
    import json  # noqa: PLC0415 - only this test speaks JSON

    body = json.dumps(document).encode()
    headers = signed_headers([secret(1)], "ORDERE01", now(), body, ED25519)
    assert Webhook(secret(1)).verify(body, headers) == document


def test_the_specification_s_own_example_comes_out_the_same() -> None:
    # standard-webhooks/spec: secret, id, timestamp and payload of the published test vector.
    headers = signed_headers(
        ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
        ED25519,
    )
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        "content-type": "application/json",
    }


def test_during_a_rotation_both_keys_hold() -> None:
    headers = signed_headers([secret(2), secret(1)], "ORDERE01", now(), b"{}", ED25519)
    assert len(headers["webhook-signature"].split(" ")) == 2
    for byte in (1, 2):
        assert Webhook(secret(byte)).verify(b"{}", headers) == {}
    with pytest.raises(WebhookVerificationError):
        Webhook(secret(3)).verify(b"{}", headers)


@pytest.mark.parametrize(
    ("name", "value"), [("webhook-id", "ORDERE02"), ("webhook-timestamp", str(now() - 60))]
)
def test_id_and_timestamp_are_signed_too(name: str, value: str) -> None:
    headers = {**signed_headers([secret(1)], "ORDERE01", now(), b"{}", ED25519), name: value}
    with pytest.raises(WebhookVerificationError):
        Webhook(secret(1)).verify(b"{}", headers)


def test_a_changed_body_is_not_believed() -> None:
    headers = signed_headers([secret(1)], "ORDERE01", now(), b'{"amount":1}', ED25519)
    with pytest.raises(WebhookVerificationError):
        Webhook(secret(1)).verify(b'{"amount":2}', headers)


def test_each_attempt_is_stamped_anew_under_the_same_id() -> None:
    first = signed_headers([secret(1)], "ORDERE01", 1_794_960_000, b"{}", ED25519)
    second = signed_headers([secret(1)], "ORDERE01", 1_794_960_015, b"{}", ED25519)
    assert first["webhook-id"] == second["webhook-id"]
    assert first["webhook-timestamp"] != second["webhook-timestamp"]
    assert first["webhook-signature"] != second["webhook-signature"]


def test_a_private_key_signs_for_everybody_who_has_the_public_one() -> None:
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - only this test needs it
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415

    seed = bytes(range(32))
    private = "whsk_" + base64.b64encode(seed).decode()
    headers = signed_headers([private, secret(1)], "ORDERE01", 1_794_960_000, b"{}", ED25519)
    asymmetric, shared = headers["webhook-signature"].split(" ")
    assert (asymmetric[:4], shared[:3]) == ("v1a,", "v1,")
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key()
    public.verify(base64.b64decode(asymmetric[4:]), b"ORDERE01.1794960000.{}")
    with pytest.raises(InvalidSignature):
        public.verify(base64.b64decode(asymmetric[4:]), b"ORDERE01.1794960001.{}")
