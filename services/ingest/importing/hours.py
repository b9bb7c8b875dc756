"""Opening hours out of the cells with days, beginning and end."""

import re
import unicodedata
from functools import lru_cache

from services.ingest.importing.cells import Cell, read_text, without_footnote

_TIME = re.compile(r"([0-9]{1,2}):?([0-9]{2})(?::[0-9]{2})?\Z")
_HALF_DAY = re.compile(r"(午前|午後|AM|PM)(.+)\Z", re.IGNORECASE)
_FRACTION = re.compile(r"0?\.[0-9]+\Z|1(?:\.0+)?\Z")
_ALL_DAY = frozenset({"終日", "24時間", "常時"})
_DAYS = dict(zip("月火水木金土日", ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"), strict=True))
_LETTERS = "".join(_DAYS)
_WEEKDAYS = re.compile(r"平日|土日(?:祝日?)?を?(?:以外|除く)")
_SEPARATORS = re.compile(r"曜日?|[・、,]")
_EVERY_DAY = ("毎日", "全日", "年中無休")
_BETWEEN = re.compile(r"([月火水木金土日])[〜~\-－ー―–]([月火水木金土日])")
_FILLERS = re.compile(r"曜日?|[・、,，\s;；/]")
_HOLIDAYS = re.compile(
    r"\((?:国民の祝日|祝祭日|祝休日|祝日?|年末年始|[・、]|及び)+(?:等?[はをも]?(?:除く|除外|休み?|休館|含む))?\)"
    r"|[・、,]?(?:祝祭日|祝休日|祝日?)\Z"
)
_SPAN = re.compile(r"([^〜~\-ー―–]+)[〜~\-ー―–]([^〜~\-ー―–]+)\Z")
_OPEN_END = "〜~-ー―–"
_DAY_MINUTES = 24 * 60
_LATEST = 48 * 60
_NOON = 12


@lru_cache(4096)
def read_opening_hours(days: str, opens: str, closes: str) -> Cell:
    """Read days and times as schema.org writes them: `Mo-Su 07:30-22:00`; nothing without both times."""
    if _folded(opens) in _ALL_DAY or _folded(closes) in _ALL_DAY:
        start, end = Cell("00:00", ("all-day",)), Cell("24:00")
    else:
        start, end = map(read_time, _parted(opens, closes))
    rules = tuple(dict.fromkeys((*start.rules, *end.rules)))
    if start.value is None or end.value is None:
        if start.value is end.value is None and not rules:
            return Cell(None, ("days-without-times",) if days.strip() else ())
        return Cell(None, ("unreadable-time",))
    named = read_days(days)
    if days.strip() and not named:
        return Cell(None, (*rules, "unreadable-days"))
    return Cell(f"{named} {start.value}-{end.value}".strip(), rules)


def _parted(opens: str, closes: str) -> tuple[str, str]:
    """Return beginning and end, also where both stand in the first cell (`9:00〜17:00`)."""
    span = _SPAN.match(_folded(opens)) if not closes.strip() else None
    return (span[1], span[2]) if span else (opens, closes)


def read_time(raw: str) -> Cell:
    """Read a time of day as `hh:mm`: `9:00:00`, `1700`, `午後5時30分`, a spreadsheet's fraction of a day."""
    cell = read_text(raw)
    if cell.value is None:
        return Cell(None, cell.rules)
    bare = without_footnote(str(cell.value))
    rules = (*cell.rules, *bare.rules)
    minutes = _minutes(_folded(str(bare.value)).strip(_OPEN_END))
    if minutes is None:
        return Cell(None, (*rules, "unreadable-time"))
    written = f"{minutes // 60:02}:{minutes % 60:02}"
    return Cell(written, rules if written == bare.value else (*rules, "time-format"))


def _folded(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def _minutes(text: str) -> int | None:
    if text == "正午":
        return _NOON * 60
    half = _HALF_DAY.match(text)
    if half:
        within = _minutes(half[2])
        is_later = half[1].lower() in ("午後", "pm") and within is not None and within < _NOON * 60
        return within + _NOON * 60 if within is not None and is_later else within
    if _FRACTION.match(text) and "." in text:
        return round(float(text) * _DAY_MINUTES)
    text = text.replace("時", ":").removesuffix(":").removesuffix("分").replace("：", ":").replace("半", "30")
    match = _TIME.match(text if ":" in text or len(text) > 2 else f"{text}:00")
    if match is None or int(match[2]) > 59 or int(match[1]) * 60 + int(match[2]) > _LATEST:
        return None
    minutes = int(match[1]) * 60 + int(match[2])
    return minutes if minutes <= _DAY_MINUTES else None


def read_days(raw: str) -> str:
    """Read days of the week as schema.org writes them: `Mo-Fr`, `Mo,We`; empty where they cannot be read."""
    text = _HOLIDAYS.sub("", _folded(str(without_footnote(raw.strip()).value)))
    if _WEEKDAYS.fullmatch(_SEPARATORS.sub("", text)):
        return "Mo-Fr"
    if text in _EVERY_DAY:
        return "Mo-Su"
    text = _FILLERS.sub("", _BETWEEN.sub(_spelt_out, _FILLERS.sub("", text)))
    if not text or any(day not in _DAYS for day in text):
        return ""
    return write_days(sorted({_LETTERS.index(day) for day in text}))


def mentions_holidays(days: str) -> bool:
    """Tell whether days of the week say something of holidays, which schema.org's have no word for."""
    return "祝" in days or "年末" in days


def _spelt_out(match: re.Match[str]) -> str:
    first, last = _LETTERS.index(match[1]), _LETTERS.index(match[2])
    return _LETTERS[first : last + 1] if first <= last else _LETTERS[first:] + _LETTERS[: last + 1]


def write_days(places: list[int]) -> str:
    """Write days by their places in the week, 0 for Monday."""
    names = list(_DAYS.values())
    if len(places) > 2 and places == list(range(places[0], places[-1] + 1)):
        return f"{names[places[0]]}-{names[places[-1]]}"
    return ",".join(names[place] for place in places)


def days_in_japanese(days: str) -> str:
    """Write `Mo-Fr` or `Mo,We` as the standard data sets do: `月火水木金`."""
    names = list(_DAYS.values())
    first, _, last = days.partition("-")
    if last:
        return _LETTERS[names.index(first) : names.index(last) + 1]
    return "".join(_LETTERS[names.index(day)] for day in days.split(",") if day in names)
