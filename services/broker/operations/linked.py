"""The linked entities that subscriptions' filters ask for (NGSI-LD 4.9), read in the writer's transaction."""

from collections.abc import Sequence
from typing import Final

import asyncpg

from services.broker.domain.change import Change
from services.broker.domain.entity import Entity
from services.broker.matching.index import SubscriptionIndex
from services.broker.matching.matcher import wanted_links
from services.broker.query.entity_query import EntityQuery, EntitySelector
from services.broker.query.matches import NO_LINKS, Links
from services.broker.store import queries
from services.kernel.paging import MAXIMUM_LIMIT, Page
from services.kernel.postgres import Connection, session

_DEEPEST: Final = 10


async def links_for(
    connection: Connection, tenant_id: int, index: SubscriptionIndex, changes: Sequence[Change]
) -> Links:
    """Return what changed entities link to, as far as any subscription's filter looks, as it is after the changes."""
    if not index.asks_for_links:
        return NO_LINKS
    links: dict[str, Sequence[Entity]] = {}
    for _ in range(_DEEPEST):
        missing = sorted(set().union(*(wanted_links(index, change, links) for change in changes)))
        if not missing:
            break
        links.update(dict.fromkeys(missing, ()))
        for start in range(0, len(missing), MAXIMUM_LIMIT):
            part = tuple(missing[start : start + MAXIMUM_LIMIT])
            query = EntityQuery(selectors=(EntitySelector(ids=part),), page=Page(MAXIMUM_LIMIT))
            found = await queries.find(connection, tenant_id, query)
            for entity in found.entities:
                links[entity.uri] = (*links[entity.uri], entity)
    return links


async def links_in(pool: asyncpg.Pool, tenant_id: int, index: SubscriptionIndex, changes: Sequence[Change]) -> Links:
    """Return what changed entities link to, as it is now, outside any transaction."""
    if not index.asks_for_links:
        return NO_LINKS
    async with session(pool) as connection:
        return await links_for(connection, tenant_id, index, changes)
