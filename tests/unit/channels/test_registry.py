"""The table of channels: everything in it loads, and nothing of it loads early."""

import re
import subprocess
import sys
from importlib import import_module

import pytest

from paycenter.domain.money import DECIMALS
from paycenter.ports.channels import Channels
from paychannels import registry
from paychannels.registration import Operation, Registration
from paychannels.registry import CHANNELS, Registry
from tests.unit.channels.scripted import ACCOUNT, APP_PUBLIC, KEYS, ScriptedTransport, StandingClock

CHANNEL = pytest.mark.parametrize("channel", list(CHANNELS))


def _registry() -> Channels:
    return Registry(ScriptedTransport(), StandingClock())


@CHANNEL
def test_every_part_of_every_channel_can_be_made(channel: str) -> None:
    channels = _registry()
    assert channels.known(channel)
    assert callable(channels.create(channel).execute)
    assert callable(channels.query(channel).execute)
    assert callable(channels.close(channel).execute)
    assert channels.callbacks(channel).acknowledge(accepted=True).status == 200
    assert channels.manifest(channel).channel == channel


@CHANNEL
def test_a_registration_names_every_operation(channel: str) -> None:
    module, _, name = CHANNELS[channel].partition(":")
    registration: Registration = getattr(import_module(module), name)
    optional = {Operation.IDENTIFICATION, Operation.MATERIAL}
    assert set(Operation) - optional <= set(registration.parts)


@pytest.mark.parametrize(
    "channel", ["", "nobody", "os", "../alipay", "ALIPAY", "paychannels.alipay"]
)
def test_a_channel_outside_the_table_is_a_key_error(channel: str) -> None:
    channels = _registry()
    assert not channels.known(channel)
    for ask in (
        channels.manifest,
        channels.create,
        channels.query,
        channels.close,
        channels.callbacks,
    ):
        with pytest.raises(KeyError):
            ask(channel)


@CHANNEL
def test_a_manifest_is_consistent(channel: str) -> None:
    manifest = _registry().manifest(channel)
    assert all(key == product.id for key, product in manifest.products.items())
    assert all(
        product.devices <= {"desktop", "phone", "own_app"} for product in manifest.products.values()
    )
    assert manifest.currencies <= DECIMALS.keys()
    assert 1 <= manifest.minimum_amount <= manifest.maximum_amount
    assert manifest.gateway_field in {
        field.id for field in manifest.account_fields if not field.secret
    }
    assert all(re.compile(field.pattern) for field in manifest.account_fields)
    assert manifest.icon.startswith("<svg")
    assert not re.search(r"style=|<script|on[a-z]+=|href", manifest.icon)


@CHANNEL
def test_who_only_shows_manifests_never_loads_cryptography(channel: str) -> None:
    program = (
        "import sys; from paychannels.registry import manifest;"
        f"manifest({channel!r}); sys.exit(any(m.startswith(('cryptography', 'boto3')) for m in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


SETTINGS, SECRETS = dict(ACCOUNT.settings), dict(ACCOUNT.secrets)


def test_a_good_account_has_no_problems() -> None:
    assert registry.check_account("alipay", SETTINGS, SECRETS) == []


@pytest.mark.parametrize(
    ("settings", "secrets", "problem"),
    [
        ({"app_id": "12"}, {}, "app_id: not the form"),
        ({"app_id": "２021000000000077"}, {}, "app_id: not the form"),
        ({"seller_id": "-"}, {}, "seller_id: missing"),
        ({"mch_id": "1"}, {}, "mch_id: alipay has no such field"),
        ({}, {"sub_key": "1"}, "sub_key: alipay has no such field"),
        ({"private_key": "x"}, {}, "private_key: belongs to the secrets"),
        ({}, {"private_key": "-"}, "private_key: missing"),
        ({}, {"private_key": "AAAA"}, "private_key: not an RSA private key"),
        ({}, {"private_key": APP_PUBLIC}, "private_key: not an RSA private key"),
        ({}, {"alipay_public_key": "AAAA"}, "alipay_public_key: not an RSA public key"),
        (
            {},
            {"alipay_public_key": APP_PUBLIC},
            "alipay_public_key: this is the application's own public key",
        ),
        ({"gateway": "http://gateway.example/gateway.do"}, {}, "gateway: must begin with https://"),
        ({"gateway": "https:///gateway.do"}, {}, "gateway: must be a plain address"),
        ({"gateway": "https://user@gateway.example/"}, {}, "gateway: must be a plain address"),
        (
            {"gateway": "https://gateway.example/?charset=gbk"},
            {},
            "gateway: must be a plain address",
        ),
        ({"gateway": "https://gateway.example:port/"}, {}, "gateway: not an address"),
        ({"gateway": "https://[::1/"}, {}, "gateway: not an address"),
    ],
)
def test_a_bad_account_is_told_what_is_wrong(
    settings: dict[str, str], secrets: dict[str, str], problem: str
) -> None:
    problems = registry.check_account("alipay", _with(SETTINGS, settings), _with(SECRETS, secrets))
    assert len(problems) == 1
    assert problems[0].startswith(problem)


def test_a_short_key_is_refused() -> None:
    short = _short_private_key()
    assert registry.check_account("alipay", SETTINGS, {**SECRETS, "private_key": short}) == [
        "private_key: shorter than 2048 bits"
    ]


def test_a_damaged_private_key_is_found_although_run_time_trusts_it() -> None:
    # The middle of the DER holds a prime: the file still parses, the numbers no longer belong together.
    lines = KEYS["alipay.app"]["private_pkcs8_pem"].splitlines()
    lines[14] = lines[14][::-1]
    damaged = "\n".join(lines)
    assert registry.check_account("alipay", SETTINGS, {**SECRETS, "private_key": damaged}) == [
        "private_key: not an RSA private key"
    ]


def test_plain_http_needs_permission() -> None:
    settings = {**SETTINGS, "gateway": "http://127.0.0.1:8082/gateway.do"}
    assert registry.check_account("alipay", settings, SECRETS, plain_http=True) == []
    assert registry.check_account(
        "alipay", {**settings, "gateway": "ftp://x/"}, SECRETS, plain_http=True
    )


def _with(fields: dict[str, str], changes: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in {**fields, **changes}.items() if value != "-"}


def _short_private_key() -> str:
    from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key  # noqa: PLC0415 - used once
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat  # noqa: PLC0415

    key = generate_private_key(65537, 1024)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
