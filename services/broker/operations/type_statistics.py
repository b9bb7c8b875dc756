"""Keeping what is known of entity types, and telling it: the statistics that catalogues follow."""

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from services.broker.domain.view import EVERYWHERE
from services.broker.operations.broker import Broker
from services.broker.store import discovery
from services.broker.store import type_statistics as store
from services.broker.store.discovery import TypeAttribute
from services.broker.store.type_statistics import TypeStatistics
from services.kernel.errors import HubError, TooComplex
from services.kernel.postgres import session
from services.kernel.tenancy import Tenant

EVERY_S: Final = 2.0
"""A type is stored, and told of, at most so often, however often it changes."""
_EXAMINING_S: Final = 0.5
"""After so long in a round no further type is examined."""
_ROUNDS_BETWEEN_SEARCHES: Final = 15
_log = logging.getLogger("hiroba.broker.statistics")


@dataclass(frozen=True, slots=True)
class TypeReport:
    """A type that has entities now: how many, its attributes with their counts, and what else is known."""

    name: str
    entities: int
    attributes: Sequence[TypeAttribute]
    statistics: TypeStatistics | None


async def keep_statistics(broker: Broker) -> None:
    """Store every few seconds what this process's writers changed, until cancelled."""
    round_number, examined = 0, 0
    while True:
        touched = broker.type_watch.take()
        try:
            if touched:
                async with session(broker.pool) as connection:
                    await store.touch(connection, touched)
            if touched or examined or round_number % _ROUNDS_BETWEEN_SEARCHES == 0:
                examined = await examine_due(broker)
        except HubError as error:
            broker.type_watch.give_back(touched)
            _log.warning("Statistics wait", extra={"reason": error.detail})
        round_number += 1
        await asyncio.sleep(EVERY_S)


async def examine_due(broker: Broker) -> int:
    """Look at types that were never looked at or changed since, for a while; return how many were due."""
    async with session(broker.pool) as connection:
        found = await store.due(connection)
    until = time.monotonic() + _EXAMINING_S
    for tenant_id, name in found:
        await _examine(broker, tenant_id, name)
        if time.monotonic() > until:
            break
    return len(found)


async def _examine(broker: Broker, tenant_id: int, name: str) -> None:
    """Examine a type; one that takes longer than a query may keeps what was known of it, and is left for hours."""
    started = time.monotonic()
    try:
        async with session(broker.query_pool) as connection:
            await store.examine(connection, tenant_id, name, broker.clock())
    except TooComplex:
        async with session(broker.pool) as connection:
            await store.postpone(connection, tenant_id, name, broker.clock(), time.monotonic() - started)


async def reports(broker: Broker, tenant: Tenant) -> list[TypeReport]:
    """Return what is known of a tenant's types, as far as the caller's view shows types whole."""
    async with session(broker.pool) as connection:
        rows = await discovery.types_and_attributes(connection, tenant.tenant_id)
        known = await store.of_tenant(connection, tenant.tenant_id)
    by_type: dict[str, list[TypeAttribute]] = {}
    for row in rows:
        if broker.view is None or broker.view.shows(row.type, row.attribute, (EVERYWHERE,)):
            by_type.setdefault(row.type, []).append(row)
    return [_report(name, listed, known) for name, listed in by_type.items()]


def _report(name: str, rows: Sequence[TypeAttribute], known: Mapping[str, TypeStatistics]) -> TypeReport:
    attributes = [row for row in rows if row.attribute is not None]
    return TypeReport(name, rows[0].entities, attributes, known.get(name))
