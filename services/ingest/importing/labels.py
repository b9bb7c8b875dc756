"""Which columns tell the rows of a table apart, where no number and no name does."""

import re
from collections.abc import Mapping, Sequence

from services.ingest.importing.mapping import Kind

_TIME = re.compile(r"年|月|日|西暦|期|year|month|date")
_MOST = 6
_ENOUGH_FILLED = 0.9
_LABELS = frozenset({"text", "date", "date-time", "time"})


def may_label(column: str, kind: Kind, filled: float) -> bool:
    """Tell whether a column may say what a row is about: a text or a time, filled in nearly all rows."""
    return filled >= _ENOUGH_FILLED and (kind in _LABELS or (kind == "number" and bool(_TIME.search(column.lower()))))


def telling_columns(rows: Sequence[Mapping[str, str]], candidates: Sequence[str]) -> tuple[str, ...]:
    """Return the first of the candidates that together tell every row apart; none if all of them do not."""
    keys: list[tuple[str, ...]] = [()] * len(rows)
    for place, column in enumerate(candidates[:_MOST]):
        more = [(*key, row[column].strip()) for key, row in zip(keys, rows, strict=True)]
        if len(set(more)) == len(rows):
            return tuple(candidates[: place + 1])
        keys = more
    return ()
