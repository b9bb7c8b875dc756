"""Reading all entities of a type as a table or as GeoJSON, page by page, as far as the caller may see them."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from services.broker.domain.attribute import Attributes
from services.broker.domain.export_column import Column, columns_of
from services.broker.domain.names import Context
from services.broker.domain.observed_attribute import observe
from services.broker.domain.view import View
from services.broker.operations.broker import Broker
from services.broker.store import discovery, exports
from services.broker.store.exports import Extract, Page
from services.broker.store.type_statistics import SAMPLE
from services.kernel.errors import NotFound
from services.kernel.identity.assurance import insufficient
from services.kernel.postgres import Connection, session

_PAGE: Final = 5000
_PAGE_OF_CONSENT: Final = 1000
"""Entities on a page where persons' consent is asked for: one that is withdrawn holds from the next page on."""


@dataclass(frozen=True, slots=True)
class TypeTable:
    """A type of a tenant as a table: its expanded name and its columns."""

    tenant_id: int
    type: str
    columns: Sequence[Column]
    kinds: Mapping[str, frozenset[str]]


async def table_of(broker: Broker, tenant_id: int, name: str, context: Context) -> TypeTable:
    """Return the columns that the entities of a type have. Raises NotFound where the caller sees none.

    Where higher levels of assurance would show the type: InsufficientAssurance.
    """
    asked = broker.view.shortage_of((name,), ()) if broker.view is not None else None
    if asked is not None:
        raise insufficient(asked, "The export")
    async with session(broker.query_pool) as connection:
        kinds, seen = await _attributes(connection, tenant_id, name, broker.view)
    if kinds is None:
        raise NotFound(f"There is no entity of type {context.compact(name)}")
    return TypeTable(tenant_id, name, columns_of(name, kinds, observe(seen), context.compact), kinds)


async def pages(broker: Broker, table: TypeTable, write: Page) -> AsyncIterator[bytes]:
    """Yield what `write` makes of page after page; the next page is made while one is sent."""
    made = _made(broker, table, write)
    following = asyncio.ensure_future(anext(made, None))
    try:
        while (page := await following) is not None:
            following = asyncio.ensure_future(anext(made, None))
            if page:
                yield page
    finally:
        following.cancel()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await following
        await made.aclose()


async def _made(broker: Broker, table: TypeTable, write: Page) -> AsyncGenerator[bytes]:
    size = _PAGE_OF_CONSENT if broker.view is not None and broker.view.asks_consent else _PAGE
    for is_several in (False, True):
        extract, start = Extract(table.tenant_id, table.type, broker.view, is_several), 0
        while True:
            async with broker.export_turns, session(broker.query_pool) as connection:
                end = await exports.end_of_page(connection, extract, start, size)
                if end is None:
                    break
                page = await write(connection, extract.rows(start, end))
            yield page
            start = end


async def _attributes(
    connection: Connection, tenant_id: int, name: str, view: View | None
) -> tuple[Mapping[str, frozenset[str]] | None, list[Attributes]]:
    """Return the attributes of a type with their kinds, None where there is no entity, and those of some entities."""
    extracts = [Extract(tenant_id, name, view, is_several) for is_several in (False, True)]
    seen = [attributes for each in extracts for attributes in await exports.sample(connection, each, SAMPLE)]
    if view is None:
        rows = [row for row in await discovery.types_and_attributes(connection, tenant_id) if row.type == name]
        kinds = {row.attribute: frozenset(row.kinds) for row in rows if row.attribute is not None}
        return (kinds if rows else None), seen
    names = {each for extract in extracts for each in await exports.attributes_of(connection, extract, view)}
    return ({each: _kinds(each, seen) for each in names} if seen else None), seen


def _kinds(name: str, seen: Sequence[Attributes]) -> frozenset[str]:
    return frozenset(str(each[name][0]["kind"]) for each in seen if name in each)
