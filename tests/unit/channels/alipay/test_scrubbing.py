"""No secret of an account is in anything that a log, an error or a page could show."""

import logging
import traceback
from collections.abc import Callable
from dataclasses import replace

import pytest

from paycenter.ports.channel import Account, CallbackRefused
from paycenter.ports.transport import HttpResponse, NoAnswer
from paychannels import rsa
from paychannels.registry import Registry, check_account
from tests.unit.channels.scripted import (
    ACCOUNT,
    APP_PRIVATE,
    PAYMENT,
    PLATFORM_PUBLIC,
    ScriptedTransport,
    StandingClock,
    failure,
    notice,
)

# Any line of the key is too much.
SECRETS = [line for line in APP_PRIVATE.splitlines() if "-----" not in line]
BROKEN = replace(
    ACCOUNT, secrets={"private_key": "\n".join(SECRETS[3:]), "alipay_public_key": SECRETS[2]}
)


def _assert_scrubbed(shown: str) -> None:
    assert not [line for line in SECRETS if line in shown]


def _everything(account: Account) -> list[Callable[[], object]]:
    page = HttpResponse(status=200, headers={}, body=b"<html>")
    transport = ScriptedTransport([failure("alipay.trade.query", "ACQ.X"), NoAnswer(), page, page])
    channels = Registry(transport, StandingClock())
    qr = replace(PAYMENT, product="qr")
    return [
        lambda: account,
        lambda: channels,
        lambda: channels.query("alipay").execute(account, PAYMENT),
        lambda: channels.create("alipay").execute(account, qr),
        lambda: channels.create("alipay").execute(account, PAYMENT),
        lambda: channels.close("alipay").execute(account, PAYMENT),
        lambda: transport.sent,
        lambda: channels.callbacks("alipay").verify(account, notice(key="alipay.stranger")),
        lambda: check_account("alipay", account.settings, account.secrets),
        lambda: vars(rsa._private_keys),
    ]


@pytest.mark.parametrize("account", [ACCOUNT, BROKEN], ids=["good", "broken"])
def test_no_secret_is_shown(account: Account, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    raised = 0
    for act in _everything(account):
        try:
            _assert_scrubbed(repr(act()))
        except (rsa.UnreadableKey, CallbackRefused) as error:
            raised += 1
            _assert_scrubbed("".join(traceback.format_exception(error)))
    assert raised == (1 if account is ACCOUNT else 5)
    _assert_scrubbed(caplog.text)


def test_the_check_above_can_fail() -> None:
    with pytest.raises(AssertionError):
        _assert_scrubbed(repr(dict(ACCOUNT.secrets)).replace("\\n", "\n"))
    _assert_scrubbed(PLATFORM_PUBLIC)
