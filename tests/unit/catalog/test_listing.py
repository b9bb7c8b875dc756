"""Reading lists of open data with the defects that files really have."""

import csv
import io
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalog.listing.listing import Listing, read_listing
from services.catalog.listing.repair import Rule
from services.kernel.errors import InvalidRequest

HEADER = ["#property", "code", "prefName", "cityName", "dataName", "category", "format", "url", "license", "note"]
ROW = ["1", "372013", "香川県", "高松市", "公園", "くらし", "csv", "https://e.jp/d/park", "CC BY 4.0", ""]


def sheet(*rows: Sequence[str], header: Sequence[str] = HEADER) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([header, *rows])
    return text.getvalue()


def changed(**cells: str) -> list[str]:
    return [cells.get(name.lstrip("#"), cell) for name, cell in zip(HEADER, ROW, strict=True)]


def read(text: str) -> Listing:
    return read_listing(text.encode())


@pytest.mark.parametrize(
    ("encoding", "rule"),
    [
        ("utf-8", None),
        ("utf-8-sig", Rule.BYTE_ORDER_MARK),
        ("cp932", Rule.ENCODING_CP932),
        ("euc_jp", Rule.ENCODING_OTHER),
        ("iso2022_jp", Rule.ENCODING_OTHER),
        ("utf-16", Rule.ENCODING_UTF16),
        ("utf-16-le", Rule.ENCODING_UTF16),
        ("utf-16-be", Rule.ENCODING_UTF16),
    ],
)
def test_every_encoding_of_the_same_list_says_the_same(encoding: str, rule: Rule | None) -> None:
    listing = read_listing(sheet(ROW).encode(encoding))
    assert [entry.name for entry in listing.entries] == ["公園"]
    assert list(listing.repairs.rows) == ([rule] if rule else [])


def test_tabs_separate_cells_as_well() -> None:
    listing = read(sheet(ROW).replace(",", "\t"))
    assert listing.entries[0].content.licence == "CC-BY-4.0"
    assert Rule.TAB_SEPARATED in listing.repairs.rows


def test_a_line_break_within_a_header_cell_is_taken_out() -> None:
    header = ["都道府県コード又は\n市区町村コード" if name == "code" else name for name in HEADER]
    listing = read(sheet(ROW, header=header))
    assert listing.entries[0].content.spatial == "372013"
    assert listing.repairs.rows[Rule.HEADER_LINE_BREAK] == [1]


def test_a_header_that_an_unquoted_line_break_splits_is_put_together() -> None:
    text = sheet(ROW).replace("code", "都道府県コード又は\r\n市区町村コード", 1)
    listing = read(text)
    assert listing.entries[0].content.spatial == "372013"
    assert listing.repairs.rows[Rule.HEADER_OVER_TWO_ROWS] == [1, 2]
    assert listing.entries[0].row == 3


def test_rows_before_the_header_are_left_out() -> None:
    listing = read("オープンデータ一覧,,\r\n" + sheet(ROW))
    assert (len(listing.entries), listing.repairs.rows[Rule.ROWS_BEFORE_HEADER]) == (1, [1])


def test_an_instruction_column_is_left_out() -> None:
    header = [*HEADER, "", "←データの項目名を入力"]
    listing = read(sheet([*ROW, "", "←2行目以降にデータを入力"], header=header))
    assert (len(listing.entries), listing.repairs.rows[Rule.INSTRUCTION_COLUMN]) == (1, [1])


def test_rows_with_only_a_number_are_counted_as_empty() -> None:
    listing = read(sheet(ROW, ["2", *[""] * 9], [""] * 10, ["3", *[" "] * 9]))
    assert (listing.rows_read, len(listing.entries), listing.empty_rows) == (3, 1, (3, 5))


def test_japanese_column_names_are_known() -> None:
    header = [
        "NO",
        "全国地方公共団体コード",
        "都道府県名",
        "市区町村名",
        "データ名称",
        "分類",
        "データ形式",
        "ＵＲＬ",
        "ライセンス",
        "備考",
    ]
    content = read(sheet(ROW, header=header)).entries[0].content
    assert (content.titles, content.landing_page, content.licence) == (
        {"ja": "公園"},
        "https://e.jp/d/park",
        "CC-BY-4.0",
    )


