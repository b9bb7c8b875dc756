"""Spreadsheets (XLSX) for tests."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

import xlsxwriter

_TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>{sheets}</Types>'
)
_SHEET_TYPE = (
    '<Override PartName="/xl/worksheets/sheet{number}.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
)
_RELATIONS = (
    '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    "{items}</Relationships>"
)
_KINDS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def workbook(sheets: Mapping[str, Sequence[Sequence[str | int | float | None]]]) -> bytes:
    """Write sheets of texts and numbers."""
    output = io.BytesIO()
    names = list(sheets)
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        numbers = range(1, len(names) + 1)
        archive.writestr(
            "[Content_Types].xml", _TYPES.format(sheets="".join(_SHEET_TYPE.format(number=each) for each in numbers))
        )
        book = f'<Relationship Id="rId1" Type="{_KINDS}officeDocument" Target="xl/workbook.xml"/>'
        archive.writestr("_rels/.rels", _RELATIONS.format(items=book))
        links = "".join(
            f'<Relationship Id="rId{each}" Type="{_KINDS}worksheet" Target="worksheets/sheet{each}.xml"/>'
            for each in numbers
        )
        archive.writestr("xl/_rels/workbook.xml.rels", _RELATIONS.format(items=links))
        listed = "".join(
            f'<sheet name="{escape(name)}" sheetId="{each}" r:id="rId{each}"/>'
            for each, name in zip(numbers, names, strict=True)
        )
        archive.writestr(
            "xl/workbook.xml",
            f'<?xml version="1.0"?><workbook xmlns="{_MAIN}" xmlns:r="{_KINDS.rstrip("/")}">'
            f"<sheets>{listed}</sheets></workbook>",
        )
        for number, name in zip(numbers, names, strict=True):
            archive.writestr(f"xl/worksheets/sheet{number}.xml", _sheet(sheets[name]))
    return output.getvalue()


def corners() -> bytes:
    """Write a sheet of two cells, in its first and in its last corner."""
    written = io.BytesIO()
    with xlsxwriter.Workbook(written) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "first")
        sheet.write(1_048_575, 16_383, "last")
    return written.getvalue()


def _sheet(rows: Sequence[Sequence[str | int | float | None]]) -> str:
    written = "".join(
        f'<row r="{number}">{"".join(_cell(number, place, value) for place, value in enumerate(row))}</row>'
        for number, row in enumerate(rows, 1)
    )
    return f'<?xml version="1.0"?><worksheet xmlns="{_MAIN}"><sheetData>{written}</sheetData></worksheet>'


def _cell(row: int, place: int, value: str | int | float | None) -> str:
    name = f"{chr(ord('A') + place)}{row}"
    if value is None:
        return ""
    if isinstance(value, str):
        return f'<c r="{name}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'
    return f'<c r="{name}"><v>{value}</v></c>'
