"""The vectors made by others hold, and the runner notices when signing, verifying or binding is broken."""

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from paycenter.ports.channel import Account
from paycenter.usecases import callback
from paychannels import rsa
from paychannels.alipay import certificates, credentials, encryption
from paychannels.alipay.callbacks import AlipayCallbacks
from paychannels.wechatpay import ciphers, statements, verification
from tests.unit.channels.scripted import VECTORS
from tools.vectors import running as vectors

GIVEN = Path(os.environ.get("VECTORS") or vectors.DEFAULT_DIRECTORY)
DIRECTORIES = [VECTORS, *([GIVEN] if GIVEN.is_dir() else [])]


@pytest.mark.parametrize("directory", DIRECTORIES, ids=str)
def test_all_vectors_hold(directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = vectors.main([str(directory)])
    printed = capsys.readouterr().out
    assert status == 0, printed
    for name in vectors.RUNNERS:
        assert f"{name}: " in printed
    assert "not run" not in printed.replace("files not run yet", "")


def _nothing_signed(_key: str, _data: bytes) -> str:
    return "AAAA"


def _signs_other_bytes(sign: Callable[[str, bytes], str]) -> Callable[[str, bytes], str]:
    return lambda key, data: sign(key, data + b" ")


def _always(answer: object) -> Callable[..., Any]:
    return lambda *_arguments, **_named: answer


def _no_strangers(translate: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *arguments: replace(translate(*arguments), stranger=())


class _Anything(str):
    """A text that is equal to every other one."""

    __slots__ = ()
    __hash__ = str.__hash__

    def __eq__(self, _other: object) -> bool:
        return True

    def __ne__(self, _other: object) -> bool:
        return False


def _first_key(account: Account, _serial: str) -> str:
    return credentials.platform_keys(account)[0]


BREAKS: dict[str, tuple[object, str, object]] = {
    "signing nothing": (rsa, "sign", _nothing_signed),
    "signing other bytes": (rsa, "sign", _signs_other_bytes(rsa.sign)),
    "verifying everything": (rsa, "verify", _always(answer=True)),
    "verifying nothing": (rsa, "verify", _always(answer=False)),
    "binding every amount": (callback, "fits", _always(answer=True)),
    "binding nothing": (callback, "fits", _always(answer=False)),
    "binding every account": (
        AlipayCallbacks,
        "translate",
        _no_strangers(AlipayCallbacks.translate),
    ),
    "binding everything": (callback, "binding", _always(answer=None)),
    "writing serials in capitals": (
        certificates,
        "serial",
        lambda text: certificates.identity(text).serial.upper(),
    ),
    "encrypting nothing": (encryption, "encrypt", lambda _key, text: text),
    "believing every moment": (verification, "WINDOW_S", 1 << 40),
    "opening under every algorithm": (ciphers, "ALGORITHM", _Anything()),
    "reading every bill in fen": (statements, "from_decimal_text", _always(answer=1)),
    "believing whoever is named": (credentials, "platform_key", _first_key),
}


@pytest.mark.parametrize("broken", BREAKS.values(), ids=BREAKS.keys())
def test_the_runner_sees_a_broken_part(
    broken: tuple[object, str, object],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(*broken)
    assert vectors.main([str(VECTORS)]) == 1
    assert "FAILED" in capsys.readouterr().out


def _copy(folder: Path, *names: str) -> Path:
    for name in names:
        shutil.copy(VECTORS / name, folder)
    return folder


def test_a_failed_case_is_named_with_what_differed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = _copy(tmp_path, "keys.json", "alipay_notify.json")
    content = json.loads((folder / "alipay_notify.json").read_text(encoding="utf-8"))
    content["cases"][0]["expect"]["verdict"] = "CLOSED"
    del content["cases"][1]["order"]
    (folder / "alipay_notify.json").write_text(json.dumps(content), encoding="utf-8")
    assert vectors.main([str(folder)]) == 1
    printed = capsys.readouterr().out
    assert f"alipay_notify: {len(content['cases']) - 2} passed, 2 failed" in printed
    assert "FAILED paid: verdict: expected 'CLOSED', got 'PAID'" in printed
    assert "FAILED paid_again: raised KeyError: 'order'" in printed


def test_files_without_a_runner_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = _copy(tmp_path, "keys.json", "alipay_request_sign.json")
    (folder / "someday_pay.json").write_text("{}", encoding="utf-8")
    assert vectors.main([str(folder)]) == 0
    assert "files not run yet: someday_pay" in capsys.readouterr().out


def test_no_case_at_all_is_a_failure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert vectors.main([str(tmp_path)]) == 1
    assert "holds no test vectors" in capsys.readouterr().out
    assert vectors.main([str(_copy(tmp_path, "keys.json"))]) == 1
    assert "No case ran" in capsys.readouterr().out
