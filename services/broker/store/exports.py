"""Whole types page by page, as PostgreSQL writes them: `COPY` makes CSV and JSON of rows, faster than any other way.

A page is a range of entities' numbers, found by an index; nothing is held between two pages.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, LiteralString, TypeAlias

from services.broker.domain.attribute import Attributes
from services.broker.domain.entity import Entity
from services.broker.domain.view import View, ViewPart
from services.broker.query.sql_filter import living
from services.broker.query.sql_view import kept_back_sql, part_sql, view_sql
from services.broker.store.rows import COLUMNS, entity_from_row
from services.kernel.postgres import Connection
from services.kernel.sql import Fragment, join, literal, load_statements

Page: TypeAlias = Callable[[Connection, Fragment], Awaitable[bytes]]
"""Writes the rows that meet a condition."""
_SQL: Final = load_statements("services.broker.store", "sql/exports.sql")
_LAST: Final = 2**62
"""Above every entity's number."""
_NEVER: Final = {"quote": "\x01", "delimiter": "\x02"}
"""Characters that no JSON text contains as they are: so `COPY` leaves each line alone."""
_OF_TYPE: Final[LiteralString] = "type >= $1 and type <= $1 and seq > $2 and seq <= $3"
_OF_SEVERAL: Final[LiteralString] = (
    "types is not null and types @> array[$1::text] and type <> $1 and seq > $2 and seq <= $3"
)


@dataclass(frozen=True, slots=True)
class Extract:
    """The living entities of a type that a view shows. `is_several`: those that have the type beside their first.

    `uri`: the one entity that has this id.
    """

    tenant_id: int
    type: str
    view: View | None = None
    is_several: bool = False
    uri: str | None = None

    def rows(self, start: int, end: int) -> Fragment:
        """Return the condition on the rows of a page: numbers after `start`, up to `end`."""
        if self.is_several:
            chosen = literal(_OF_SEVERAL, self.type, start, end)
        else:
            chosen = literal(_OF_TYPE, self.type, start, end)
        condition = living(self.tenant_id) + literal(" and ") + chosen
        if self.uri is not None:
            condition = condition + literal(" and uri = $1", self.uri)
        return condition if self.view is None else condition + literal(" and ") + view_sql(self.view)


async def end_of_page(connection: Connection, extract: Extract, start: int, size: int) -> int | None:
    """Return up to which number a page reaches, None where no entities are left."""
    if extract.uri is not None:
        return None if start else _LAST
    statement = _SQL["end_of_page_of_several" if extract.is_several else "end_of_page"]
    end: int | None = await connection.fetchval(statement, extract.tenant_id, extract.type, start, size)
    return end


async def copy_csv(connection: Connection, texts: Fragment, where: Fragment) -> bytes:
    """Return rows as lines of CSV (RFC 4180, lines end with LF)."""
    return await _copy(connection, texts, where, {})


async def copy_lines(connection: Connection, text: Fragment, where: Fragment) -> bytes:
    """Return rows as lines, each one JSON text."""
    return await _copy(connection, text, where, _NEVER)


async def entities(connection: Connection, where: Fragment) -> list[Entity]:
    """Return the entities of a page."""
    head = literal("select ") + Fragment(COLUMNS) + literal(" from entity where ")
    statement = head + where + literal(" order by type, seq")
    return [entity_from_row(row) for row in await connection.fetch(statement.text, *statement.parameters)]


async def _copy(connection: Connection, selected: Fragment, where: Fragment, options: dict[str, str]) -> bytes:
    statement = literal("select ") + selected + literal(" from entity where ") + where + literal(" order by type, seq")
    chunks: list[bytes] = []

    async def take(chunk: bytes) -> None:
        chunks.append(chunk)

    await connection.copy_from_query(
        statement.text, *statement.parameters, output=take, format="csv", encoding="utf-8", **options
    )
    return b"".join(chunks)


async def sample(connection: Connection, extract: Extract, size: int) -> list[Attributes]:
    """Return the attributes of the newest entities of a type."""
    order = literal(" order by type desc, seq desc limit $1", size)
    statement = literal("select attrs from entity where ") + extract.rows(0, _LAST) + order
    return [row["attrs"] for row in await connection.fetch(statement.text, *statement.parameters)]


async def attributes_of(connection: Connection, extract: Extract, view: View) -> frozenset[str]:
    """Return which attributes a view shows of the entities of an extract: reads them all."""
    names = literal("select distinct name from entity, jsonb_object_keys(attrs) as name where ")
    statement = names + extract.rows(0, _LAST) + literal(" and (") + join(" or ", map(_named_by, view.parts))
    statement = statement + literal(")")
    for each in view.withheld:
        if each.attributes:
            kept_back = literal(" and not (name = any($1::text[]) and ", list(each.attributes))
            statement = statement + kept_back + kept_back_sql(each, view.receiver) + literal(")")
    return frozenset(row["name"] for row in await connection.fetch(statement.text, *statement.parameters))


def _named_by(part: ViewPart) -> Fragment:
    """Say that a part shows the attribute `name` of an entity."""
    if not part.attributes:
        return part_sql(part)
    return part_sql(part) + literal(" and name = any($1::text[])", list(part.attributes))
