"""What changes are due to whom, stored in the writer's transaction (nothing due is lost, nothing else is told)."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from services.broker.domain.change import Change
from services.broker.domain.notice import Notice
from services.broker.domain.subscription import Subscription
from services.broker.matching.index import SubscriptionIndex
from services.broker.matching.matcher import Match, find_matches
from services.broker.operations.due_lanes import DueLanes
from services.broker.operations.linked import links_for
from services.broker.operations.log_watch import LogWatch
from services.broker.operations.pressure import Pressure
from services.broker.store import change_log, outbox, subscriptions
from services.broker.store.outbox import LaneKey
from services.kernel.postgres import Connection


class Notices:
    """Matches changes against each tenant's subscriptions; the index is a cache of the database."""

    def __init__(self, tolerated_lag_s: float = 1.0) -> None:
        self._indexes: dict[int, SubscriptionIndex] = {}
        self._known: dict[int, dict[str, tuple[int, Subscription]]] = {}
        self.log = LogWatch()
        """Whose changes streams read, and who is told of them after a commit."""
        self.due = DueLanes()
        """Told of after a commit with notices: the dispatcher of this process need not search for them."""
        self.pressure = Pressure(tolerated_lag_s)
        """Measured by the dispatcher of this process: writes wait for it to keep up."""

    async def record(
        self, connection: Connection, tenant_id: int, changes: Sequence[Change], now: datetime
    ) -> Iterable[LaneKey]:
        """Store the notices of a transaction's changes within it; called after the entities are written.

        Returns the lanes that have something now, to be told of after the commit. The version read here decides: a
        subscription that was stored before this transaction wrote is matched.
        """
        version = await subscriptions.version(connection, tenant_id)
        if not version:
            return ()
        index = self._indexes.get(tenant_id)
        if index is None or index.version != version:
            index = await self._reload(connection, tenant_id, version)
        if self.log.is_wanted(tenant_id, now):
            await change_log.append(connection, tenant_id, changes, now)
        links = await links_for(connection, tenant_id, index, changes)
        due = [
            (match.subscription.id, notice)
            for change in changes
            for match in find_matches(index, change, now, links)
            if (notice := notice_of(match, change, now).within(match.subscription.view)) is not None
        ]
        if due:
            await outbox.append(connection, tenant_id, due)
        return {(tenant_id, subscription_id) for subscription_id, _ in due}

    async def _reload(self, connection: Connection, tenant_id: int, version: int) -> SubscriptionIndex:
        """Read what changed of a tenant's subscriptions; values that are known at their revision stay."""
        known = self._known.get(tenant_id, {})
        revisions = await subscriptions.revisions(connection, tenant_id)
        stale = [each for each, revision in revisions.items() if each not in known or known[each][0] != revision]
        fresh = await subscriptions.load_all(connection, tenant_id, stale)
        self.log.learn(tenant_id, await change_log.wanted_until(connection, tenant_id))
        current = {each: fresh.get(each) or known[each] for each in revisions if each in fresh or each in known}
        index = SubscriptionIndex((subscription for _, subscription in current.values()), version)
        self._known[tenant_id], self._indexes[tenant_id] = current, index
        return index


def notice_of(match: Match, change: Change, now: datetime) -> Notice:
    """Return what one subscription is due to be told of a change."""
    return Notice(
        kind=change.kind,
        entities=(change.entity,),
        touched=match.touched,
        created_at=now,
        previous=change.before if match.subscription.needs_previous else None,
        correlator=change.correlator,
    )
