"""Subjects and moments as channels take them."""

import pytest

from paychannels import beijing
from paychannels.subjects import channel_subject


@pytest.mark.parametrize(
    ("subject", "sent"),
    [
        ("Two tickets 门票", "Two tickets 门票"),
        ("a/b=c&d", "a b c d"),
        ("line\r\nbreak\ttab\x00nul", "line break tab nul"),
        ("  spaced   out  ", "spaced out"),
        ("\u202egnitset", "gnitset"),
        ("\ud83d half", "half"),
        ("🎫 emoji", "🎫 emoji"),
        ("<b>\"quoted\" 'html'</b>", "<b>\"quoted\" 'html'< b>"),
    ],
)
def test_a_subject_loses_what_channels_refuse(subject: str, sent: str) -> None:
    assert channel_subject(subject, "NO") == sent
    assert channel_subject(sent, "NO") == sent


@pytest.mark.parametrize("nothing", ["", "   ", "/=&", "\x00", "\u200b"])
def test_a_subject_is_never_empty(nothing: str) -> None:
    assert channel_subject(nothing, "NO") == "NO"


@pytest.mark.parametrize("long", ["门" * 128, "a" * 500, "a" * 126 + " bc", "🎫" * 200])
def test_a_subject_has_at_most_127_characters(long: str) -> None:
    sent = channel_subject(long, "NO")
    assert 126 <= len(sent) <= 127
    assert sent == sent.strip()


def test_beijing_time_is_eight_hours_ahead_whatever_the_host_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    assert beijing.to_text(0) == "1970-01-01 08:00:00"
    assert beijing.from_text("2026-03-01 08:00:00") == 1_772_323_200
    assert beijing.from_text("2026-03-01 08:00:00.987") == 1_772_323_200
    assert beijing.to_text(beijing.from_text("2026-12-31 23:59:59")) == "2026-12-31 23:59:59"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-03-01",
        "2026-13-01 08:00:00",
        "2026-03-01T08:00:00",
        "２026-03-01 08:00:00",
        "2026-03-01 08:00:00Z",
        "0",
    ],
)
def test_other_moments_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"moment|month"):
        beijing.from_text(text)
