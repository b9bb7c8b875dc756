"""Codes of local governments and the built-in list."""

import pytest

from services.auth.domain.local_government import (
    Gazetteer,
    fold,
    kind_of_code,
    load_gazetteer,
    read_code,
)
from services.kernel.errors import BadData
from services.kernel.local_governments import check_digit
from services.kernel.paging import Page


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return load_gazetteer()


@pytest.mark.parametrize(
    ("digits", "expected"),
    # 総務省's own example (北海道 01000), the rest of 11 - 0 = 11 -> 1 and of 11 - 1 = 10 -> 0, and two of the demo
    [("01000", 6), ("01101", 1), ("47000", 7), ("37201", 3), ("18000", 9), ("13101", 6), ("11000", 1), ("46533", 0)],
)
def test_the_check_digit_is_the_published_one(digits: str, expected: int) -> None:
    assert check_digit(digits) == expected


@pytest.mark.parametrize("text", ["", "37201", "3720130", "３７２０１３", "37201a", " 372013", "372013\n", "-37201"])
def test_a_code_that_is_not_six_digits_is_refused(text: str) -> None:
    with pytest.raises(BadData, match="six digits") as refusal:
        read_code(text)
    assert refusal.value.field == "code"


@pytest.mark.parametrize("text", ["372010", "372014", "327013", "370013"])
def test_a_code_with_a_wrong_check_digit_is_refused(text: str) -> None:
    with pytest.raises(BadData, match="check digit"):
        read_code(text)


def test_the_right_check_digit_is_told() -> None:
    with pytest.raises(BadData, match="372013 is meant"):
        read_code("372018")


@pytest.mark.parametrize("text", ["000000", "480002", "990001"])
def test_a_code_of_no_prefecture_is_refused(text: str) -> None:
    with pytest.raises(BadData, match="no prefecture"):
        read_code(text)


def test_every_swap_of_neighbouring_unequal_digits_in_takamatsus_code_is_noticed() -> None:
    code = "372013"
    for place in range(5):
        swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
        with pytest.raises(BadData):
            read_code(swapped)


def test_prefectures_are_told_from_municipalities() -> None:
    assert kind_of_code("370002") == "prefecture"
    assert kind_of_code("372013") == "municipality"
    assert kind_of_code("131016") == "municipality"


def test_the_list_holds_all_prefectures_and_municipalities(gazetteer: Gazetteer) -> None:
    kinds = [each.kind for each in gazetteer]
    assert kinds.count("prefecture") == 47
    assert kinds.count("municipality") == 1916
    assert len(gazetteer) == 1963


def test_every_code_of_the_list_is_valid_and_of_its_kind(gazetteer: Gazetteer) -> None:
    assert all(read_code(each.code) and kind_of_code(each.code) == each.kind for each in gazetteer)


def test_the_leading_zero_of_a_prefectures_code_is_given_back(gazetteer: Gazetteer) -> None:
    hokkaido = gazetteer.find("010006")
    assert hokkaido is not None
    assert (hokkaido.title, hokkaido.kana, hokkaido.title_en) == ("北海道", "ほっかいどう", "Hokkaido")


def test_a_municipality_knows_its_prefecture(gazetteer: Gazetteer) -> None:
    takamatsu = gazetteer.find("372013")
    assert takamatsu is not None
    assert (takamatsu.title, takamatsu.kana) == ("高松市", "たかまつし")
    assert (takamatsu.prefecture, takamatsu.prefecture_code) == ("香川県", "370002")
    assert 34 < takamatsu.latitude < 35


def test_a_wards_name_has_no_gap(gazetteer: Gazetteer) -> None:
    ward = gazetteer.find("011011")
    assert ward is not None
    assert ward.title == "札幌市中央区"


def test_an_associations_code_is_not_in_the_list(gazetteer: Gazetteer) -> None:
    assert gazetteer.find("378518") is None
    assert gazetteer.find(None) is None


@pytest.mark.parametrize("words", ["高松", "タカマツシ", "ﾀｶﾏﾂ", "香川県 高松市", "たかまつ　し"])
def test_a_municipality_is_found_however_it_is_written(gazetteer: Gazetteer, words: str) -> None:
    found, _ = gazetteer.search(None, words, Page())
    assert "372013" in [each.code for each in found]


def test_a_prefecture_is_found_in_english(gazetteer: Gazetteer) -> None:
    assert [each.code for each in gazetteer.search(None, "KAGAWA", Page())[0]] == ["370002"]


def test_search_by_the_beginning_of_a_code_lists_a_prefecture_in_pages(gazetteer: Gazetteer) -> None:
    first, total = gazetteer.search("37", "", Page(limit=10))
    second, _ = gazetteer.search("37", "", Page(limit=10, offset=10))
    assert total == 18
    assert first[0].code == "370002"
    assert len({each.code for each in first + second}) == 18


def test_search_for_nobody_finds_nobody(gazetteer: Gazetteer) -> None:
    assert gazetteer.search(None, "アトランティス", Page()) == ([], 0)


def test_folding_keeps_the_long_vowel_and_small_signs() -> None:
    assert fold("ニセコ　チョウ") == "にせこちょう"
    assert fold("ヴー") == "ゔー"
