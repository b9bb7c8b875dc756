"""Rows of uploaded tables, as they are asked for."""

from typing import Any

from sqlalchemy import ColumnElement, Float, Integer, Subquery, Text, and_, case, cast, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.catalog.domain.row_query import RowQuery, SortedBy
from services.catalog.domain.stored_file import StoredFile
from services.catalog.store.file_tables import file_row

_NUMBER = r"^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,2})?$"


async def rows_of(
    connection: AsyncConnection, file: StoredFile, asked: RowQuery, part: tuple[int, int]
) -> tuple[int, list[tuple[int, list[str]]]]:
    """Return how many rows a query asks for, and a part of them (limit, offset), each with its number.

    Distinct rows have the cells of the columns that tell them apart, in that order, and the number 0.
    """
    if asked.distinct:
        return await _distinct_rows(connection, file, asked, part)
    condition = _condition(file, asked)
    total = await _count(connection, select(file_row.c.number).where(condition).subquery())
    statement = select(file_row.c.number, file_row.c.cells).where(condition)
    ordered = statement.order_by(*_order(asked), file_row.c.number).limit(part[0]).offset(part[1])
    return total, [(row.number, row.cells) for row in await connection.execute(ordered)]


async def _distinct_rows(
    connection: AsyncConnection, file: StoredFile, asked: RowQuery, part: tuple[int, int]
) -> tuple[int, list[tuple[int, list[str]]]]:
    cells = [_cell(place).label(f"cell{place}") for place in asked.distinct]
    found = select(*cells).where(_condition(file, asked)).distinct().subquery()
    keys = [_key(found.c[f"cell{each.place}"], each) for each in asked.sort]
    ordered = select(found).order_by(*keys, *found.c).limit(part[0]).offset(part[1])
    return await _count(connection, found), [(0, list(row)) for row in await connection.execute(ordered)]


async def _count(connection: AsyncConnection, rows: Subquery) -> int:
    return int(await connection.scalar(select(func.count()).select_from(rows)) or 0)


def _condition(file: StoredFile, asked: RowQuery) -> ColumnElement[bool]:
    found: list[ColumnElement[bool]] = [_cell(place).in_(list(values)) for place, values in asked.equal.items()]
    if asked.numbers is not None:
        found.append(file_row.c.number.in_(list(asked.numbers)))
    whole = cast(file_row.c.cells, Text)
    found += [_has(whole, word) for word in asked.words]
    found += [_has(_cell(place), word) for place, words in asked.words_in.items() for word in words]
    return and_(file_row.c.file_id == file.file_id, file_row.c.tenant_id == file.tenant_id, *found)


def _has(text: ColumnElement[str], word: str) -> ColumnElement[bool]:
    return func.strpos(func.lower(text), word.lower()) > 0


def _order(asked: RowQuery) -> list[ColumnElement[Any]]:
    return [_key(file_row.c.number if each.place is None else _cell(each.place), each) for each in asked.sort]


def _key(cell: ColumnElement[Any], asked: SortedBy) -> ColumnElement[Any]:
    """Return what rows are ordered by: numbers as numbers; what is none of them comes last."""
    key = case((cell.op("~")(_NUMBER), cast(cell, Float))) if asked.is_number else cell
    return (key.desc() if asked.is_descending else key.asc()).nulls_last()


def _cell(place: int) -> ColumnElement[str]:
    return file_row.c.cells.op("->>")(cast(place, Integer))
