"""Bigrams: the index never leaves out a document that has the phrase."""

from hypothesis import given
from hypothesis import strategies as st

from services.catalog.domain.search_terms import document, grams, normalise, required_grams

_TEXT = st.text(alphabet=st.sampled_from("避難所場ガカゲAaＡａbcｶﾞ 　\n"), max_size=30)


def test_width_case_and_kind_of_kana_are_folded() -> None:
    assert normalise("ＡＥＤ　ﾃﾞｰﾀ\n一覧") == "aed でーた 一覧"
    assert normalise("ヒナンジョ") == normalise("ひなんじょ")
    assert normalise("霞ヶ関") == normalise("霞ケ関")


def test_words_of_one_character_are_found_as_such() -> None:
    assert required_grams("川") == {"川"}
    assert required_grams("避難所") == {"避難", "難所"}


def test_latin_words_are_looked_up_by_triples() -> None:
    assert required_grams("wifi") == {"wif", "ifi"}
    assert required_grams("aedの位置 ab") == {"aed", "dの", "の位", "位置", "ab"}
    assert "wif" in grams("公衆wifi一覧")


@given(_TEXT, _TEXT, _TEXT)
def test_a_document_that_contains_a_phrase_has_its_grams(before: str, phrase: str, after: str) -> None:
    plain = normalise(phrase)
    text = document([before + phrase + after])
    if plain and plain in text:
        assert required_grams(plain) <= grams(text)
