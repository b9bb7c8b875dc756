"""Asking for the log of a tenant's changes, and reading it (streams of changes)."""

from services.broker.domain.logged_change import LoggedChange, Place
from services.broker.operations.broker import Broker
from services.broker.store import change_log, subscriptions
from services.kernel.postgres import session


async def keep_demand(broker: Broker, tenant_id: int) -> None:
    """See to it that the tenant's changes are logged for at least the retention from now.

    A demand is renewed when less than one and a half times the retention is left, to twice of it, so that the writers'
    knowledge of it is reloaded seldom.
    """
    retention_s = broker.settings.stream_retention_s
    async with session(broker.pool) as connection:
        if await change_log.remaining_s(connection, tenant_id) > 1.5 * retention_s:
            return
        async with connection.transaction():
            is_new = await change_log.demand(connection, tenant_id, 2 * retention_s)
            await subscriptions.bump_version(connection, tenant_id)
        if is_new:
            await change_log.begin(connection, tenant_id)


async def horizon(broker: Broker) -> int:
    """Return up to which transaction the log can be read."""
    async with session(broker.pool) as connection:
        return await change_log.horizon(connection)


async def floor(broker: Broker, tenant_id: int) -> int:
    """Return from which transaction on the tenant's log is complete."""
    async with session(broker.pool) as connection:
        return await change_log.floor(connection, tenant_id)


async def read(broker: Broker, tenant_id: int, place: Place, limit: int) -> list[LoggedChange]:
    """Return a portion of the log at a place."""
    async with session(broker.pool) as connection:
        return await change_log.read(connection, tenant_id, place, limit)
