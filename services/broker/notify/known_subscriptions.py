"""The subscriptions that a dispatcher delivers for, kept opened by revision: a cache of the database."""

import contextlib
from collections.abc import Mapping, Sequence
from typing import Final

from services.broker.domain.subscription import Subscription
from services.broker.store import subscriptions
from services.broker.store.outbox import Lane, LaneKey
from services.broker.store.sealing import open_subscription
from services.kernel.errors import Unavailable
from services.kernel.postgres import Connection
from services.kernel.seal import Seal

_MOST: Final = 20_000


class KnownSubscriptions:
    """Subscriptions by lane; one of another revision than its lane's is read anew."""

    def __init__(self, seal: Seal) -> None:
        self._seal = seal
        self._known: dict[LaneKey, tuple[int, Subscription]] = {}

    async def find(self, connection: Connection, lanes: Sequence[Lane]) -> Mapping[LaneKey, Subscription]:
        """Return the lanes' subscriptions; one that was deleted meanwhile is missing."""
        if len(self._known) > _MOST:
            self._known.clear()
        stale: dict[int, list[str]] = {}
        for lane in lanes:
            if self._known.get(lane.key, (0,))[0] != lane.revision:
                stale.setdefault(lane.tenant_id, []).append(lane.subscription_id)
        for tenant_id, ids in stale.items():
            loaded = await subscriptions.load_all(connection, tenant_id, ids)
            for each in ids:
                self._known.pop((tenant_id, each), None)
            self._known.update({(tenant_id, each): self._opened(found) for each, found in loaded.items()})
        return {lane.key: self._known[lane.key][1] for lane in lanes if lane.key in self._known}

    def _opened(self, found: tuple[int, Subscription]) -> tuple[int, Subscription]:
        """Open what a subscription holds of secrets; where the seal is another it stays closed, and sending fails."""
        revision, subscription = found
        with contextlib.suppress(Unavailable):
            subscription = open_subscription(subscription, self._seal)
        return revision, subscription
