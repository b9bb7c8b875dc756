"""Spreadsheets: which sheet is read, what cells become, and what is refused."""

import io
import zipfile

import pytest

from services.ingest.importing.workbook import read_sheet
from services.kernel.errors import InvalidRequest
from services.kernel.workbook import is_workbook
from tests.support.workbook import corners, workbook

BOOK = workbook({"説明": [["使い方"]], "一覧": [["ID", "値"], [1.0, 2.5], ["x", None], [None, None]]})


def test_the_fullest_sheet_is_read_unless_another_is_named() -> None:
    assert is_workbook(BOOK)
    assert read_sheet(BOOK).records == [["ID", "値"], ["1", "2.5"], ["x", ""]]
    assert read_sheet(BOOK, "説明").records == [["使い方"]]
    assert read_sheet(BOOK, "1").name == "説明"
    with pytest.raises(InvalidRequest, match="it has 説明, 一覧"):
        read_sheet(BOOK, "なし")


@pytest.mark.parametrize("content", [BOOK[:300], b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and more"])
def test_what_cannot_be_read_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidRequest, match="no spreadsheet"):
        read_sheet(content)


def test_a_spreadsheet_that_unpacks_to_too_much_is_refused() -> None:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as archive:
        archive.writestr("xl/workbook.xml", b"x")
        archive.filelist[0].file_size = 2_000_000_000  # as its directory tells
    with pytest.raises(InvalidRequest, match="unpacks to more"):
        read_sheet(output.getvalue())


def test_cells_in_the_first_and_last_corner_of_a_sheet_are_refused_and_end_nothing() -> None:
    with pytest.raises(InvalidRequest, match="more cells than fit"):
        read_sheet(corners())
