"""One cell as a value, and by which rules it had to be repaired.

A rule's name says what was done; a cell that cannot be read is left out under a rule too, so that the report
accounts for it.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

RULES: Mapping[str, str] = MappingProxyType(
    {
        "trimmed": "Spaces and line breaks around a cell are removed",
        "full-width": "Full-width digits and signs are written in half width",
        "dash-as-empty": "A cell with only a dash counts as empty",
        "thousands-separator": "Commas in a number are removed",
        "number-in-text": "A number is taken out of its text",
        "unreadable-number": "A number that cannot be read is left out",
        "unreadable-flag": "A flag that is none of ○ × △ 有 無 可 否 1 0 is left out",
        "time-format": "A time is written as hh:mm",
        "unreadable-time": "Opening hours that cannot be read are left out",
        "unreadable-days": "Days of opening that cannot be read are left out",
        "check-digit": "A municipality code gets its leading zero or its check digit",
        "unreadable-code": "A municipality code that is none, or could be two, is left out",
        "no-scheme": "A web address gets its https://",
        "unreadable-url": "A web address that is none is left out",
        "no-position": "A row without coordinates is taken without a location",
        "zero-position": "Coordinates 0 are left out",
        "swapped-position": "Latitude and longitude are exchanged",
        "position-outside": "Coordinates outside Japan are left out",
        "unreadable-position": "Coordinates that are no numbers are left out",
        "id-from-name": "A row without a number is named after its name and address",
    }
)
_DASHES = re.compile(r"[-‐‑–—―−ー－]+\Z")
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?\Z")
_ONE_NUMBER = re.compile(r"[^0-9]*?([0-9]+(?:\.[0-9]+)?)[^0-9]*\Z")
_TRUE = frozenset("○◯〇有可1") | {"true", "はい", "あり", "有り", "yes"}
_FALSE = frozenset("×✕✖無否0") | {"false", "いいえ", "なし", "無し", "no"}
_GRADES = {"△": "limited", "▲": "limited"}
_TIME = re.compile(r"([0-9]{1,2}):?([0-9]{2})(?::[0-9]{2})?\Z")
_URL = re.compile(r"https?://[^\s<>\"]+\Z")
_HOST = re.compile(r"[A-Za-z0-9.-]+\.[A-Za-z]{2,}(?:/[^\s<>\"]*)?\Z")
_DAYS = dict(zip("月火水木金土日", ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"), strict=True))
_WEEKDAYS = ("平日", "土日祝以外", "土日祝日以外")


@dataclass(frozen=True, slots=True)
class Cell:
    """A value, none for an empty cell, and the rules that were applied."""

    value: object
    rules: tuple[str, ...] = ()

    def with_rule(self, rule: str) -> "Cell":
        """Return the same value under one more rule."""
        return Cell(self.value, (*self.rules, rule))


def read_text(raw: str) -> Cell:
    """Read a text: without spaces around it; only a dash is nothing."""
    text = raw.strip()
    rules = ("trimmed",) if text != raw else ()
    if text and _DASHES.match(text):
        return Cell(None, (*rules, "dash-as-empty"))
    return Cell(text or None, rules if text else ())


def read_number(raw: str) -> Cell:
    """Read a number, also one inside a text that has no other, as `約500人`."""
    cell = read_text(raw)
    if cell.value is None:
        return cell
    text = str(cell.value)
    folded = unicodedata.normalize("NFKC", text).replace("−", "-")
    cell = Cell(folded, (*cell.rules, "full-width") if folded != text else cell.rules)
    joined = re.sub(r"(?<=[0-9]),(?=[0-9]{3})", "", folded)
    if joined != folded:
        cell = cell.with_rule("thousands-separator")
    if _NUMBER.match(joined):
        return Cell(_as_number(joined), cell.rules)
    inside = _ONE_NUMBER.match(joined)
    if inside:
        return Cell(_as_number(inside[1]), (*cell.rules, "number-in-text"))
    return Cell(None, (*cell.rules, "unreadable-number"))


def read_flag(raw: str) -> Cell:
    """Read ○ × 有 無 可 否 1 0 as true or false."""
    cell = read_text(raw)
    if cell.value is None:
        return cell
    word = unicodedata.normalize("NFKC", str(cell.value)).lower()
    if word in _TRUE or word in _FALSE:
        return Cell(word in _TRUE, cell.rules)
    return Cell(None, (*cell.rules, "unreadable-flag"))


def read_grade(raw: str) -> Cell:
    """Read ○ △ × and a dash as `available`, `limited`, `unavailable`, `notApplicable`."""
    text = raw.strip()
    if text in _GRADES:
        return Cell(_GRADES[text])
    if text and _DASHES.match(text):
        return Cell("notApplicable")
    flag = read_flag(raw)
    if flag.value is None:
        return flag
    return Cell("available" if flag.value else "unavailable", flag.rules)


def read_url(raw: str) -> Cell:
    """Read a web address."""
    cell = read_text(raw)
    if cell.value is None or _URL.match(str(cell.value)):
        return cell
    if _HOST.match(str(cell.value)):
        return Cell(f"https://{cell.value}", (*cell.rules, "no-scheme"))
    return Cell(None, (*cell.rules, "unreadable-url"))


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


def read_opening_hours(days: str, opens: str, closes: str) -> Cell:
    """Read days and times as schema.org writes them: `Mo-Su 07:30-22:00`; nothing without both times."""
    start, end = _read_time(opens), _read_time(closes)
    rules = tuple(dict.fromkeys((*start.rules, *end.rules)))
    if start.value is None or end.value is None:
        is_empty = start.value is end.value is None and not rules
        return Cell(None, () if is_empty else ("unreadable-time",))
    named = _read_days(days)
    if days.strip() and not named:
        rules = (*rules, "unreadable-days")
    return Cell(f"{named} {start.value}-{end.value}".strip(), rules)


def _read_time(raw: str) -> Cell:
    cell = read_text(raw)
    if cell.value is None:
        return Cell(None, cell.rules)
    text = unicodedata.normalize("NFKC", str(cell.value)).replace("時", ":").removesuffix(":")
    text = text.removesuffix("分")
    match = _TIME.match(text if ":" in text or len(text) > 2 else f"{text}:00")
    if match is None or int(match[1]) * 60 + int(match[2]) > 24 * 60 or int(match[2]) > 59:
        return Cell(None, (*cell.rules, "unreadable-time"))
    written = f"{int(match[1]):02}:{match[2]}"
    return Cell(written, cell.rules if written == raw else (*cell.rules, "time-format"))


def _read_days(raw: str) -> str:
    text = "".join(raw.split())
    if text in _WEEKDAYS:
        return "Mo-Fr"
    if not text or any(day not in _DAYS for day in text):
        return ""
    places = sorted({"月火水木金土日".index(day) for day in text})
    if len(places) > 2 and places == list(range(places[0], places[-1] + 1)):
        return f"{_DAYS['月火水木金土日'[places[0]]]}-{_DAYS['月火水木金土日'[places[-1]]]}"
    return ",".join(_DAYS["月火水木金土日"[place]] for place in places)


def _as_number(text: str) -> int | float:
    return float(text) if "." in text else int(text)


READERS: Mapping[str, Callable[[str], Cell]] = MappingProxyType(
    {
        "text": read_text,
        "number": read_number,
        "flag": read_flag,
        "grade": read_grade,
        "url": read_url,
        "municipality-code": read_municipality_code,
    }
)
