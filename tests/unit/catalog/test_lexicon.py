"""What somebody meant who mistyped a word."""

import pytest

from services.catalog.domain.lexicon import Lexicon

LEXICON = Lexicon(["避難所", "避難所", "避難場", "公園", "図書館", "evacuation", "evaluation"])


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("避何所", "避難所"),
        ("避難難所", "避難所"),
        ("避難処", "避難所"),  # as near as 避難場, and used more often
        ("evacuaton", "evacuation"),
        ("evacutaion", "evacuation"),
        ("避難所", None),  # it is known
        ("水道", None),
        ("園", None),
    ],
)
def test_the_nearest_known_word_is_meant(typed: str, meant: str | None) -> None:
    assert LEXICON.nearest(typed) == meant


def test_longer_words_with_the_same_characters_do_not_hide_the_one_that_is_meant() -> None:
    titles = [f"指定緊急避難場所一覧第{number}号" for number in range(300)]
    assert Lexicon([*titles, "避難場所"]).nearest("避何場所") == "避難場所"
