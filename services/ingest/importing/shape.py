"""What the values of a column look like."""

import re
from collections.abc import Callable, Sequence

from services.ingest.importing.cells import read_filled
from services.ingest.importing.dates import read_date, read_moment
from services.ingest.importing.hours import read_time
from services.ingest.importing.mapping import Kind
from services.ingest.importing.numbers import read_number

_ENOUGH = 0.98
_MOST_LOOKED_AT = 200
_MARKS = frozenset("○◯〇◎●×✕✖△▲有無可否-－―‐")
_URL = re.compile(r"https?://\S+\Z")
_CODE = re.compile(r"0[0-9]+\Z|[0-9]{9,}\Z")
_LONG_DATE = re.compile(
    r"[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}\Z|[0-9]{4}[-/.年][0-9]{1,2}[-/.月][0-9]{1,2}|(明治|大正|昭和|平成|令和|[MTSHR])[0-9元]"
)
_CLOCK = re.compile(r"[0-2]?[0-9]:[0-5][0-9](:[0-5][0-9])?\Z")


def kind_of_values(values: Sequence[str]) -> Kind:
    """Return the kind that nearly all values have; texts stay texts, numbers with leading zeros too."""
    sample = list(dict.fromkeys(values))[:_MOST_LOOKED_AT]
    if sample and all(value in _MARKS for value in sample):
        return "grade" if {"△", "▲"} & set(sample) else "flag"
    sample = told(sample)
    if not sample:
        return "text"
    if _share(sample, lambda value: bool(_URL.match(value))) >= _ENOUGH:
        return "url"
    if _share(sample, _is_plain_number) >= _ENOUGH:
        return "number"
    if _share(sample, lambda value: bool(_CLOCK.match(value)) and read_time(value).value is not None) >= _ENOUGH:
        return "time"
    if _share(sample, lambda value: bool(_LONG_DATE.match(value))) >= _ENOUGH:
        return _kind_of_dates(sample)
    return "text"


def told(values: Sequence[str]) -> list[str]:
    """Return the values that say something: no dashes, and no signs for a missing figure."""
    return [value for value in values if read_filled(value).value is not None]


def _kind_of_dates(sample: Sequence[str]) -> Kind:
    if _share(sample, lambda value: read_date(value).value is not None) >= _ENOUGH:
        return "date"
    if _share(sample, lambda value: read_moment(value).value is not None) >= _ENOUGH:
        return "date-time"
    return "text"


def _share(sample: Sequence[str], holds: Callable[[str], bool]) -> float:
    return sum(holds(value) for value in sample) / len(sample)


def _is_plain_number(value: str) -> bool:
    cell = read_number(value)
    folded = str(value)
    return isinstance(cell.value, int | float) and "number-in-text" not in cell.rules and not _CODE.match(folded)
