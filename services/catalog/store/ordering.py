"""The order of data sets, as SQL names it."""

from collections.abc import Iterable, Mapping
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


def order_by(order: Iterable[Sort], score: str = "") -> str:
    """Return an order, with an expression for the score where there is one.

    The name, which is unique, comes last, so that pages never overlap.
    """
    columns = {**SORTED, SortKey.SCORE: score} if score else {key: f"dataset.{name}" for key, name in SORTED.items()}
    keys = [f"{columns[sort.key]} {'desc' if sort.is_descending else 'asc'}" for sort in order]
    return ", ".join([*keys, f"{columns[SortKey.NAME]} asc"])
