"""Subscriptions to rows and back, each with its delivery lane."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from services.broker.domain.subscription import (
    Subscription,
    SubscriptionFace,
    SubscriptionRecord,
    SubscriptionStatus,
)
from services.broker.store.documents import from_document, to_document
from services.kernel.errors import AlreadyExists
from services.kernel.paging import Page
from services.kernel.postgres import Connection
from services.kernel.sql import load_statements

_AT_ONCE: Final = 100
UNSENT: Final = SubscriptionStatus()
_SQL = load_statements("services.broker.store", "sql/subscriptions.sql")


@dataclass(frozen=True, slots=True)
class Selection:
    """Which subscriptions of a tenant: one face's, with exactly these service paths and of this owner, if given."""

    tenant_id: int
    face: SubscriptionFace
    paths: tuple[str, ...] | None = None
    owner: str | None = None

    @property
    def parameters(self) -> tuple[object, ...]:
        """The statements' parameters."""
        return self.tenant_id, self.face.value, None if self.paths is None else ",".join(self.paths), self.owner


@dataclass(frozen=True, slots=True)
class Owned:
    """A subscription and the tenant that it lies in."""

    tenant: str
    tenant_id: int
    subscription: Subscription


async def insert(connection: Connection, tenant_id: int, subscription: Subscription, now: datetime) -> None:
    """Store a new subscription and its lane. Raises AlreadyExists."""
    stored = await connection.fetchval(
        _SQL["insert"],
        tenant_id,
        subscription.id,
        subscription.face.value,
        ",".join(subscription.conditions.paths),
        subscription.is_active,
        to_document(subscription),
        now,
    )
    if stored is None:
        raise AlreadyExists(f"Subscription {subscription.id} already exists", id=subscription.id)
    await connection.execute(_SQL["insert_lane"], tenant_id, subscription.id, _first_due(subscription, now))


async def bump_version(connection: Connection, tenant_id: int, subscription_id: str = "") -> None:
    """Make every process's subscription index of the tenant stale, as regards one subscription."""
    await connection.execute(_SQL["bump_version"], tenant_id, subscription_id)


async def version(connection: Connection, tenant_id: int) -> int:
    """Return the number of changes of the tenant's subscriptions so far."""
    return int(await connection.fetchval(_SQL["version"], tenant_id) or 0)


async def retrieve(
    connection: Connection, tenant_id: int, face: SubscriptionFace, subscription_id: str
) -> SubscriptionRecord | None:
    """Return a subscription, or None."""
    row = await connection.fetchrow(_SQL["retrieve"], tenant_id, face.value, subscription_id)
    return None if row is None else _record(row)


async def retrieve_locked(
    connection: Connection, tenant_id: int, face: SubscriptionFace, subscription_id: str
) -> SubscriptionRecord | None:
    """Return a subscription and lock it until the transaction ends, or None."""
    await connection.execute(_SQL["lock"], tenant_id, face.value, subscription_id)
    return await retrieve(connection, tenant_id, face, subscription_id)


async def find(connection: Connection, selection: Selection, page: Page) -> list[SubscriptionRecord]:
    """Return a page of subscriptions in order of creation."""
    rows = await connection.fetch(_SQL["find"], *selection.parameters, page.limit, page.offset)
    return [_record(row) for row in rows]


async def owned(connection: Connection, names: tuple[set[str], set[str]] | None) -> list[Owned]:
    """Return the active subscriptions of some makers or in some tenants, of every one where no names are given."""
    makers, tenants = (None, None) if names is None else map(list, names)
    rows = await connection.fetch(_SQL["owned"], makers, tenants)
    return [Owned(row["name"], row["tenant_id"], from_document(row["document"])) for row in rows]


async def count(connection: Connection, selection: Selection) -> int:
    """Return how many subscriptions there are."""
    return int(await connection.fetchval(_SQL["count"], *selection.parameters))


async def replace(connection: Connection, tenant_id: int, subscription: Subscription, now: datetime) -> None:
    """Store a subscription anew; its lane starts afresh and keeps its counters."""
    await connection.execute(
        _SQL["replace"],
        tenant_id,
        subscription.id,
        ",".join(subscription.conditions.paths),
        subscription.is_active,
        to_document(subscription),
        now,
    )
    await connection.execute(_SQL["reset_lane"], tenant_id, subscription.id, _first_due(subscription, now))


async def delete(connection: Connection, tenant_id: int, face: SubscriptionFace, subscription_id: str) -> bool:
    """Delete a subscription, its lane, its outbox and its dead letters. Return whether it existed."""
    if await connection.fetchval(_SQL["delete"], tenant_id, face.value, subscription_id) is None:
        return False
    for name in ("delete_lane", "delete_outbox", "delete_dead_letters"):
        await connection.execute(_SQL[name], tenant_id, subscription_id)
    return True


async def active(connection: Connection, tenant_id: int) -> AsyncIterator[tuple[int, Subscription]]:
    """Yield the active subscriptions in order of creation, each with its number; some may have expired.

    Many take a while to read: other work goes on in between.
    """
    for position, row in enumerate(await connection.fetch(_SQL["active"], tenant_id)):
        if position % _AT_ONCE == 0:
            await asyncio.sleep(0)
        yield row["seq"], from_document(row["document"])


async def changed(connection: Connection, tenant_id: int, version: int) -> list[Mapping[str, Any]]:
    """Return the changes after a version, oldest first, each with the subscription as it is now.

    A row has `version` and `id`; `seq` and `document` are null where the subscription is gone or inactive. Versions
    follow each other without gaps, unless the log does not reach back so far.
    """
    return list(await connection.fetch(_SQL["changed"], tenant_id, version))


async def load_all(connection: Connection, tenant_id: int, ids: Sequence[str]) -> dict[str, tuple[int, Subscription]]:
    """Return subscriptions of either face by id, each with its revision."""
    rows = await connection.fetch(_SQL["load"], tenant_id, list(ids)) if ids else []
    return {row["id"]: (row["revision"], from_document(row["document"])) for row in rows}


async def deactivate(connection: Connection, tenant_id: int, subscription_id: str) -> None:
    """Make a subscription inactive: a oneshot that has been notified, or one that failed too often."""
    await connection.execute(_SQL["deactivate"], tenant_id, subscription_id)
    await bump_version(connection, tenant_id, subscription_id)


def _first_due(subscription: Subscription, now: datetime) -> datetime | None:
    interval = subscription.time_interval_s
    return None if interval is None or not subscription.is_active else now + timedelta(seconds=interval)


def _record(row: Mapping[str, Any]) -> SubscriptionRecord:
    return SubscriptionRecord(
        subscription=from_document(row["document"]),
        status=SubscriptionStatus(
            times_sent=row["times_sent"],
            times_failed=row["times_failed"],
            fails_in_row=row["fails_in_row"],
            last_notification=row["last_notification"],
            last_success=row["last_success"],
            last_success_code=row["last_success_code"],
            last_failure=row["last_failure"],
            last_failure_reason=row["last_failure_reason"],
        ),
        created_at=row["created_at"],
        modified_at=row["modified_at"],
        revision=row["revision"],
    )
