"""The records of a delimited text: CSV with commas, tabs, semicolons or bars."""

import csv
import io
import math
from collections.abc import Sequence

from services.kernel.errors import InvalidRequest

DELIMITERS = ",\t;|"
_LINES_LOOKED_AT = 30
_LARGEST_CELL = 1_000_000

csv.field_size_limit(_LARGEST_CELL)


def read_records(text: str, *, lenient: bool = True) -> list[list[str]]:
    """Read the records; trailing empty lines are left out.

    Raises InvalidRequest for a quotation mark that is not closed, or where a cell goes on behind its closing one unless
    `lenient`.
    """
    separator = find_delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    records: list[list[str]] = []
    begins = 1
    try:
        for record in reader:
            records.append(record)
            begins = reader.line_num + 1
    except csv.Error as error:
        if "unexpected end of data" in str(error):
            words = f"The file is not CSV: a quotation mark in line {begins} is never closed"
            raise InvalidRequest(words, field="body") from error
        if not lenient:
            raise InvalidRequest(f"The file is not CSV: line {reader.line_num}: {error}", field="body") from error
        records = _read_loosely(text, separator)
    while records and not any(cell.strip() for cell in records[-1]):
        records.pop()
    return records


def _read_loosely(text: str, separator: str) -> list[list[str]]:
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error as error:
        raise InvalidRequest(f"The file is not CSV: {error}", field="body") from error


def find_delimiter(text: str) -> str:
    """Find the delimiter: the one that cuts the first lines into the most cells, and most of them alike."""
    return max(DELIMITERS, key=lambda each: (_quality(text, each), -DELIMITERS.index(each)))


def _quality(text: str, delimiter: str) -> float:
    start = "\n".join(text.splitlines()[:_LINES_LOOKED_AT]) if len(text) < _LARGEST_CELL else _start_of(text)
    try:
        records = [each for each in csv.reader(io.StringIO(start, newline=""), delimiter=delimiter) if any(each)]
    except csv.Error:
        return 0
    widths = [len(each) for each in records]
    return _agreement(widths)


def _start_of(text: str) -> str:
    return "\n".join(text[:_LARGEST_CELL].splitlines()[:_LINES_LOOKED_AT])


def _agreement(widths: Sequence[int]) -> float:
    """Return the widest cut that several lines share, weighted by how many do."""
    if not widths:
        return 0
    return max((width - 1) * math.sqrt(widths.count(width) / len(widths)) for width in set(widths))
