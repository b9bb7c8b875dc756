"""What became of notifications, for their owner: the health of each subscription, dead letters, sending them again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.broker.operations.broker import Broker
from services.broker.store import outbox
from services.broker.store.outbox import DeadLetter
from services.kernel.errors import NotFound
from services.kernel.paging import Page
from services.kernel.postgres import session
from services.kernel.tenancy import Tenant


@dataclass(frozen=True, slots=True)
class Health:
    """A subscription's deliveries. `lag_s` is the age of the oldest notice that still waits.

    `times_sent` counts tries; `delivered` those that the receiver took. `parked_since` is when the oldest dead letter
    was given up. `stopped` says why the hub itself stopped it.
    """

    subscription_id: str
    api: str
    is_active: bool
    pending: int
    parked: int
    parked_since: datetime | None
    delivered: int
    times_sent: int
    times_failed: int
    fails_in_row: int
    lag_s: float
    last_notification: datetime | None
    last_success: datetime | None
    last_success_code: int | None
    last_failure: datetime | None
    last_failure_reason: str | None
    next_try: datetime | None
    stopped: str | None = None


async def health(broker: Broker, tenant: Tenant, subscription_id: str) -> Health:
    """Return how a subscription's deliveries fare. Raises NotFound."""
    async with session(broker.pool) as connection:
        row = await outbox.health(connection, tenant.tenant_id, subscription_id)
    if row is None:
        raise NotFound(f"Subscription {subscription_id} does not exist", id=subscription_id)
    return _health(row, broker.clock())


async def all_health(broker: Broker, tenant: Tenant, page: Page) -> list[Health]:
    """Return a page of the tenant's subscriptions, in order of their ids."""
    async with session(broker.pool) as connection:
        rows = await outbox.all_health(connection, tenant.tenant_id, page)
    return [_health(row, broker.clock()) for row in rows]


async def dead_letters(broker: Broker, tenant: Tenant, subscription_id: str, page: Page) -> list[DeadLetter]:
    """Return a page of what was given up, oldest first. Raises NotFound."""
    await health(broker, tenant, subscription_id)
    async with session(broker.pool) as connection:
        return await outbox.dead_letters(connection, (tenant.tenant_id, subscription_id), page)


async def resend(broker: Broker, tenant: Tenant, subscription_id: str, numbers: Sequence[int] | None) -> int:
    """Put dead letters back into the queue, all unless numbers are given; return how many. Raises NotFound."""
    await health(broker, tenant, subscription_id)
    async with session(broker.pool) as connection, connection.transaction():
        return await outbox.resend(connection, (tenant.tenant_id, subscription_id), numbers)


def _health(row: Mapping[str, Any], now: datetime) -> Health:
    oldest = row["oldest"]
    return Health(
        subscription_id=row["subscription_id"],
        api=row["face"],
        is_active=row["is_active"],
        pending=row["pending"],
        parked=row["parked"],
        parked_since=row["parked_since"],
        delivered=row["times_sent"] - row["times_failed"],
        times_sent=row["times_sent"],
        times_failed=row["times_failed"],
        fails_in_row=row["fails_in_row"],
        lag_s=0.0 if oldest is None else max((now - oldest).total_seconds(), 0.0),
        last_notification=row["last_notification"],
        last_success=row["last_success"],
        last_success_code=row["last_success_code"],
        last_failure=row["last_failure"],
        last_failure_reason=row["last_failure_reason"],
        next_try=row["retry_at"],
        stopped=row["barred"],
    )
