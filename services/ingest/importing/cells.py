"""One cell as a value, and by which rules it had to be repaired.

A rule's name says what was done; a cell that cannot be read is left out under a rule too, so that the report
accounts for it.
"""

import re
import unicodedata

from services.kernel.values import frozen

REMARKS = frozenset({"no-position", "id-from-name", "id-from-content", "id-with-code", "unknown-value"})
"""Rules that change no cell: strict reading lets them be."""

_DASH_SIGNS = "-‐‑–—―−ー－"
_DASHES = re.compile(rf"[{_DASH_SIGNS}]+\Z")
_NOTHING = frozenset({"…", "・・・", "...", "***", "x", "X", "χ", "n/a", "N/A", "#N/A", "#REF!", "#VALUE!", "null"})
_UNKNOWN = frozenset({"不明", "不詳", "未定", "未記入", "該当なし", "なし"})
_TRUE = frozenset("○◯〇◎●有可1yt") | {"true", "はい", "あり", "有り", "yes", "可能", "対応", "該当", "設置", "有(あり)"}
_FALSE = frozenset("×✕✖☓無否0nf") | {"false", "いいえ", "なし", "無し", "no", "不可", "非対応", "非該当", "未設置"}
_PHONE_LENGTHS = range(9, 11)
_FOOTNOTE = re.compile(r"(?<=\S)\s*(?:[※＊*]|[(（]?注)[0-9０-９]{0,2}[)）]?\Z")
_GRADES = {"△": "limited", "▲": "limited"}
_URL = re.compile(r"https?://[^\s<>\"]+\Z")
_HOST = re.compile(r"[A-Za-z0-9.-]+\.[A-Za-z]{2,}(?:/[^\s<>\"]*)?\Z")
_FILE = re.compile(r"[^/]+\.(?:jpe?g|png|gif|webp|bmp|tiff?|svg|pdf|docx?|xlsx?|html?|csv|txt|zip)\Z", re.IGNORECASE)
_ITEMS = re.compile(r"[;；、,，\n]|(?<=\S)・(?=\S)")
_LIST_SIGN = re.compile(r"[;；]")


@frozen
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


def without_footnote(raw: str) -> Cell:
    """Take the mark of a footnote off a value, as of `17:00※`."""
    text = _FOOTNOTE.sub("", raw)
    return Cell(text, ("footnote-mark",)) if text != raw else Cell(raw)


def read_telephone(raw: str) -> Cell:
    """Read a telephone number; one that a spreadsheet took for a figure gets its leading zero back."""
    cell = fold(read_text(raw))
    digits = str(cell.value or "").removesuffix(".0")
    is_figure = digits.isdecimal() and len(digits) in _PHONE_LENGTHS and digits[0] != "0"
    return Cell(f"0{digits}", (*cell.rules, "leading-zero")) if is_figure else cell


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
    if str(cell.value) in _UNKNOWN:
        return Cell(None, (*cell.rules, "symbol-as-empty"))
    if _HOST.match(str(cell.value)) and not _FILE.match(str(cell.value)):
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
