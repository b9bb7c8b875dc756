"""The order of what words find: the field that has them, whole titles, freshness."""

from collections.abc import Sequence
from typing import Final

from services.catalog.domain import search_terms
from services.catalog.domain.query import SortKey
from services.catalog.store.conditions import all_of
from services.catalog.store.narrowing import having
from services.catalog.store.ordering import SORTED
from services.kernel.sql import Fragment, literal

TITLE, LABELS, PROSE, COLUMNS = 8, 4, 2, 1
"""What a phrase counts in a title; a keyword, theme or other label; the description; the names of columns."""

WHOLE_TITLE = 4
"""What it counts besides if it is a title or a name as a whole."""

ENDS: Final = ("title_end", "labels_end", "prose_end")
"""The columns that tell in which field of a document a place is."""

_FRESH: Final = SORTED[SortKey.SCORE]
_WEIGHT = (
    f"case when {{place}} < 0 then {TITLE + WHOLE_TITLE} when {{place}} = 0 then 0"
    f" when {{place}} <= title_end then {TITLE} when {{place}} <= labels_end then {LABELS}"
    f" when {{place}} <= prose_end then {PROSE} else {COLUMNS} end"
)
_PLACE = (
    "case when strpos(concat(E'\\n', dataset.heading, E'\\n'), ${whole}) > 0 then -1"
    " else strpos(dataset.document, ${phrase}) end as place_{number}"
)


def places(phrases: int) -> str:
    """Return where each phrase first stands in a document, as columns `place_0`, …; 0 if it does not.

    A phrase that is a title or a name as a whole stands at -1. The parameters are those of `sought`.
    """
    return ", ".join(
        _PLACE.format(whole=2 * number + 1, phrase=2 * number + 2, number=number) for number in range(phrases)
    )


def sought(phrases: Sequence[str]) -> tuple[str, ...]:
    """Return what the places are looked for: each phrase as a whole line, and as it is."""
    return tuple(text for phrase in phrases for text in (f"\n{phrase}\n", phrase))


def best(phrases: int) -> tuple[str, ...]:
    """Return what the best of the rows with their places are highest by: their phrases' weights, then freshness."""
    weights = " + ".join(_WEIGHT.format(place=f"place_{number}") for number in range(phrases))
    return (weights, _FRESH) if weights else (_FRESH,)


def titled(phrases: Sequence[str], *, indexed: bool) -> Fragment:
    """Return the condition that a title has every phrase; `indexed` narrows by the grams of titles first."""
    verified = all_of(literal("strpos(dataset.heading, $1) > 0", phrase) for phrase in phrases)
    if not indexed:
        return verified
    grams = {gram for phrase in phrases for gram in search_terms.in_title(search_terms.required_grams(phrase))}
    return all_of((having(grams), verified))
