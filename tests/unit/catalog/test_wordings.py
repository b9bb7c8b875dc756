"""What publishers' wordings mean: licences, themes, formats, frequencies, tags."""

import pytest

from services.catalog.domain import file_format, frequency, licence
from services.catalog.domain.tag import tag_name
from services.catalog.domain.theme import THEMES, themes_of


@pytest.mark.parametrize(
    ("wording", "identifier"),
    [
        ("CCライセンス", "CC-unspecified"),
        ("クリエイティブ・コモンズ・ライセンス", "CC-unspecified"),
        ("CC BY", "CC-BY"),
        ("CC-BY", "CC-BY"),
        ("ＣＣ　ＢＹ　４．０", "CC-BY-4.0"),
        ("クリエイティブ・コモンズ 表示 4.0 国際", "CC-BY-4.0"),
        ("https://creativecommons.org/licenses/by/4.0/deed.ja", "CC-BY-4.0"),
        ("CC BY 2.1 JP", "CC-BY-2.1-JP"),
        ("CC BY-SA 4.0", "CC-BY-SA-4.0"),
        ("CC BY-SA", "CC-BY-SA"),
        ("CC BY-NC 4.0", "other"),
        ("CC0", "CC0-1.0"),
        ("公共データ利用規約（第1.0版）", "PDL-1.0"),
        ("PDL1.0", "PDL-1.0"),
        ("政府標準利用規約（第2.0版）", "GJSTU-2.0"),
        ("政府標準利用規約", "GJSTU"),
        ("市の規約による", "other"),
        ("  ", "notspecified"),
    ],
)
def test_a_wording_is_recognised_without_inventing_a_version(wording: str, identifier: str) -> None:
    assert licence.recognise(wording) == identifier


def test_every_licence_is_recognised_by_its_own_identifier() -> None:
    assert [licence.recognise(identifier) for identifier in licence.LICENCES] == list(licence.LICENCES)


def test_only_terms_that_say_so_are_open() -> None:
    closed = {identifier for identifier, each in licence.LICENCES.items() if not each.is_open}
    assert closed == {"CC-unspecified", "GJSTU", "other", "notspecified"}


def test_takamatsus_categories_have_themes() -> None:
    categories = [
        "くらし",
        "交通",
        "保健・医療・福祉",
        "教育・子育て",
        "文化・スポーツ・公園",
        "行政機関",
        "観光・産業",
        "防災施設",
    ]
    found = [themes_of(category) for category in categories]
    assert all(found)
    assert {code for codes in found for code in codes} <= set(THEMES)
    assert themes_of("いろいろ") == ()


def test_a_list_of_formats_is_split_in_its_order_each_once() -> None:
    assert file_format.split_list("xlsx,text, RDF、データモデル定義,xlsx") == (
        "xlsx",
        "text",
        "RDF",
        "データモデル定義",
    )
    assert file_format.split_list("") == ()


@pytest.mark.parametrize(
    ("wording", "name", "media_type"),
    [
        ("xlsx", "XLSX", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("text", "TXT", "text/plain"),
        (".csv", "CSV", "text/csv"),
        ("ＣＳＶ", "CSV", "text/csv"),
        ("データモデル定義", "データモデル定義", ""),
    ],
)
def test_a_format_is_recognised_or_kept_as_written(wording: str, name: str, media_type: str) -> None:
    assert (file_format.recognise(wording).name, file_format.recognise(wording).media_type) == (name, media_type)


@pytest.mark.parametrize(
    ("wording", "code"),
    [
        ("毎日", "DAILY"),
        ("年1回", "ANNUAL"),
        ("随時", "IRREG"),
        ("3か月ごと", "QUARTERLY"),
        ("半年ごと", "ANNUAL_2"),
        ("リアルタイム", "UPDATE_CONT"),
        ("monthly", "MONTHLY"),
        ("そのうち", None),
    ],
)
def test_a_frequency_is_recognised(wording: str, code: str | None) -> None:
    assert frequency.recognise(wording) == code


@pytest.mark.parametrize(
    ("keyword", "name"),
    [
        ("保健・医療・福祉", "保健-医療-福祉"),
        ("くらし", "くらし"),
        ("a", "a_"),
        ("・", "_"),
        ("Wi-Fi 2.4", "Wi-Fi 2.4"),
    ],
)
def test_a_tag_has_only_what_ckan_allows(keyword: str, name: str) -> None:
    assert tag_name(keyword) == name
