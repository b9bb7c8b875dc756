"""Notifications by the clock (NGSI-LD timeInterval, 5.8.6): the present state of all that matches, queued in time.

The next time stands in the lane and is taken by one process only, so that replicas do not multiply notifications.
"""

from typing import Final, cast

from services.broker.domain.notice import PERIODIC, Notice
from services.broker.domain.subscription import Subscription
from services.broker.matching.subject import selector_of
from services.broker.operations.broker import Broker
from services.broker.operations.notices import recorded
from services.broker.query.entity_query import EntityQuery
from services.broker.query.tree import Filter, GeoFilter
from services.broker.store import outbox, queries, subscriptions
from services.broker.store.outbox import LaneKey
from services.kernel.paging import MAXIMUM_LIMIT, Page
from services.kernel.postgres import Connection, session

_AT_ONCE: Final = 20


async def queue_periodic(broker: Broker) -> int:
    """Queue notices of subscriptions whose interval has passed; return how many subscriptions."""
    async with session(broker.query_pool) as connection, connection.transaction():
        keys = await outbox.take_due(connection, _AT_ONCE)
        for key in keys:
            await _queue(broker, connection, key)
    return len(keys)


async def _queue(broker: Broker, connection: Connection, key: LaneKey) -> None:
    tenant_id, subscription_id = key
    loaded = await subscriptions.load_all(connection, tenant_id, [subscription_id])
    subscription = loaded[subscription_id][1]
    now = broker.clock()
    if not subscription.is_live(now):
        return
    found = await queries.find(connection, tenant_id, query_of(subscription))
    notice = Notice(PERIODIC, tuple(found.entities), (), now).within(recorded(subscription.view))
    if notice is not None and notice.entities:
        await outbox.append(connection, tenant_id, [(subscription_id, notice)])


def query_of(subscription: Subscription) -> EntityQuery:
    """Return the query for the entities that a subscription is about; at most a page of the largest size."""
    conditions = subscription.conditions
    return EntityQuery(
        selectors=tuple(selector_of(each, subscription.face) for each in conditions.subjects),
        attributes=conditions.watched,
        filter=cast("Filter | None", conditions.filter),
        geo=cast("tuple[GeoFilter, ...]", conditions.geo),
        scope=conditions.scope,
        paths=conditions.paths,
        page=Page(MAXIMUM_LIMIT),
        view=subscription.view,
    )
