"""Spreadsheets that would end the process that opens them."""

import io

import pytest
import xlsxwriter

from services.catalog.files.sheet import read_sheet
from services.kernel.errors import InvalidRequest
from services.kernel.workbook import ensure_readable
from tests.support.workbook import workbook


def test_cells_in_the_first_and_last_corner_of_a_sheet_are_refused_and_end_nothing() -> None:
    written = io.BytesIO()
    with xlsxwriter.Workbook(written) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "first")
        sheet.write(1_048_575, 16_383, "last")
    with pytest.raises(InvalidRequest, match="more cells than fit"):
        ensure_readable(written.getvalue())
    assert read_sheet(written.getvalue()) is None


def test_an_ordinary_spreadsheet_is_readable() -> None:
    book = workbook({"parks": [["name", "area"], ["玉藻公園", 80000]]})
    ensure_readable(book)
    found = read_sheet(book)
    assert found is not None
    assert found.rows == [["玉藻公園", "80000"]]
