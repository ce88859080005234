"""No secret of an account is in anything that a log, an error or a page could show."""

import logging
import traceback
from collections.abc import Callable
from dataclasses import replace

import pytest

from paycenter.ports.bills import BillKind
from paycenter.ports.channel import Account, CallbackRefused
from paycenter.ports.transport import HttpResponse, NoAnswer, NotSent
from paychannels import rsa
from paychannels.registry import Registry, check_account
from tests.unit.channels.scripted import ScriptedTransport, StandingClock
from tests.unit.channels.wechatpay.counterpart import (
    ACCOUNT,
    APIV3_KEY,
    APP_SECRET,
    H5,
    JSAPI,
    MERCHANT_PRIVATE,
    NATIVE,
    PAID,
    PLATFORM_PUBLIC,
    REFUND,
    answer,
    failure,
    notice,
)

# Any line of the private key is too much.
_LINES = [line for line in MERCHANT_PRIVATE.splitlines() if "-----" not in line]
SECRETS = [*_LINES, APIV3_KEY, APP_SECRET]
BROKEN = replace(
    ACCOUNT,
    secrets={
        "private_key": "\n".join(_LINES[3:]),
        "apiv3_key": APIV3_KEY[1:] + "é",
        "app_secret": APP_SECRET,
    },
)
OTHER_KEY = "AnotherThrowawayKeyOf32Bytes0078"


def _assert_scrubbed(shown: str) -> None:
    assert not [secret for secret in SECRETS if secret in shown]


def _everything(account: Account) -> list[Callable[[], object]]:
    page = HttpResponse(status=200, headers={}, body=b"<html>")
    script: list[HttpResponse | NotSent | NoAnswer] = [
        failure("X"),
        NoAnswer(),
        answer({"prepay_id": "wx1"}),
        page,
        page,
        page,
        page,
    ]
    channels = Registry(ScriptedTransport(script), StandingClock())
    callbacks = channels.callbacks("wechatpay")
    material = channels.material("wechatpay")
    assert material is not None
    return [
        lambda: account,
        lambda: channels,
        lambda: channels.query("wechatpay").execute(account, NATIVE),
        lambda: channels.create("wechatpay").execute(account, H5),
        lambda: channels.create("wechatpay").execute(account, JSAPI),
        lambda: channels.close("wechatpay").execute(account, NATIVE),
        lambda: channels.refund("wechatpay").execute(account, REFUND),
        lambda: channels.query_refund("wechatpay").execute(account, REFUND),
        lambda: channels.bills("wechatpay").download(account, "2026-03-01", BillKind.TRADES),
        lambda: material.execute(account),
        lambda: callbacks.verify(account, notice(PAID, key="wechat.stranger")),
        lambda: callbacks.verify(account, notice(PAID, apiv3_key=OTHER_KEY)),
        lambda: check_account("wechatpay", account.settings, account.secrets),
        lambda: vars(rsa._private_keys),
    ]


@pytest.mark.parametrize("account", [ACCOUNT, BROKEN], ids=["good", "broken"])
def test_no_secret_is_shown(account: Account, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    raised = 0
    for act in _everything(account):
        try:
            _assert_scrubbed(repr(act()))
        except (rsa.UnreadableKey, CallbackRefused, IndexError) as error:
            raised += 1
            _assert_scrubbed("".join(traceback.format_exception(error)))
    assert raised >= 2
    _assert_scrubbed(caplog.text)


def test_what_is_sent_holds_no_secret_but_the_exchange_of_a_code() -> None:
    pages = [HttpResponse(status=200, headers={}, body=b"<html>") for _ in range(4)]
    transport = ScriptedTransport([*pages])
    channels = Registry(transport, StandingClock())
    channels.query("wechatpay").execute(ACCOUNT, NATIVE)
    channels.create("wechatpay").execute(ACCOUNT, JSAPI)
    channels.refund("wechatpay").execute(ACCOUNT, REFUND)
    _assert_scrubbed(repr(transport.sent))
    answered = channels.identification("wechatpay").execute(ACCOUNT, "code")
    _assert_scrubbed(repr(answered))
    # WeChat takes the app's secret in the address, so addresses are not logged.
    assert APP_SECRET in transport.sent[-1].url


def test_the_check_above_can_fail() -> None:
    with pytest.raises(AssertionError):
        _assert_scrubbed(repr(dict(ACCOUNT.secrets)))
    _assert_scrubbed(PLATFORM_PUBLIC)
