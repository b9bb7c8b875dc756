"""Each tenant's subscription index in this process: a cache of the database, brought up to date change by change."""

import asyncio

from services.broker.matching.index import SubscriptionIndex
from services.broker.store import subscriptions
from services.broker.store.documents import from_document
from services.kernel.postgres import Connection


class SubscriptionIndexes:
    """Indexes by tenant. What changed is read from a log whose versions follow each other; after a gap, all is read."""

    def __init__(self) -> None:
        self._indexes: dict[int, SubscriptionIndex] = {}
        self._refreshing: dict[int, asyncio.Lock] = {}

    async def at(self, connection: Connection, tenant_id: int, version: int) -> SubscriptionIndex:
        """Return the tenant's index, at least as new as a version that this transaction has read."""
        index = self._indexes.get(tenant_id)
        if index is not None and index.version == version:
            return index
        async with self._refreshing.setdefault(tenant_id, asyncio.Lock()):
            return await self._refreshed(connection, tenant_id, version)

    async def _refreshed(self, connection: Connection, tenant_id: int, version: int) -> SubscriptionIndex:
        index = self._indexes.get(tenant_id)
        if index is not None and index.version > version:
            version = await subscriptions.version(
                connection, tenant_id
            )  # a transaction that read earlier, or a tenant made anew
        if index is not None and await _follow(connection, tenant_id, index, version):
            return index
        index = SubscriptionIndex(version=version)
        async for number, subscription in subscriptions.active(connection, tenant_id):
            index.put(number, subscription)
        self._indexes[tenant_id] = index
        return index


async def _follow(connection: Connection, tenant_id: int, index: SubscriptionIndex, version: int) -> bool:
    """Take the changes since the index's version in; tell whether the log has them all."""
    if index.version == version:
        return True
    changes = await subscriptions.changed(connection, tenant_id, index.version)
    newest = index.version + len(changes)
    if newest < version or not changes or changes[-1]["version"] != newest:
        return False
    for row in {row["id"]: row for row in changes}.values():
        if row["document"] is None:
            index.remove(row["id"])
        else:
            index.put(row["seq"], from_document(row["document"]))
    index.version = newest
    return True
