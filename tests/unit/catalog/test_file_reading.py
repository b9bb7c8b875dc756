"""Uploaded files read: encodings, tables, profiles."""

import io

import pytest

from services.catalog.files.contents import read_sheet
from services.catalog.files.profile import profile
from services.catalog.files.sheet import Sheet
from services.kernel.text_encoding import detect

TEXT = "名称,緯度\n中央公園,34.34\nﾎﾟﾝﾌﾟ場,34.35\n"


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("cp932", "cp932"),
        ("euc_jp", "euc_jp"),
    ],
)
def test_the_encodings_of_japanese_offices_are_told_apart(encoding: str, found: str) -> None:
    content = TEXT.encode(encoding)
    assert detect(content) == found
    sheet = read_sheet(content)
    assert sheet is not None
    assert (sheet.names, sheet.rows[0]) == (["名称", "緯度"], ["中央公園", "34.34"])


def test_iso_2022_jp_is_recognised_by_its_escapes() -> None:
    assert detect("名称,緯度\n".encode("iso2022_jp")) == "iso2022_jp"


def test_a_table_that_would_be_misread_as_japanese_is_none() -> None:
    content = "编号,名称,地址\n1,上海图书馆,上海市徐汇区淮海中路\n".encode("gb18030")
    assert content.decode("euc_jp")
    assert detect(content) is None
    assert read_sheet(content) is None


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n\0\0", b"", b'{"a": 1}', b"<html></html>", b"PK\x03\x04broken"])
def test_what_is_no_table_is_none(content: bytes) -> None:
    assert read_sheet(content) is None


def test_columns_are_told_apart_and_rows_made_as_wide_as_the_header() -> None:
    sheet = read_sheet(b'a;a;\n1;2\n;;\n3;"4\n5";6;7\n')
    assert sheet == Sheet(["a", "a_2", "column_3"], [["1", "2", ""], ["3", "4\n5", "6"]], "utf-8", ";")


def test_a_workbook_is_read_from_its_first_sheet() -> None:
    import xlsxwriter  # noqa: PLC0415  # only here

    body = io.BytesIO()
    book = xlsxwriter.Workbook(body)
    page = book.add_worksheet()
    page.write_row(0, 0, ["名称", "台数", "有料"])
    page.write_row(1, 0, ["中央駐車場", 120, True])
    book.close()
    sheet = read_sheet(body.getvalue())
    assert sheet is not None
    assert (sheet.names, sheet.rows, sheet.encoding) == (["名称", "台数", "有料"], [["中央駐車場", "120", "true"]], "")


def test_a_profile_tells_types_missing_and_different_values() -> None:
    rows = [["372013", "10", "2026-01-02", "true"], ["012025", "9", "", "false"], ["", "1.5", "2025-12-31", "true"]]
    found = profile(Sheet(["コード", "数", "日", "可"], rows))
    code, number, day, flag = found.columns
    assert (found.rows, found.looked_at) == (3, 3)
    assert (code.type, code.missing, code.distinct) == ("string", 1, 2), "a leading zero makes a code"
    assert (number.type, number.least, number.greatest) == ("number", "1.5", "10")
    assert (day.type, day.least, day.greatest, day.missing) == ("date", "2025-12-31", "2026-01-02", 1)
    assert (flag.type, flag.frequent) == ("boolean", (("true", 2), ("false", 1)))


def test_a_column_without_values_is_a_text() -> None:
    (column,) = profile(Sheet(["x"], [[""], [" "]])).columns
    assert (column.type, column.missing, column.least, column.longest) == ("string", 2, None, 0)
