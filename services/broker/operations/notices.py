"""What changes are due to whom, stored in the writer's transaction (nothing due is lost, nothing else is told)."""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime

from services.broker.domain.change import Change
from services.broker.domain.notice import Notice
from services.broker.domain.notification_chain import closes_circle
from services.broker.domain.subscription import SubscriptionFace
from services.broker.domain.view import View
from services.broker.matching.matcher import Match, find_matches
from services.broker.operations.due_lanes import DueLanes
from services.broker.operations.linked import links_for
from services.broker.operations.log_watch import LogWatch
from services.broker.operations.pressure import Pressure
from services.broker.operations.subscription_indexes import SubscriptionIndexes
from services.broker.operations.type_watch import TypeWatch
from services.broker.store import change_log, outbox
from services.broker.store.outbox import LaneKey
from services.kernel.postgres import Connection

_log = logging.getLogger("hiroba.broker.notices")


class Notices:
    """Matches changes against each tenant's subscriptions."""

    def __init__(self, tolerated_lag_s: float = 1.0) -> None:
        self._indexes = SubscriptionIndexes()
        self._seen: dict[int, int] = {}
        self.log = LogWatch()
        """Whose changes streams read, and who is told of them after a commit."""
        self.types = TypeWatch()
        """Told after a commit which types it changed."""
        self.due = DueLanes()
        """Told of after a commit with notices: the dispatcher of this process need not search for them."""
        self.pressure = Pressure(tolerated_lag_s)
        """Measured by the dispatcher of this process: writes wait for it to keep up."""

    async def record(
        self, connection: Connection, tenant_id: int, version: int, changes: Sequence[Change], now: datetime
    ) -> Iterable[LaneKey]:
        """Store the notices of a transaction's changes within it; called after the entities are written.

        `version` is that of the tenant's subscriptions, read in this transaction when the entities were written: a
        subscription that was stored before is matched. Returns the lanes that have something now, to be told of after
        the commit.
        """
        if version != self._seen.get(tenant_id):
            self.log.learn(tenant_id, await change_log.wanted_until(connection, tenant_id))
            self._seen[tenant_id] = version
        index = await self._indexes.at(connection, tenant_id, version)
        if self.log.is_wanted(tenant_id, now):
            await change_log.append(connection, tenant_id, changes, now)
        links = await links_for(connection, tenant_id, index, changes)
        due = [
            (match.subscription.id, notice)
            for change in changes
            for match in find_matches(index, change, now, links)
            if not _closes_circle(match, change)
            and (notice := notice_of(match, change, now).within(recorded(match.subscription.view))) is not None
        ]
        if due:
            await outbox.append(connection, tenant_id, due)
        return {(tenant_id, subscription_id) for subscription_id, _ in due}


def recorded(view: View | None) -> View | None:
    """Return the view under which a notice is stored: whether persons consent is asked when it is sent."""
    return view.before_consent if view is not None and view.asks_consent else view


def _closes_circle(match: Match, change: Change) -> bool:
    """Tell whether NGSIv2's notification would go round in circles (Orion: self-notification protection)."""
    if match.subscription.face is not SubscriptionFace.NGSIV2 or not closes_circle(change.correlator, change.entity):
        return False
    _log.warning("A notification would go round in circles", extra={"subscription": match.subscription.id})
    return True


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
