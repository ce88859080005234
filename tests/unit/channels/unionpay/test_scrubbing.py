"""No secret of an account is in anything that a log, an error or a page could show; and nothing loads early."""

import logging
import subprocess
import sys
import traceback
from collections.abc import Callable
from dataclasses import replace

import pytest

from paycenter.ports.bills import BillKind
from paycenter.ports.channel import Account, CallbackRefused
from paycenter.ports.transport import HttpResponse, NoAnswer
from paychannels import rsa
from paychannels.registry import Registry, check_account
from paychannels.unionpay import merchant
from tests.unit.channels.scripted import ScriptedTransport, StandingClock
from tests.unit.channels.unionpay.acquirer import (
    ACCOUNT,
    PAYMENT,
    PKCS12_ACCOUNT,
    REFUND,
    SECRETS,
    SETTINGS,
    answer,
    raw,
    told,
)

SECURE_KEY = SECRETS["unionpay.secure_key"]
_PEM_LINES = ACCOUNT.secrets["private_key"].splitlines()[1:-1]
_FILE = PKCS12_ACCOUNT.secrets["pkcs12"]
# Any piece of a key is too much. The password of the test files is six zeros, which is everywhere.
PIECES = [*_PEM_LINES, *(_FILE[at : at + 64] for at in range(0, len(_FILE), 64)), SECURE_KEY]
KEYED = replace(
    ACCOUNT, settings={**SETTINGS, "sign_method": "11"}, secrets={"secure_key": SECURE_KEY}
)
BROKEN = replace(ACCOUNT, secrets={"private_key": "\n".join(_PEM_LINES[3:])})
BROKEN_FILE = replace(
    PKCS12_ACCOUNT, secrets={"pkcs12": _FILE[:-64], "pkcs12_password": SECURE_KEY}
)


def _assert_scrubbed(shown: str) -> None:
    assert not [piece for piece in PIECES if piece in shown]


def _everything(account: Account) -> list[Callable[[], object]]:
    page = HttpResponse(status=200, headers={}, body=b"<html>")
    transport = ScriptedTransport([answer(respCode="11"), NoAnswer(), page, page, page, page])
    channels = Registry(transport, StandingClock())
    return [
        lambda: account,
        lambda: channels,
        lambda: channels.query("unionpay").execute(account, PAYMENT),
        lambda: channels.create("unionpay").execute(account, replace(PAYMENT, product="qr")),
        lambda: channels.create("unionpay").execute(account, PAYMENT),
        lambda: channels.close("unionpay").execute(account, PAYMENT),
        lambda: channels.refund("unionpay").execute(account, REFUND),
        lambda: channels.query_refund("unionpay").execute(account, REFUND),
        lambda: channels.bills("unionpay").download(account, "2026-01-01", BillKind.TRADES),
        lambda: transport.sent,
        lambda: channels.callbacks("unionpay").verify(account, raw(told("01", version="5.0.0"))),
        lambda: check_account("unionpay", account.settings, account.secrets),
        lambda: (vars(rsa._private_keys), vars(merchant._opened)),
    ]


@pytest.mark.parametrize(
    ("account", "raised"),
    [(ACCOUNT, 1), (PKCS12_ACCOUNT, 1), (KEYED, 1), (BROKEN, 7), (BROKEN_FILE, 7)],
    ids=["pem", "pkcs12", "keyed", "broken", "broken file"],
)
def test_no_secret_is_shown(
    account: Account, raised: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    seen = 0
    for act in _everything(account):
        try:
            _assert_scrubbed(repr(act()))
        except (rsa.UnreadableKey, CallbackRefused) as error:
            seen += 1
            _assert_scrubbed("".join(traceback.format_exception(error)))
    assert seen == raised
    _assert_scrubbed(caplog.text)


@pytest.mark.parametrize("account", [ACCOUNT, PKCS12_ACCOUNT, KEYED])
def test_the_check_above_can_fail(account: Account) -> None:
    with pytest.raises(AssertionError):
        _assert_scrubbed(repr(dict(account.secrets)).replace("\\n", "\n"))
    _assert_scrubbed(SETTINGS["root_certificate"])


def test_who_signs_with_a_plain_key_never_loads_certificates() -> None:
    program = (
        "import sys;"
        "from tests.unit.channels.unionpay.acquirer import ACCOUNT, PAYMENT;"
        "from tests.unit.channels.scripted import ScriptedTransport, StandingClock;"
        "from paychannels.registry import Registry;"
        "channels = Registry(ScriptedTransport(), StandingClock());"
        "channels.create('unionpay').execute(ACCOUNT, PAYMENT);"
        "channels.callbacks('unionpay');"
        "sys.exit(any('x509' in name or 'pkcs12' in name for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
