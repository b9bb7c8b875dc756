"""Uploaded tables as tables: columns, and pages of rows. The port of whoever shows or serves tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from services.catalog.domain.row_query import RowQuery, SortedBy
from services.catalog.domain.stored_file import StoredFile
from services.catalog.operations.catalogue import Catalogue
from services.catalog.store.file_rows import rows_of
from services.catalog.store.session import reading
from services.kernel.errors import InvalidRequest, Unprocessable

_NUMBERS = ("integer", "number")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows: by column, texts of which a cell is one; words anywhere; columns to sort by (descending?); a page.

    `words_in` are words by column, `numbers` rows by number, `distinct` the columns whose cells tell rows apart. A sort
    by the empty name is by the rows' number.
    """

    equal: Mapping[str, Sequence[str]] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    sort: tuple[tuple[str, bool], ...] = ()
    limit: int = 100
    offset: int = 0
    words_in: Mapping[str, Sequence[str]] = field(default_factory=dict)
    numbers: Sequence[int] | None = None
    distinct: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TablePage:
    """A page of a table: names and types of the columns, how many rows were asked for, and the page's rows.

    `numbers` are those of the rows in the file, from 1 below the header.
    """

    columns: tuple[str, ...]
    types: tuple[str, ...]
    total: int
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...]


async def read_table(catalogue: Catalogue, file: StoredFile, wanted: Wanted) -> TablePage:
    """Return rows of an uploaded table.

    Raises InvalidRequest naming an unknown column, and Unprocessable for a file that is no table.
    """
    if file.columns is None:
        raise Unprocessable(f"File {file.name} is no table")
    names = tuple(str(each["name"]) for each in file.columns)
    types = tuple(str(each["type"]) for each in file.columns)
    query = RowQuery(
        {_place(name, names): values for name, values in wanted.equal.items()},
        wanted.words,
        tuple(_sorted_by(key, names, types) for key in wanted.sort),
        {_place(name, names): words for name, words in wanted.words_in.items()},
        wanted.numbers,
        tuple(_place(name, names) for name in wanted.distinct),
    )
    if query.distinct and not {each.place for each in query.sort} <= set(query.distinct):
        raise InvalidRequest("Distinct rows are sorted by columns that tell them apart", field="sort")
    async with reading(catalogue.engine) as connection:
        total, rows = await rows_of(connection, file, query, (wanted.limit, wanted.offset))
    shown = query.distinct or range(len(names))
    names, types = tuple(names[place] for place in shown), tuple(types[place] for place in shown)
    return TablePage(names, types, total, tuple(tuple(cells) for _, cells in rows), tuple(number for number, _ in rows))


def _sorted_by(key: tuple[str, bool], names: Sequence[str], types: Sequence[str]) -> SortedBy:
    name, is_descending = key
    if not name:
        return SortedBy(None, is_descending=is_descending)
    place = _place(name, names)
    return SortedBy(place, types[place] in _NUMBERS, is_descending)


def _place(name: str, names: Sequence[str]) -> int:
    if name not in names:
        raise InvalidRequest(f"The table has no column {name}", field=name)
    return names.index(name)
