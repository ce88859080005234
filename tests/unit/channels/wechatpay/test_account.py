"""WeChat's manifest, and the check of an account before it is saved."""

import re
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from paycenter.ports.manifest import Needs
from paycenter.ports.transport import NotSent
from paychannels import registry
from paychannels.registry import CHANNELS, Registry
from paychannels.wechatpay.manifest import MANIFEST
from tests.unit.channels.scripted import ScriptedTransport, StandingClock
from tests.unit.channels.wechatpay.counterpart import (
    ACCOUNT,
    MERCHANT_PUBLIC,
    NATIVE,
)

SETTINGS, SECRETS = dict(ACCOUNT.settings), dict(ACCOUNT.secrets)


def _with(fields: dict[str, str], changes: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in {**fields, **changes}.items() if value != "-"}


def test_a_good_account_has_no_problems() -> None:
    assert registry.check_account("wechatpay", SETTINGS, SECRETS) == []


def test_an_account_in_certificate_mode_has_no_public_key() -> None:
    without = {"mode": "certificate", "public_key": "-", "public_key_id": "-"}
    assert registry.check_account("wechatpay", _with(SETTINGS, without), SECRETS) == []
    assert registry.check_account(
        "wechatpay", _with(SETTINGS, {"mode": "certificate"}), SECRETS
    ) == [
        f"{name}: wechatpay has no such field with these settings"
        for name in ("public_key_id", "public_key")
    ]


@pytest.mark.parametrize("mode", ["public_key", "migrating"])
def test_an_account_with_a_public_key_has_it_whole(mode: str) -> None:
    settings = _with(SETTINGS, {"mode": mode, "public_key": "-"})
    assert registry.check_account("wechatpay", _with(SETTINGS, {"mode": mode}), SECRETS) == []
    assert registry.check_account("wechatpay", settings, SECRETS) == [
        "public_key: missing (WeChat Pay's public key)"
    ]


def test_the_app_secret_may_be_missing_and_addresses_have_defaults() -> None:
    settings = _with(SETTINGS, {"authorisation_gateway": "-", "openid_gateway": "-", "mode": "-"})
    assert registry.check_account("wechatpay", settings, _with(SECRETS, {"app_secret": "-"})) == []
    completed = registry.completed_settings("wechatpay", settings)
    assert completed["authorisation_gateway"] == "https://open.weixin.qq.com"
    assert completed["openid_gateway"] == "https://api.weixin.qq.com"
    assert completed["mode"] == "public_key"


@pytest.mark.parametrize(
    ("settings", "secrets", "problem"),
    [
        ({"mchid": "19000000771"}, {}, "mchid: not the form"),
        ({"appid": "gh_0000"}, {}, "appid: not the form"),
        ({"merchant_serial": "77c3"}, {}, "merchant_serial: not the form"),
        ({"public_key_id": "PUB_KEY_ID_"}, {}, "public_key_id: not the form"),
        ({"public_key": "AAAA"}, {}, "public_key: not an RSA public key"),
        ({"public_key": MERCHANT_PUBLIC}, {}, "public_key: this is the merchant's own key"),
        ({}, {"apiv3_key": "short"}, "apiv3_key: not the form"),
        ({}, {"apiv3_key": "x" * 31 + " "}, "apiv3_key: not the form"),
        ({}, {"apiv3_key": "密" * 32}, "apiv3_key: not the form"),
        ({}, {"app_secret": "short"}, "app_secret: not the form"),
        ({}, {"private_key": "AAAA"}, "private_key: not an RSA private key"),
        ({}, {"private_key": "-"}, "private_key: missing"),
        ({"gateway": "http://wechat.example"}, {}, "gateway: must begin with https://"),
        ({"gateway": "https://wechat.example/"}, {}, "gateway: not the form"),
        ({"gateway": "https://user@wechat.example"}, {}, "gateway: must be a plain address"),
        ({"openid_gateway": "http://x"}, {}, "openid_gateway: must begin with https://"),
        ({"authorisation_gateway": "http://x"}, {}, "authorisation_gateway: must begin with"),
    ],
)
def test_a_bad_account_is_told_what_is_wrong(
    settings: dict[str, str], secrets: dict[str, str], problem: str
) -> None:
    problems = registry.check_account(
        "wechatpay", _with(SETTINGS, settings), _with(SECRETS, secrets)
    )
    assert len(problems) == 1
    assert problems[0].startswith(problem)


def test_what_an_account_shows_is_never_a_secret() -> None:
    shown = [field.id for field in MANIFEST.account_fields if not field.secret]
    assert not {"private_key", "apiv3_key", "app_secret"} & set(shown)
    assert {field.id for field in MANIFEST.account_fields if field.identity} == {"mchid", "appid"}


def test_products_say_where_they_are_shown_and_what_they_need() -> None:
    products = MANIFEST.products
    assert {name: sorted(product.devices) for name, product in products.items()} == {
        "native": ["desktop"],
        "jsapi": ["own_app"],
        "h5": ["phone"],
        "app": [],
    }
    assert products["jsapi"].needs == {Needs.PAYER_ID}
    assert products["h5"].needs == {Needs.CLIENT_ADDRESS}
    assert [name for name, product in products.items() if product.tells_origin] == ["h5"]
    assert all(product.calls_channel for product in products.values())


def test_wechat_is_recognised_by_its_browser() -> None:
    agent = "Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 MicroMessenger/8.0.49(0x1800312c)"
    assert re.search(MANIFEST.own_browser, agent)
    assert not re.search(MANIFEST.own_browser, "Mozilla/5.0 (iPhone) Safari/604.1")


def test_the_address_of_production_is_one_that_an_account_takes() -> None:
    settings = {**SETTINGS, **MANIFEST.addresses["production"]}
    assert registry.check_account("wechatpay", settings, SECRETS) == []
    assert "test" not in MANIFEST.addresses


def test_every_product_of_the_manifest_can_be_created() -> None:
    assert "wechatpay" in CHANNELS
    transport = ScriptedTransport()
    create = Registry(transport, StandingClock()).create("wechatpay")
    for product in MANIFEST.products:
        transport.script.append(NotSent())
        create.execute(ACCOUNT, replace(NATIVE, product=product))
    assert len(transport.sent) == 4


def test_there_are_three_ways_of_signing() -> None:
    settings = {**SETTINGS, "mode": "both"}
    problems = registry.check_account("wechatpay", settings, SECRETS)
    assert "mode: must be one of public_key, certificate, migrating" in problems


def test_a_short_key_is_refused() -> None:
    short = generate_private_key(65537, 1024).public_key()
    pem = short.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    assert registry.check_account("wechatpay", {**SETTINGS, "public_key": pem}, SECRETS) == [
        "public_key: shorter than 2048 bits"
    ]
