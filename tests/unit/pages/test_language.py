"""Payers read the language that their browser asks for, or the one they chose."""

import pytest

from paycenter.pages import choose_language


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "zh"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("zh-Hant-TW", "zh"),
        ("ZH", "zh"),
        ("en-US,en;q=0.9", "en"),
        ("en;q=0.8,zh;q=0.9", "zh"),
        ("en, zh", "en"),
        ("fr-FR,fr;q=0.9", "en"),
        ("fr, zh;q=0.1", "zh"),
        ("zh;q=0, fr", "en"),
        ("*", "zh"),
        ("en;q=0.5,*;q=0.1", "en"),
        ("zh;q=nonsense, en;q=0.1", "en"),
        ("zh;q=nan, en;q=0.1", "en"),
        (", ,", "zh"),
        ("zhuang", "en"),
        ("en," * 10_000, "en"),
    ],
)
def test_the_header_chooses(header: str, language: str) -> None:
    assert choose_language(header) == language


@pytest.mark.parametrize("override", ["zh", "en"])
def test_a_choice_beats_the_header(override: str) -> None:
    assert choose_language("zh-CN" if override == "en" else "en", override) == override


@pytest.mark.parametrize("override", ["", "fr", "ZH", "../", "<script>"])
def test_an_unknown_choice_changes_nothing(override: str) -> None:
    assert choose_language("en", override) == "en"
