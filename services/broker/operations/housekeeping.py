"""What the context broker does by itself: history partitions ahead, entities whose time is over, old batch keys."""

import asyncio
import logging

from services.broker.domain.selection import V2Ref
from services.broker.operations.broker import Broker
from services.broker.operations.transience import drop_expired
from services.broker.operations.writes import DeleteEntity
from services.broker.store import batches, change_log, entities, history, outbox, registrations, shapes, transients
from services.kernel.errors import HubError, NotFound
from services.kernel.postgres import session

_EXPIRY_EVERY_S = 2.0
_ROUNDS_BETWEEN_CHORES = 1800
_ROUNDS_BETWEEN_FOLDS = 15
_log = logging.getLogger("hiroba.broker.housekeeping")


async def keep_house(broker: Broker) -> None:
    """Do the chores until cancelled; PostgreSQL being away only delays them."""
    round_number = 0
    while True:
        try:
            if round_number % _ROUNDS_BETWEEN_CHORES == 0:
                await _do_rare_chores(broker)
            await delete_expired(broker)
            await drop_expired_attributes(broker)
            await prune_change_log(broker)
            await broker.contexts.write_uses()
            if round_number % _ROUNDS_BETWEEN_FOLDS == 0:
                await _fold_counts(broker)
            round_number += 1
        except HubError as error:
            _log.warning("Housekeeping waits", extra={"reason": error.detail})
        await asyncio.sleep(_EXPIRY_EVERY_S)


async def delete_expired(broker: Broker) -> None:
    """Delete the entities whose `expires_at` is past, as a client would, so that subscribers hear of it (4.22)."""
    async with session(broker.pool) as connection:
        expired = await entities.find_expired(connection)
    for row in expired:
        mutation = DeleteEntity(V2Ref(row["id"], row["type"], row["path"], by_key=True))
        try:
            await broker.writer.write(row["tenant_id"], mutation)
        except NotFound:
            continue  # the writer drops an expired entity as soon as it loads it


async def drop_expired_attributes(broker: Broker) -> None:
    """Delete the attributes whose `expiresAt` is past, so that subscribers hear of it (4.22)."""
    async with session(broker.pool) as connection:
        due = await transients.due(connection, broker.clock())
    await drop_expired(broker.pool, broker.writer, due)


async def prune_change_log(broker: Broker) -> None:
    """Delete what streams may no longer ask for, a portion at a time."""
    async with session(broker.pool) as connection:
        await change_log.prune(connection, broker.settings.stream_retention_s)


async def forget_dead_letters(broker: Broker) -> None:
    """Delete the dead letters that nobody has had sent again in time, a portion after the other."""
    forgotten = 1
    while forgotten:
        async with session(broker.pool) as connection:
            forgotten = await outbox.forget_dead_letters(connection, broker.settings.dead_letter_days)


async def _fold_counts(broker: Broker) -> None:
    async with session(broker.pool) as connection:
        await shapes.fold(connection)


async def _do_rare_chores(broker: Broker) -> None:
    async with session(broker.pool) as connection:
        await history.make_partitions(connection, broker.settings.history_days_ahead)
        await batches.forget_old(connection)
        await registrations.delete_expired(connection, broker.clock())
    await forget_dead_letters(broker)
