"""Cells that hold a date, a time of day or both."""

import re
from datetime import UTC, date, datetime, timedelta

from services.ingest.importing.cells import Cell, read_filled
from services.ingest.importing.hours import read_time

_ERAS = {"明治": 1867, "大正": 1911, "昭和": 1925, "平成": 1988, "令和": 2018}
_LETTERS = {"M": "明治", "T": "大正", "S": "昭和", "H": "平成", "R": "令和"}
_ERA = re.compile(r"(明治|大正|昭和|平成|令和|[MTSHR])\.?(元|[0-9]{1,2})[年./-]?(.*)\Z", re.IGNORECASE)
_PARTS = re.compile(r"([0-9]{4})(?:[-/.年]([0-9]{1,2})(?:[-/.月]([0-9]{1,2})日?|月)?|年)?\Z")
_MONTH_FIRST = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})\Z")
_PLAIN = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})\Z")
_REST = re.compile(r"([0-9]{1,2})(?:[-/.月]([0-9]{1,2})日?|月)?\Z")
_KANJI = re.compile(r"([一二三四五六七八九]?十[一二三四五六七八九]?|[一二三四五六七八九])(?=[年月日])")
_DIGITS = {digit: place for place, digit in enumerate("一二三四五六七八九", 1)}
_BEHIND = re.compile(r"(現在|時点|付け?)\Z")
_WEEKDAY = re.compile(r"\(?[月火水木金土日祝・]+曜?日?\)?\Z")
_MOMENT = re.compile(r"(.+?)[T ]\s*([0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?)(Z|[+-][0-9]{2}:?[0-9]{2})?\Z")
_SERIAL = re.compile(r"[2-6][0-9]{4}(?:\.[0-9]+)?\Z")
_ISO = re.compile(r"[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?\Z")
_EPOCH = date(1899, 12, 30)
_LONGEST = 40


def read_date(raw: str) -> Cell:
    """Read a date as `2023-04-01`, `2023-04` or `2023`: ISO 8601, with other signs, or of the Japanese calendar."""
    cell = read_filled(raw)
    if cell.value is None:
        return cell
    text = _WEEKDAY.sub("", _KANJI.sub(_in_digits, str(cell.value).replace(" ", "")))
    if len(text) > _LONGEST:
        return Cell(None, (*cell.rules, "unreadable-date"))
    written, rule = _written(_BEHIND.sub("", text))
    if not written:
        return Cell(None, (*cell.rules, "unreadable-date"))
    return Cell(written, (*cell.rules, rule) if rule else cell.rules)


def _in_digits(match: re.Match[str]) -> str:
    """Write a number below a hundred (三十一) in digits."""
    tens, ten, ones = match[1].rpartition("十")
    return str(10 * _DIGITS.get(tens, 1) * bool(ten) + _DIGITS.get(ones, 0))


def read_moment(raw: str) -> Cell:
    """Read a date with a time of day, which is Japan's where it names no zone, as UTC; or a date alone."""
    cell = read_filled(raw)
    if cell.value is None:
        return cell
    match = _MOMENT.match(str(cell.value)) if len(str(cell.value)) <= _LONGEST else None
    if not match:
        return read_date(raw)
    day = read_date(match[1])
    time = read_time(match[2].partition(".")[0])
    if day.value is None or time.value is None or not re.fullmatch(r"\d{4}-\d\d-\d\d", str(day.value)):
        return Cell(None, (*cell.rules, "unreadable-date"))
    seconds = match[2].split(":")[2][:2] if match[2].count(":") > 1 else "00"
    moment = _in_utc(str(day.value), str(time.value), seconds, match[3] or "+09:00")
    if not moment:
        return Cell(None, (*cell.rules, "unreadable-date"))
    rules = dict.fromkeys((*cell.rules, *day.rules))
    return Cell(moment, tuple(rules))


def _in_utc(day: str, time: str, seconds: str, zone: str) -> str:
    """Write a moment as NGSI-LD does (4.6.3): in UTC; empty where it is none."""
    is_end = time == "24:00"
    try:
        moment = datetime.fromisoformat(f"{day}T{'00:00' if is_end else time}:{seconds}{zone}")
        return (moment + timedelta(days=is_end)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError):
        return ""


def _written(text: str) -> tuple[str, str]:
    """Return the date as ISO 8601 writes it, empty where it is none, and the rule that applied."""
    match = _PARTS.match(text) or _PLAIN.match(text)
    if match:
        written = _iso(int(match[1]), match[2], match[3])
        return written, "" if _ISO.match(text) else "date-format"
    english = _MONTH_FIRST.match(text)
    if english:
        return _iso(int(english[3]), english[1], english[2]), "date-format"
    era = _ERA.match(text)
    if era:
        name = _LETTERS.get(era[1].upper(), era[1])
        year = _ERAS[name] + (1 if era[2] == "元" else int(era[2]))
        rest = _REST.match(era[3]) if era[3] else None
        if era[3] and not rest:
            return "", ""
        return _iso(year, rest[1] if rest else None, rest[2] if rest else None), "japanese-era"
    if _SERIAL.match(text):
        return (_EPOCH + timedelta(days=int(float(text)))).isoformat(), "serial-date"
    return "", ""


def _iso(year: int, month: str | None, day: str | None) -> str:
    try:
        whole = date(year, int(month or 1), int(day or 1)).isoformat()
    except ValueError:
        return ""
    return whole[: 10 if day else 7 if month else 4]
