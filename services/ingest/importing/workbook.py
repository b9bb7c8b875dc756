"""The sheets of a spreadsheet (XLSX, XLS, XLSB, ODS) as records of texts, each as a CSV file would have it."""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import python_calamine

from services.ingest.importing.workbook_trial import ensure_readable
from services.kernel.errors import InvalidRequest

_LARGEST_WHOLE = 1e15
_EXAMPLE = re.compile(
    r"(入力|記入|記載)(例|方法|要領|要項|上の注意)|サンプル|凡例|(項目|データ)(定義|説明)|定義書|選択肢|リスト用|マスタ"
    r"|\A例\Z|はじめに|注意事項"
)
"""Names of sheets that explain how others are filled in."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: its name and its records."""

    name: str
    records: list[list[str]]


def read_sheet(content: bytes, wanted: str | None = None) -> Sheet:
    """Read one sheet: the one named (or numbered from 1), else the one with the most cells that is no example.

    Raises InvalidRequest.
    """
    ensure_readable(content)
    try:
        with python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
            names = _visible(book)
            if wanted is not None:
                return _read(book, _named(names, wanted))
            sheets = [_read(book, name) for name in names]
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise InvalidRequest(f"The file is no spreadsheet that can be read: {error!s:.200}", field="body") from error
    if not sheets:
        raise InvalidRequest("The spreadsheet has no sheet", field="body")
    return max(sheets, key=lambda sheet: (not _EXAMPLE.search(sheet.name) and _filled(sheet) > 0, _filled(sheet)))


def _visible(book: python_calamine.CalamineWorkbook) -> list[str]:
    kinds = python_calamine.SheetVisibleEnum
    visible = [each.name for each in book.sheets_metadata if each.visible == kinds.Visible]
    return visible or list(book.sheet_names)


def _named(names: Sequence[str], wanted: str) -> str:
    if wanted in names:
        return wanted
    if wanted.isdecimal() and 1 <= int(wanted) <= len(names):
        return names[int(wanted) - 1]
    raise InvalidRequest(f"The spreadsheet has no sheet {wanted:.100}; it has {', '.join(names):.300}", field="sheet")


def _read(book: python_calamine.CalamineWorkbook, name: str) -> Sheet:
    sheet = book.get_sheet_by_name(name)
    records = [[_text(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]
    while records and not any(cell.strip() for cell in records[-1]):
        records.pop()
    return Sheet(name, records)


def _filled(sheet: Sheet) -> int:
    return sum(bool(cell.strip()) for record in sheet.records for cell in record)


def _text(value: object) -> str:
    match value:
        case bool():
            return "1" if value else "0"
        case float():
            return str(int(value)) if value.is_integer() and abs(value) < _LARGEST_WHOLE else str(value)
        case date() | time() | timedelta():
            return _moment_text(value)
        case None:
            return ""
    return str(value)


def _moment_text(value: date | time | timedelta) -> str:
    match value:
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case datetime():
            return value.isoformat(sep=" ", timespec="minutes")
        case date():
            return value.isoformat()
        case time():
            return value.isoformat(timespec="minutes")
    minutes = round(value.total_seconds() / 60) if isinstance(value, timedelta) else 0
    return f"{minutes // 60:02}:{minutes % 60:02}"
