"""Questions as people type them, and what is left of them where nothing has all their words."""

import pytest

from services.catalog.domain.query import AllOf, Not, Words
from services.catalog.domain.wording import conditions_of, looser


def readings(text: str) -> list[list[str]]:
    found = []
    for reading in looser(text):
        assert isinstance(reading, AllOf)
        found.append([each.phrase for each in reading.conditions if isinstance(each, Words)])
    return found


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("高松市の避難所一覧を見たい", [["高松市", "避難所一覧"], ["高松市", "避難所"]]),
        ("予算書", [["予算"]]),
        ("AED設置場所", [["AED", "設置場所"], ["AED"]]),
        ("公園 地図", [["公園"]]),
        ("list of parks", [["park"]]),
        ("図書", []),
        ("一覧", []),
        ("避難所", []),
    ],
)
def test_a_question_is_read_more_and_more_loosely(asked: str, expected: list[list[str]]) -> None:
    assert readings(asked) == expected


def test_what_must_not_occur_is_left_out_of_looser_readings_too() -> None:
    (reading,) = looser("公園一覧 -遊具")
    assert reading == AllOf((Words("公園"), Not(Words("遊具"))))


@pytest.mark.parametrize(
    ("typed", "phrase"),
    [("手続き", "手続"), ("センサー", "センサ"), ("parks", "park"), ("ごみ", "ごみ"), ("空き", "空き")],
)
def test_endings_that_are_not_always_written_are_left_out(typed: str, phrase: str) -> None:
    assert conditions_of(typed) == (Words(phrase),)
