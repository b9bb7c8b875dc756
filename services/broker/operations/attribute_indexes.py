"""Use cases of declared attribute indexes: declare, list, drop, build, and narrow a query with them.

An index is rows of values that the writer keeps for the attributes a tenant declares, not an index of PostgreSQL's:
services may not change the schema, and an index on the attributes would make every update of every tenant dearer.
"""

import asyncio
import logging
import time
from dataclasses import replace
from typing import Final

import asyncpg

from services.broker.query.entity_query import EntityQuery
from services.broker.query.spans import needed
from services.broker.store import attribute_indexes as store
from services.broker.store.attribute_indexes import AttributeIndex
from services.kernel.errors import HubError, NotFound, TooComplex
from services.kernel.postgres import Connection, session
from services.kernel.tenancy import Tenant

MOST: Final = 20
_KNOWN_S: Final = 1.0
_BUILD_EVERY_S: Final = 0.5
_log = logging.getLogger("hiroba.broker.indexes")


class KnownIndexes:
    """Remembers for a second which attributes a tenant has declared, so that queries of others cost nothing."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[float, frozenset[str]]] = {}

    async def of_tenant(self, connection: Connection, tenant_id: int) -> frozenset[str]:
        """Return the declared attributes; whether an index is ready is asked when it is used."""
        known = self._known.get(tenant_id)
        if known is None or time.monotonic() - known[0] > _KNOWN_S:
            found = await store.find(connection, tenant_id)
            known = self._known[tenant_id] = time.monotonic(), frozenset(each.attribute for each in found)
        return known[1]

    async def narrowed(self, connection: Connection, tenant_id: int, query: EntityQuery) -> EntityQuery:
        """Return the query with the entities that an index says it can concern, or as it is."""
        wanted = needed(query.filter) if query.filter is not None else []
        if not wanted:
            return query
        declared = await self.of_tenant(connection, tenant_id)
        for attribute, spans in wanted:
            if attribute in declared:
                numbers = await store.numbers_within(connection, tenant_id, attribute, spans)
                if numbers is not None:
                    return replace(query, numbers=tuple(numbers))
        return query


async def declare(pool: asyncpg.Pool, tenant: Tenant, attribute: str) -> bool:
    """Declare an index on an attribute, by its expanded name; False if there is one. Raises TooComplex."""
    async with session(pool) as connection, connection.transaction():
        if len(await store.find(connection, tenant.tenant_id)) >= MOST:
            raise TooComplex(f"A tenant may declare {MOST} attribute indexes", field="attribute")
        return await store.declare(connection, tenant.tenant_id, attribute)


async def find(pool: asyncpg.Pool, tenant: Tenant) -> list[AttributeIndex]:
    """Return a tenant's indexes."""
    async with session(pool) as connection:
        return await store.find(connection, tenant.tenant_id)


async def drop(pool: asyncpg.Pool, tenant: Tenant, attribute: str) -> None:
    """Drop an index. Raises NotFound."""
    async with session(pool) as connection, connection.transaction():
        if not await store.drop(connection, tenant.tenant_id, attribute):
            raise NotFound(f"There is no index on {attribute}", field="attribute")


async def build_indexes(pool: asyncpg.Pool) -> None:
    """Read in the values of declared indexes until cancelled; one that was broken off begins again."""
    while True:
        try:
            await build_declared(pool)
        except HubError as error:
            _log.warning("The building of indexes waits", extra={"reason": error.detail})
        await asyncio.sleep(_BUILD_EVERY_S)


async def build_declared(pool: asyncpg.Pool) -> None:
    """Read in the values of one index that is declared and not ready, chunk by chunk, if there is one."""
    async with session(pool) as connection:
        due = await store.next_to_build(connection)
        after: int | None = 0
        while due is not None and after is not None:
            after = await store.build_chunk(connection, *due, after)
