"""One cell as a value, and by which rules it had to be repaired.

A rule's name says what was done; a cell that cannot be read is left out under a rule too, so that the report
accounts for it.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

RULES: Mapping[str, str] = MappingProxyType(
    {
        "trimmed": "Spaces and line breaks around a cell are removed",
        "full-width": "Full-width digits and signs are written in half width",
        "dash-as-empty": "A cell with only a dash counts as empty",
        "symbol-as-empty": "A cell with a sign of statistics for no figure (… x *** N/A 不明) counts as empty",
        "thousands-separator": "Commas in a number are removed",
        "number-in-text": "A number is taken out of its text, which is kept as `publishedAs`",
        "triangle-as-minus": "A △ or ▲ before a number is read as minus",
        "unreadable-number": "A number that cannot be read is left out",
        "unreadable-flag": "A flag that is none of ○ × △ 有 無 可 否 1 0 is left out",
        "japanese-era": "A date of the Japanese calendar (令和5年4月1日, H31.4.1) is written as ISO 8601",
        "date-format": "A date in another order or with other signs is written as ISO 8601",
        "serial-date": "The number of days by which a spreadsheet counts is written as a date",
        "unreadable-date": "A date that cannot be read is left out",
        "time-format": "A time is written as hh:mm",
        "all-day": "終日 and 24時間 are written as 00:00 to 24:00",
        "unreadable-time": "Opening hours that cannot be read are left out",
        "days-without-times": "Days of opening without times are left out",
        "unreadable-days": "Days of opening that cannot be read are left out",
        "check-digit": "A municipality code gets its leading zero or its check digit",
        "unreadable-code": "A municipality code that is none, or could be two, is left out",
        "no-scheme": "A web address gets its https://",
        "unreadable-url": "A web address that is none is left out",
        "unknown-value": "A value that the mapping's list does not have is kept as it is",
        "no-position": "A row without coordinates is taken without a location",
        "zero-position": "Coordinates 0 are left out",
        "swapped-position": "Latitude and longitude are exchanged",
        "sexagesimal-position": "Degrees, minutes and seconds are written as decimal degrees",
        "tokyo-datum": "Coordinates of the Tokyo datum are converted to the world's (JGD2011)",
        "position-outside": "Coordinates outside Japan are left out",
        "unreadable-position": "Coordinates that are no numbers are left out",
        "id-from-name": "A row without a number is named after its name and address",
        "id-from-content": "A row without number and name is named after all that it says",
        "id-with-code": "A number that several municipalities use is named with the municipality's code",
    }
)
REMARKS = frozenset({"no-position", "id-from-name", "id-from-content", "id-with-code", "unknown-value"})
"""Rules that change no cell: strict reading lets them be."""

_DASH_SIGNS = "-‐‑–—―−ー－"
_DASHES = re.compile(rf"[{_DASH_SIGNS}]+\Z")
_NOTHING = frozenset({"…", "・・・", "...", "***", "x", "X", "χ", "n/a", "N/A", "#N/A", "#REF!", "#VALUE!", "null"})
_UNKNOWN = frozenset({"不明", "不詳", "未定", "未記入", "該当なし", "なし"})
_TRUE = frozenset("○◯〇◎●有可1yt") | {"true", "はい", "あり", "有り", "yes", "可能", "対応", "該当", "設置", "有(あり)"}
_FALSE = frozenset("×✕✖☓無否0nf") | {"false", "いいえ", "なし", "無し", "no", "不可", "非対応", "非該当", "未設置"}
_GRADES = {"△": "limited", "▲": "limited"}
_URL = re.compile(r"https?://[^\s<>\"]+\Z")
_HOST = re.compile(r"[A-Za-z0-9.-]+\.[A-Za-z]{2,}(?:/[^\s<>\"]*)?\Z")
_ITEMS = re.compile(r"[;；、,，\n]|(?<=\S)・(?=\S)")
_LIST_SIGN = re.compile(r"[;；]")


@dataclass(frozen=True, slots=True)
class Cell:
    """A value, none for an empty cell, and the rules that were applied; `published` is a text that says more."""

    value: object
    rules: tuple[str, ...] = ()
    published: str = ""

    def with_rule(self, rule: str) -> "Cell":
        """Return the same value under one more rule."""
        return Cell(self.value, (*self.rules, rule), self.published)


def read_text(raw: str) -> Cell:
    """Read a text: without spaces around it; only a dash is nothing."""
    text = raw.strip()
    rules = ("trimmed",) if text != raw else ()
    if text and text[0] in _DASH_SIGNS and _DASHES.match(text):
        return Cell(None, (*rules, "dash-as-empty"))
    return Cell(text or None, rules if text else ())


def fold(cell: Cell) -> Cell:
    """Write a text in half width, for kinds that have no full-width signs."""
    if cell.value is None:
        return cell
    text = str(cell.value)
    folded = unicodedata.normalize("NFKC", text).replace("−", "-")
    return Cell(folded, (*cell.rules, "full-width") if folded != text else cell.rules)


def read_filled(raw: str) -> Cell:
    """Read a text that is no sign for a missing figure, in half width."""
    cell = read_text(raw)
    if cell.value in _NOTHING or cell.value in _UNKNOWN:
        return Cell(None, (*cell.rules, "symbol-as-empty"))
    return fold(cell)


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


def read_list(raw: str) -> Cell:
    """Read a list: its items are separated by semicolons, else by commas, 、 or line breaks."""
    cell = read_text(raw)
    if cell.value is None:
        return cell
    text = str(cell.value)
    sign = _LIST_SIGN if _LIST_SIGN.search(text) else _ITEMS
    items = [item.strip() for item in sign.split(text) if item.strip()]
    return Cell(items or None, cell.rules)
