"""The order of what words find: the field that has them, whole titles, freshness."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, case, func, literal, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text

from services.catalog.domain import search_terms
from services.catalog.store.tables import dataset

TITLE, LABELS, PROSE, COLUMNS = 8.0, 4.0, 2.0, 1.0
"""What a phrase counts in a title; a keyword, theme or other label; the description; the names of columns."""

WHOLE_TITLE = 4.0
"""What it counts besides if it is a title or a name as a whole."""

_YEAR_S = 31_557_600
_LINES = func.concat("\n", dataset.c.heading, "\n")
_WEIGHT = (
    f"case when {{place}} < 0 then {TITLE + WHOLE_TITLE} when {{place}} = 0 then 0.0"
    f" when {{place}} <= title_end then {TITLE} when {{place}} <= labels_end then {LABELS}"
    f" when {{place}} <= prose_end then {PROSE} else {COLUMNS} end"
)


def places(phrases: Sequence[str]) -> list[ColumnElement[int]]:
    """Return where each phrase first stands in a document, as `place_0`, …; 0 if it does not.

    A phrase that is a title or a name as a whole stands at -1.
    """
    return [
        case(
            (func.strpos(_LINES, f"\n{phrase}\n") > 0, -1),
            else_=func.strpos(dataset.c.document, phrase),
        ).label(f"place_{number}")
        for number, phrase in enumerate(phrases)
    ]


def score(phrases: int) -> str:
    """Return how well a row with its places answers: its phrases' weights, and up to 1 for being fresh.

    That is 1 for data that changed just now, a half after a year, a third after two.
    """
    age = f"greatest(extract(epoch from now() - fresh_at), 0) / {_YEAR_S}"
    weights = "".join(f" + {_WEIGHT.format(place=f'place_{number}')}" for number in range(phrases))
    return f"1.0 / (1.0 + {age}){weights}"


def titled(phrases: Sequence[str], *, indexed: bool) -> ColumnElement[bool]:
    """Return the condition that a title has every phrase; `indexed` narrows by the grams of titles first."""
    verified = [func.strpos(dataset.c.heading, phrase) > 0 for phrase in phrases]
    if not indexed:
        return and_(true(), *verified)
    grams = {gram for phrase in phrases for gram in search_terms.in_title(search_terms.required_grams(phrase))}
    return and_(dataset.c.terms.contains(literal(sorted(grams), ARRAY(Text))), *verified)
