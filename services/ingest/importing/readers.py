"""The kinds of cells, by the names that mappings use."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from services.ingest.importing.cells import Cell, read_flag, read_grade, read_list, read_telephone, read_text, read_url
from services.ingest.importing.codes import read_municipality_code
from services.ingest.importing.dates import read_date, read_moment
from services.ingest.importing.hours import read_time
from services.ingest.importing.numbers import read_number

READERS: Mapping[str, Callable[[str], Cell]] = MappingProxyType(
    {
        "text": read_text,
        "number": read_number,
        "flag": read_flag,
        "grade": read_grade,
        "telephone": read_telephone,
        "url": read_url,
        "date": read_date,
        "date-time": read_moment,
        "time": read_time,
        "list": read_list,
        "municipality-code": read_municipality_code,
    }
)
