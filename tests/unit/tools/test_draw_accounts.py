"""The published page of account fields is drawn from the manifests, and is never out of date."""

import pytest

from paychannels.registry import CHANNELS, manifest
from tools import draw_accounts


def test_the_page_is_what_the_manifests_say_today() -> None:
    assert draw_accounts.PAGE.read_text("utf-8") == draw_accounts.page(), (
        "docs/channel-accounts.md is out of date; run python -m tools.draw_accounts"
    )


@pytest.mark.parametrize("channel", CHANNELS)
def test_every_field_of_every_channel_has_its_row(channel: str) -> None:
    _, _, after = draw_accounts.page().partition(f": `{channel}`\n")
    chapter = after.partition("\n## ")[0]
    for field in manifest(channel).account_fields:
        assert f"| `{field.id}` | {field.label} {field.label_zh} |" in chapter


def test_a_changed_manifest_makes_the_check_fail(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["draw_accounts", "--check"])
    assert draw_accounts.main() == 0
    monkeypatch.setattr(draw_accounts, "CHANNELS", {"alipay": ""})
    assert draw_accounts.main() == 1
    assert "out of date" in capsys.readouterr().out
