"""The order of data sets, as SQL names it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, LiteralString

from services.catalog.domain.query import Sort, SortKey

SORTED: Final[Mapping[SortKey, LiteralString]] = {
    SortKey.SCORE: "fresh_at",
    SortKey.NAME: "name",
    SortKey.TITLE: "heading",
    SortKey.CREATED: "created_at",
    SortKey.MODIFIED: "updated_at",
    SortKey.IDENTIFIER: "dataset_id",
    SortKey.DUE: "due_at",
}
"""The column of each key; without words to score by, the best is the freshest."""


def order_by(order: Iterable[Sort], best: Sequence[str] = ()) -> str:
    """Return an order of data sets, or of hits, of which `best` are the expressions that the best are highest by.

    The name, which is unique, comes last, so that pages never overlap.
    """
    columns: dict[SortKey, tuple[str, ...]] = {
        key: (name if best else f"dataset.{name}",) for key, name in SORTED.items()
    }
    if best:
        columns[SortKey.SCORE] = tuple(best)
    keys = [f"{each} {'desc' if sort.is_descending else 'asc'}" for sort in order for each in columns[sort.key]]
    return ", ".join([*keys, f"{columns[SortKey.NAME][0]} asc"])
