"""The kinds of cells, by the names that mappings use."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType

from services.ingest.importing.cells import Cell, read_flag, read_grade, read_list, read_telephone, read_text, read_url
from services.ingest.importing.codes import read_municipality_code
from services.ingest.importing.dates import read_date, read_moment
from services.ingest.importing.hours import read_time
from services.ingest.importing.numbers import read_number

_REMEMBERED = 4096


def _remembering(read: Callable[[str], Cell]) -> Callable[[str], Cell]:
    """Read a text once: what is no free text comes again and again in a column."""
    return lru_cache(_REMEMBERED)(read)


READERS: Mapping[str, Callable[[str], Cell]] = MappingProxyType(
    {
        "text": read_text,
        "number": _remembering(read_number),
        "flag": _remembering(read_flag),
        "grade": _remembering(read_grade),
        "telephone": read_telephone,
        "url": read_url,
        "date": _remembering(read_date),
        "date-time": _remembering(read_moment),
        "time": _remembering(read_time),
        "list": read_list,
        "municipality-code": _remembering(read_municipality_code),
    }
)
