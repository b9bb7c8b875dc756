"""What `datastore_search` asks, in a form that uploaded tables and live types answer alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.catalog.ckan.errors import ParameterError
from services.catalog.ckan.parameters import DatastoreSearch

ROW_ID = "_id"
Column = tuple[str, str]
"""A column's name, and its type as CKAN names it."""


@dataclass(frozen=True, slots=True)
class Rows:
    """A page of a table: columns with their types, rows, how many there are in all, and whether that is exact."""

    columns: tuple[Column, ...]
    rows: Sequence[Mapping[str, Any]]
    total: int
    is_exact: bool = True


@dataclass(frozen=True, slots=True)
class RowRequest:
    """Which rows: values by column of which one is to match, words anywhere and by column, the order, and the page.

    `distinct` names the columns whose cells tell rows apart, none for all rows.
    """

    equal: Mapping[str, Sequence[object]]
    words: tuple[str, ...]
    words_in: Mapping[str, tuple[str, ...]]
    sort: tuple[tuple[str, bool], ...]
    distinct: tuple[str, ...]
    limit: int
    offset: int
    is_counted: bool

    @property
    def is_whole(self) -> bool:
        """Whether all rows are asked for."""
        return not (self.equal or self.words or self.words_in or self.distinct)


def request_of(asked: DatastoreSearch) -> RowRequest:
    """Read the parameters of an action. Raises ParameterError."""
    by_column = asked.q if isinstance(asked.q, dict) else {}
    anywhere = asked.full_text if by_column else f"{asked.q} {asked.full_text}"
    fields = tuple(_bare(each) for each in asked.fields)
    return RowRequest(
        {name: _values(name, value) for name, value in asked.filters.items()},
        tuple(anywhere.split()),
        {name: tuple(words.split()) for name, words in by_column.items() if words.strip()},
        tuple(_sort_key(each) for each in asked.sort),
        fields if asked.distinct and ROW_ID not in fields else (),
        asked.limit,
        asked.offset,
        asked.include_total,
    )


def chosen_columns(asked: DatastoreSearch, columns: Sequence[Column]) -> list[Column]:
    """Return the columns that are asked for, in that order, all unless some are. Raises ParameterError."""
    types = dict(columns)
    names = [_bare(each) for each in asked.fields] or list(types)
    unknown = [name for name in names if name not in types]
    if unknown:
        raise ParameterError({"fields": [f"field '{unknown[0]}' does not exist"]})
    return [(name, types[name]) for name in dict.fromkeys(names)]


def _values(name: str, value: object) -> list[object]:
    values = value if isinstance(value, list) else [value]
    if not values or any(isinstance(each, dict | list) or each is None for each in values):
        raise ParameterError({"filters": [f"'{name}' must have a text, a number, a truth value, or a list of them"]})
    return values


def _sort_key(text: str) -> tuple[str, bool]:
    """Read `column [asc|desc] [nulls last]`; missing values come last in any case."""
    words = text.rsplit(maxsplit=2)
    if len(words) == 3 and [each.lower() for each in words[1:]] == ["nulls", "last"]:
        text = words[0]
    name, _, direction = text.rpartition(" ")
    if direction.lower() not in ("asc", "desc"):
        name, direction = text, "asc"
    return _bare(name), direction.lower() == "desc"


def _bare(name: str) -> str:
    return name.strip().strip('"')
