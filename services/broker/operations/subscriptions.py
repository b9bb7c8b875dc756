"""Use cases of subscriptions, the same for both faces (NGSI-LD 5.8; NGSIv2 /v2/subscriptions).

Every change bumps the tenant's subscription version in the same transaction: the writer of any process sees it before
its next match.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, cast

from services.broker.domain.subscription import Subscription, SubscriptionFace, SubscriptionRecord
from services.broker.operations.broker import Broker
from services.broker.operations.quotas import Rooms
from services.broker.operations.reads import within_view
from services.broker.query.entity_query import EntityQuery
from services.broker.query.tree import Filter, GeoFilter
from services.broker.store import subscriptions as store
from services.broker.store.sealing import close_subscription, open_subscription
from services.kernel.errors import NotAllowed, NotFound
from services.kernel.paging import Page
from services.kernel.postgres import session
from services.kernel.tenancy import Tenant


@dataclass(frozen=True, slots=True)
class SubscriptionRef:
    """A subscription as one face names it; a face sees only its own."""

    face: SubscriptionFace
    id: str

    def missing(self) -> NotFound:
        """Return the error that says it does not exist."""
        return NotFound(f"Subscription {self.id} does not exist", id=self.id)


@dataclass(frozen=True, slots=True)
class SubscriptionList:
    """One page of subscriptions in order of creation; `count` is the number of all, where it was asked for."""

    records: list[SubscriptionRecord]
    count: int | None


async def create(broker: Broker, tenant: Tenant, subscription: Subscription) -> SubscriptionRecord:
    """Store a subscription (NGSI-LD 5.8.1; POST /v2/subscriptions).

    What exists already is not notified: Orion removed that (3.2), and NGSI-LD notifies of changes (5.8.6).
    Raises AlreadyExists, QuotaReached.
    """
    await Rooms(broker.pool, broker.tenants).require(tenant, "subscriptions")
    now = broker.clock()
    subscription = owned(broker, subscription)
    async with session(broker.pool) as connection, connection.transaction():
        await store.insert(connection, tenant.tenant_id, close_subscription(subscription, broker.seal), now)
        await store.bump_version(connection, tenant.tenant_id, subscription.id)
    return SubscriptionRecord(subscription, store.UNSENT, now, now)


async def retrieve(broker: Broker, tenant: Tenant, ref: SubscriptionRef) -> SubscriptionRecord:
    """Return one subscription (NGSI-LD 5.8.3; GET /v2/subscriptions/{id}). Raises NotFound."""
    async with session(broker.pool) as connection:
        record = await store.retrieve(connection, tenant.tenant_id, ref.face, ref.id)
    if record is None or not _is_reached(broker, record):
        raise ref.missing()
    return _opened(broker, record)


async def find(
    broker: Broker, tenant: Tenant, face: SubscriptionFace, page: Page, paths: tuple[str, ...] | None = None
) -> SubscriptionList:
    """Return a page of a face's subscriptions (NGSI-LD 5.8.4; GET /v2/subscriptions).

    `paths`: only those whose `conditions.paths` are exactly these (NGSIv2).
    """
    async with session(broker.pool) as connection:
        selection = store.Selection(tenant.tenant_id, face, paths, None if broker.view is None else broker.caller)
        records = await store.find(connection, selection, page)
        count = await store.count(connection, selection) if page.count else None
    return SubscriptionList([_opened(broker, each) for each in records], count)


async def update(
    broker: Broker, tenant: Tenant, ref: SubscriptionRef, change: Callable[[SubscriptionRecord], Subscription]
) -> SubscriptionRecord:
    """Replace a subscription by what `change` makes of it (NGSI-LD 5.8.2; PATCH /v2/subscriptions/{id}).

    The row is locked meanwhile; `change` must be pure and may raise HubError, then nothing changes. An update makes
    a subscription that failed too often start afresh. Raises NotFound.
    """
    now = broker.clock()
    async with session(broker.pool) as connection, connection.transaction():
        record = await store.retrieve_locked(connection, tenant.tenant_id, ref.face, ref.id)
        if record is None or not _is_reached(broker, record):
            raise ref.missing()
        kept = record.subscription
        updated = owned(broker, replace(change(_opened(broker, record)), **_kept(kept)))
        await store.replace(connection, tenant.tenant_id, close_subscription(updated, broker.seal), now)
        await store.bump_version(connection, tenant.tenant_id, ref.id)
    return SubscriptionRecord(updated, record.status, record.created_at, now, record.revision + 1)


async def delete(broker: Broker, tenant: Tenant, ref: SubscriptionRef) -> None:
    """Delete a subscription with what it has not yet notified (NGSI-LD 5.8.5). Raises NotFound."""
    async with session(broker.pool) as connection, connection.transaction():
        record = await store.retrieve_locked(connection, tenant.tenant_id, ref.face, ref.id)
        if record is None or not _is_reached(broker, record):
            raise ref.missing()
        await store.delete(connection, tenant.tenant_id, ref.face, ref.id)
        await store.bump_version(connection, tenant.tenant_id, ref.id)


def owned(broker: Broker, subscription: Subscription) -> Subscription:
    """Return a subscription as its maker may have it: notified only of what the maker may see.

    Raises NotAllowed where it asks about what the maker may not see. Who may see everything leaves the owner as it is.
    """
    subscription = _made_by(broker, subscription)
    if broker.view is None:
        return subscription
    conditions = subscription.conditions
    if conditions.jexl is not None or subscription.content.join is not None:
        raise NotAllowed("A subscriber whose grants do not reach everything can use neither expressions nor links")
    query = EntityQuery(
        attributes=tuple(name for name in conditions.watched if name not in broker.view.consentable),
        filter=cast("Filter | None", conditions.filter),
        geo=cast("tuple[GeoFilter, ...]", conditions.geo),
    )
    within_view(query, broker.view)
    return replace(subscription, owner=broker.caller, view=broker.view)


def _kept(kept: Subscription) -> dict[str, Any]:
    """Return what of a subscription no request changes."""
    return {name: getattr(kept, name) for name in ("owner", "view", "maker", "maker_aal")}


def _made_by(broker: Broker, subscription: Subscription) -> Subscription:
    """Return a subscription with who makes it; one that somebody with narrower grants made stays that one's."""
    maker = broker.maker
    if maker is None or (broker.view is None and subscription.owner not in ("", broker.caller)):
        return replace(subscription, barred="")
    return replace(subscription, owner=broker.caller, maker=maker.subject, maker_aal=maker.aal, barred="")


def _is_reached(broker: Broker, record: SubscriptionRecord) -> bool:
    """Tell whether the caller may see a subscription: a caller with narrower grants only its own."""
    return broker.view is None or record.subscription.owner == broker.caller


def _opened(broker: Broker, record: SubscriptionRecord) -> SubscriptionRecord:
    return replace(record, subscription=open_subscription(record.subscription, broker.seal))
