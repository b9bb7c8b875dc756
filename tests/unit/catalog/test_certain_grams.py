"""Grams by which the index narrows what filters compare: never one that a text lacks which is found."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from services.catalog.domain.certain_grams import grams_of_pattern, grams_of_value
from services.catalog.domain.search_terms import document, grams

LETTERS = "公園関三髙邊櫻学々〻ヶケヵカ箇個か\u3099カは\u309aゝゞーｱｶﾞＡaAbBcCpP1２½ßſKİﬁéeé\u0301ŉ−-〜 \n%_\\\ufe00㌔①"
TEXTS = st.text(st.sampled_from(LETTERS), max_size=14)


@settings(max_examples=200, deadline=None, database=None)
@given(TEXTS, TEXTS, TEXTS, st.booleans())
def test_every_text_that_holds_a_value_has_its_grams(before: str, value: str, behind: str, is_folded: bool) -> None:
    text = before + value + behind
    had = grams(document([text]))
    plain = value.casefold() if is_folded else value
    assert plain in (text.casefold() if is_folded else text)
    assert grams_of_value(plain) <= had
    escaped = re.sub(r"([%_\\])", r"\\\1", plain)
    half = len(escaped) // 2
    assert grams_of_pattern(f"%{escaped}_") <= had
    if not escaped[:half].endswith("\\"):
        assert grams_of_pattern(f"{escaped[:half]}%{escaped[half:]}") <= had


def test_patterns_narrow_by_what_they_say() -> None:
    assert grams_of_pattern("%公園%") == {"公園"}
    assert grams_of_pattern("公_園%") == {"公", "園"}
    assert grams_of_pattern("%避難\\%所%") == {"避難", "所"}
    assert grams_of_value("関ヶ原 parks") == {"関", "原", "par", "ark"}
    assert grams_of_pattern("%か%_a%") == frozenset()
