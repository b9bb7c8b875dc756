"""Cells that hold a number."""

import re
from decimal import Decimal

from services.ingest.importing.cells import Cell, read_filled

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)\Z")
_POWER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?[Ee][+-]?[0-9]{1,2}\Z")
_ONE_NUMBER = re.compile(r"[^0-9]*?([0-9]+(?:\.[0-9]+)?)([^0-9]*)\Z")
_MYRIADS = {"千": 1_000, "百万": 1_000_000, "万": 10_000, "億": 100_000_000}
_SEPARATED = re.compile(r"(?<=[0-9]),(?=[0-9]{3})")
_LONGEST = 40


def read_number(raw: str) -> Cell:
    """Read a number, also one inside a text that has no other, as `約500人`."""
    cell = read_filled(raw)
    if cell.value is None:
        return cell
    text = str(cell.value).replace(" ", "")
    if text[:1] in "△▲" and _NUMBER.match(text[1:].replace(",", "")):
        cell = cell.with_rule("triangle-as-minus")
        text = f"-{text[1:]}"
    joined = _SEPARATED.sub("", text)
    if joined != text:
        cell = cell.with_rule("thousands-separator")
    if _NUMBER.match(joined) and len(joined) <= _LONGEST:
        return Cell(as_number(joined), cell.rules)
    if _POWER.match(joined):
        return Cell(as_number(joined), cell.rules)
    inside = _ONE_NUMBER.match(joined) if len(joined) <= _LONGEST else None
    if inside:
        return Cell(_times(inside[1], inside[2]), (*cell.rules, "number-in-text"), raw.strip())
    return Cell(None, (*cell.rules, "unreadable-number"))


def _times(digits: str, behind: str) -> int | float:
    """Return a number with the word for thousands or myriads behind it, as of `約1.2万人`."""
    factor = next((value for word, value in _MYRIADS.items() if behind.startswith(word)), 1)
    number = as_number(digits)
    return number if factor == 1 else as_number(f"{Decimal(digits) * factor:f}".removesuffix(".0"))


def as_number(text: str) -> int | float:
    """Return a number as JSON has it: whole ones without a point."""
    return int(text) if text.lstrip("+-").isdigit() else float(text)
