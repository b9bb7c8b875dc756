"""Cells that hold a 全国地方公共団体コード."""

import unicodedata

from services.ingest.importing.cells import Cell, read_text


def read_municipality_code(raw: str) -> Cell:
    """Read a 全国地方公共団体コード; one that lost its leading zero or its check digit gets it back."""
    cell = read_text(raw)
    if cell.value is None:
        return cell
    text = unicodedata.normalize("NFKC", str(cell.value))
    rules = (*cell.rules, "full-width") if text != cell.value else cell.rules
    digits = text if text.isascii() and text.isdigit() else ""
    if len(digits) == 6 and _is_code(digits):
        return Cell(digits, rules)
    short = digits.zfill(5) if len(digits) in (4, 5) else ""
    candidates = [code for code in (digits.zfill(6), short and short + check_digit(short)) if _is_code(code)]
    if len(set(candidates)) == 1:
        return Cell(candidates[0], (*rules, "check-digit"))
    return Cell(None, (*rules, "unreadable-code"))


def _is_code(text: str) -> bool:
    """Tell whether six digits are a code: prefectures 01 to 47, municipalities from 100, a right check digit."""
    if len(text) != 6 or text[5] != check_digit(text[:5]):
        return False
    return 1 <= int(text[:2]) <= 47 and (text[2:5] == "000" or int(text[2:5]) >= 100)


def check_digit(five: str) -> str:
    """Return the sixth digit of a municipality code."""
    total = sum(int(digit) * weight for digit, weight in zip(five, (6, 5, 4, 3, 2), strict=True))
    return str((11 - total % 11) % 10)
