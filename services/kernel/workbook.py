"""Spreadsheets (XLSX, XLS, XLSB, ODS): which files are some."""

from typing import Final

_ZIP: Final = b"PK\x03\x04"
_COMPOUND: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def is_workbook(content: bytes) -> bool:
    """Tell from its beginning whether a file may be a spreadsheet rather than a text."""
    return content.startswith((_ZIP, _COMPOUND))