def test_what_a_row_says_becomes_a_data_set() -> None:
    listing = read(
        sheet(changed(code="37201", format="xlsx,text,RDF,データモデル定義", note="毎年更新", license="CCライセンス"))
    )
    content = listing.entries[0].content
    assert content.descriptions == {"ja": "香川県高松市が公開するデータセット「公園」（分類: くらし）。 毎年更新"}
    assert (content.licence, content.licence_text) == ("CC-unspecified", "CCライセンス")
    assert (content.themes, content.keywords, content.spatial) == (("SOCI",), ("くらし",), "372013")
    assert [each.format for each in content.distributions] == ["XLSX", "TXT", "RDF", "データモデル定義"]
    assert {each.access_url for each in content.distributions} == {"https://e.jp/d/park"}
    assert listing.repairs.rows[Rule.CODE_COMPLETED] == [2]


@pytest.mark.parametrize(
    ("cells", "column", "reason"),
    [
        ({"dataName": " "}, "dataName", "dataName is empty"),
        ({"dataName": "あ" * 501}, "dataName", "dataName is longer than 500 characters"),
        ({"url": "なし"}, "url", "url 'なし' is not an http or https address"),
        ({"url": "ftp://e.jp/x"}, "url", "url 'ftp://e.jp/x' is not an http or https address"),
        ({"code": "372014"}, "code", "code 372014 has the wrong check digit: 3 belongs there"),
    ],
)
def test_a_row_that_cannot_be_repaired_is_refused_alone(cells: dict[str, str], column: str, reason: str) -> None:
    listing = read(sheet(changed(**cells), changed(dataName="図書館", url="https://e.jp/d/library")))
    assert [(each.row, each.column, each.reason) for each in listing.refusals] == [(2, column, reason)]
    assert [entry.name for entry in listing.entries] == ["図書館"]


def test_a_repeated_row_is_refused_and_names_the_first() -> None:
    listing = read(sheet(ROW, changed(category="環境")))
    assert [(each.row, each.reason) for each in listing.refusals] == [(3, "dataName and url are the same as in row 2")]


def test_a_shared_page_and_a_repeated_name_are_kept_and_noted() -> None:
    other = changed(dataName="広場")
    listing = read(sheet(ROW, other, changed(url="https://e.jp/d/other")))
    assert len(listing.entries) == 3
    assert listing.repairs.rows[Rule.SHARED_URL] == [2, 3]
    assert listing.repairs.rows[Rule.REPEATED_NAME] == [2, 4]


def test_white_space_around_values_is_taken_off_and_noted() -> None:
    listing = read(sheet(changed(url="https://e.jp/d/park\n")))
    assert (listing.entries[0].url, listing.repairs.rows[Rule.SURROUNDING_SPACE]) == ("https://e.jp/d/park", [2])


def test_dates_are_read_in_japanese_notation_too() -> None:
    header = [*HEADER, "登録日", "最終更新日"]
    content = read(sheet([*ROW, "2024年4月1日", "2026/8/22"], header=header)).entries[0].content
    assert (content.issued, content.modified) == ("2024-04-01", "2026-08-22")
    refused = read(sheet([*ROW, "令和六年", ""], header=header)).refusals
    assert [(each.column, each.reason) for each in refused] == [("issued", "issued '令和六年' is not a date")]


@pytest.mark.parametrize(
    "body", [b"", b"\x00\x01\x02", b"\x89PNG\r\n\x1a\n\xff\xfe", b"a,b,c\n1,2,3\n", b"PK\x03\x04\x14\x00\x06"]
)
def test_what_is_no_list_is_refused_as_a_whole(body: bytes) -> None:
    with pytest.raises(InvalidRequest):
        read_listing(body)


@given(st.lists(st.lists(st.text(max_size=12), min_size=10, max_size=11), max_size=6))
def test_every_row_is_accepted_refused_or_empty(rows: list[list[str]]) -> None:
    if any("\0" in cell for row in rows for cell in row):
        return
    listing = read(sheet(*rows))
    expected = sum(
        any(cell.strip() for cell in row[: len(HEADER)]) or bool(row[10:] and row[10].strip()) for row in rows
    )
    assert listing.rows_read == expected
