"""No secret of an account is in anything that a log, an error or a page could show."""

import logging
import traceback
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from paycenter.ports.bills import BillKind
from paycenter.ports.channel import Account, CallbackRefused
from paycenter.ports.transport import HttpResponse, NoAnswer, NotSent
from paychannels import rsa
from paychannels.registry import Registry, check_account
from tests.unit.channels.alipay.otherside import AES_KEY, REFUND, SIDES, in_v3
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
KEY_LINES = [line for line in APP_PRIVATE.splitlines() if "-----" not in line]
TOKEN = "202603BB77X01"
SECRETS = [*KEY_LINES, AES_KEY, TOKEN]
BROKEN = replace(
    ACCOUNT, secrets={"private_key": "\n".join(KEY_LINES[3:]), "alipay_public_key": KEY_LINES[2]}
)
ACCOUNTS = {
    "good": ACCOUNT,
    "broken": BROKEN,
    **{
        mode: replace(side.account, secrets={**side.account.secrets, "app_auth_token": TOKEN})
        for mode, side in SIDES.items()
    },
}
RAISED = {"broken": 8}


def _assert_scrubbed(shown: str, secrets: Sequence[str] = SECRETS) -> None:
    assert not [secret for secret in secrets if secret in shown]


def _everything(account: Account) -> list[Callable[[], object]]:
    page = HttpResponse(status=200, headers={}, body=b"<html>")
    cipher = in_v3(200, "AAAA")
    transport = ScriptedTransport(
        [failure("alipay.trade.query", "ACQ.X"), NoAnswer(), page, page, page, cipher, NotSent()]
    )
    channels = Registry(transport, StandingClock())
    qr = replace(PAYMENT, product="qr")
    return [
        lambda: account,
        lambda: channels,
        lambda: channels.query("alipay").execute(account, PAYMENT),
        lambda: channels.create("alipay").execute(account, qr),
        # What a browser carries for a service provider holds the token: Alipay has it so.
        lambda: _assert_scrubbed(
            repr(channels.create("alipay").execute(account, PAYMENT)), [*KEY_LINES, AES_KEY]
        ),
        lambda: channels.close("alipay").execute(account, PAYMENT),
        lambda: channels.refund("alipay").execute(account, REFUND),
        lambda: channels.query_refund("alipay").execute(account, REFUND),
        lambda: channels.bills("alipay").download(account, "2026-03-01", BillKind.TRADES),
        lambda: channels.callbacks("alipay").verify(account, notice(key="alipay.stranger")),
        lambda: check_account("alipay", account.settings, account.secrets),
        lambda: vars(rsa._private_keys),
        lambda: _assert_scrubbed(repr(transport.sent), [*KEY_LINES, AES_KEY]),
        lambda: _assert_scrubbed("".join(request.url for request in transport.sent)),
    ]


@pytest.mark.parametrize("name", ACCOUNTS)
def test_no_secret_is_shown(name: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    raised = 0
    for act in _everything(ACCOUNTS[name]):
        try:
            _assert_scrubbed(repr(act()))
        except (rsa.UnreadableKey, CallbackRefused) as error:
            raised += 1
            _assert_scrubbed("".join(traceback.format_exception(error)))
    assert raised == RAISED.get(name, 1)
    _assert_scrubbed(caplog.text)


def test_the_check_above_can_fail() -> None:
    with pytest.raises(AssertionError):
        _assert_scrubbed(repr(dict(ACCOUNT.secrets)).replace("\\n", "\n"))
    _assert_scrubbed(PLATFORM_PUBLIC)
