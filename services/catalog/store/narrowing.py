"""Narrowing by the index of grams what is then held against rows."""

from collections.abc import Iterable
from typing import Final

from services.catalog.domain.certain_grams import grams_of_pattern, grams_of_value
from services.catalog.domain.comparison import Comparator, Compared, Text
from services.catalog.domain.search_terms import in_title
from services.kernel.sql import Fragment, enclosed, join, literal

_SEARCHED: Final = frozenset({Text.TITLE, Text.DESCRIPTION, Text.KEYWORD})


def having(grams: Iterable[str]) -> Fragment:
    """Return the data sets with some grams, through the index."""
    return literal("dataset.terms @> $1::text[]", sorted(grams))


def narrowed(condition: Compared, found: Fragment) -> Fragment:
    """Return what a comparison finds, among what has the grams that all of that certainly has.

    Where no index narrows, as under a negation, the comparison comes first and mostly decides: grams are many.
    """
    if condition.said.text not in _SEARCHED:
        return found
    match condition.comparator:
        case Comparator.EQUAL:
            grams = grams_of_value(condition.value)
        case Comparator.LIKE:
            grams = grams_of_pattern(condition.value)
        case _:
            return found
    wanted = in_title(grams) if condition.said.text is Text.TITLE else grams
    return enclosed("(", join(" and ", (found, having(wanted)))) if wanted else found
