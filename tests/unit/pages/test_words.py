"""Both languages have every word, say it with the same values, and every word is used."""

from importlib.resources import files
from string import Formatter

import pytest

from paycenter.pages.words import WORDS, Phrasebook

CHINESE_CHARACTERS = range(0x4E00, 0xA000)


def names(phrase: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(phrase) if name is not None}


@pytest.mark.parametrize("key", WORDS)
def test_a_word_is_there_in_both_languages(key: str) -> None:
    word = WORDS[key]
    assert word.en.strip()
    assert word.zh.strip()
    assert word.en != word.zh
    assert names(word.en) == names(word.zh)


@pytest.mark.parametrize("key", sorted(WORDS.keys() - {"other_language"}))
def test_each_language_keeps_to_its_own_script(key: str) -> None:
    assert any(ord(character) in CHINESE_CHARACTERS for character in WORDS[key].zh)
    assert not any(ord(character) in CHINESE_CHARACTERS for character in WORDS[key].en)


def test_no_word_is_left_over() -> None:
    package = files("paycenter.pages")
    templates = package.joinpath("templates").iterdir()
    text = package.joinpath("renderer.py").read_text(encoding="utf-8")
    text += "".join(template.read_text(encoding="utf-8") for template in templates)
    unused = {key for key in WORDS if f'"{key}"' not in text and f"'{key}'" not in text}
    assert {key for key in unused if not key.startswith("error_")} == set()


def test_every_error_has_a_title_and_a_text() -> None:
    errors = {key.removesuffix("_text") for key in WORDS if key.startswith("error_")}
    assert all(f"{key}_text" in WORDS and key in WORDS for key in errors)


def test_a_name_falls_back_to_the_language_that_is_there() -> None:
    assert Phrasebook("zh").pick("Hotel", "酒店") == "酒店"
    assert Phrasebook("zh").pick("Hotel", "") == "Hotel"
    assert Phrasebook("en").pick("", "酒店") == "酒店"


def test_a_forgotten_value_is_an_error() -> None:
    with pytest.raises(KeyError):
        Phrasebook("en")("pay_to")
