"""Bigrams: the index never leaves out a document that has the phrase."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalog.domain.kanji_forms import FOLDS
from services.catalog.domain.search_terms import document, grams, normalise, required_grams

_TEXT = st.text(alphabet=st.sampled_from("避難所場ガカゲ髙ヶケ々3－-AaＡａbcｶﾞ 　\n"), max_size=30)


def test_width_case_and_kind_of_kana_are_folded() -> None:
    assert normalise("ＡＥＤ　ﾃﾞｰﾀ\n一覧") == "aed でーた 一覧"
    assert normalise("ヒナンジョ") == normalise("ひなんじょ")
    assert normalise("霞ヶ関") == normalise("霞ケ関")


SPELLINGS = [
    "髙松 高松",
    "宮﨑 宮崎",
    "濵町 濱町 浜町",
    "渡邊 渡邉 渡辺",
    "齋藤 齊藤 斉藤 斎藤",
    "澤 沢",
    "廣島縣 広島県",
    "國分寺 国分寺",
    "櫻 桜",
    "龍ヶ崎 龍ケ崎 竜が崎",
    "𠮷野 吉野",
    "葛\U000e0100城 葛城",
    "関ヶ原 関ケ原 関が原 關ヶ原",
    "三ヶ所 三ケ所 三か所 三カ所 三箇所",
    "3ヶ月 ３カ月 3か月 3ヵ月",
    "佐々木 佐佐木",
    "いすゞ イスヾ いすず",
    "ここ こゝ",
    "センター センタ－ ｾﾝﾀｰ センタ‐ センタ―",
    "3-5-1 ３－５－１ 3−5−1 3‐5‐1",
]


@pytest.mark.parametrize("spellings", SPELLINGS)
def test_spellings_of_a_name_are_one(spellings: str) -> None:
    assert len({normalise(each) for each in spellings.split()}) == 1


@pytest.mark.parametrize(
    "pair",
    ["坂 阪", "畑 畠", "埼 崎", "防災ケア 防災がア", "がん かん", "個人 か人", "3個別 3か別", "川が流れ 川け流れ"],
)
def test_what_only_looks_alike_is_kept_apart(pair: str) -> None:
    assert len({normalise(each) for each in pair.split()}) == 2


def test_forms_of_kanji_lead_to_one_that_is_no_form_itself() -> None:
    assert {form: kanji for form, kanji in FOLDS.items() if kanji in FOLDS or normalise(form) != normalise(kanji)} == {}
    assert all(normalise(normalise(form)) == normalise(form) for form in FOLDS)


def test_words_of_one_character_are_found_as_such() -> None:
    assert required_grams("川") == {"川"}
    assert required_grams("避難所") == {"避難", "難所"}


def test_latin_words_are_looked_up_by_triples() -> None:
    assert required_grams("wifi") == {"wif", "ifi"}
    assert required_grams("parking") == {"par", "kin", "ing"}
    assert required_grams("library") == {"lib", "rar", "ary"}
    assert required_grams("harbor") == {"har", "bor"}
    assert required_grams("aedの位置 ab") == {"aed", "dの", "の位", "位置", "ab"}
    assert "wif" in grams("公衆wifi一覧")


@given(_TEXT, _TEXT, _TEXT)
def test_a_document_that_contains_a_phrase_has_its_grams(before: str, phrase: str, after: str) -> None:
    plain = normalise(phrase)
    text = document([before + phrase + after])
    if plain and plain in text:
        assert required_grams(plain) <= grams(text)
