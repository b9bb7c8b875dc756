"""The dispatcher: leases lanes that have something due, gives each its turn, and settles.

Any number of dispatchers in any processes share the work: a lane is leased by one at a time, and a lease of a process
that died runs out. No transaction is open while a receiver is waited for.
"""

import asyncio
import contextlib
import uuid
from collections.abc import Sequence
from typing import Final

from services.broker.domain.notice import Notice
from services.broker.domain.subscription import Subscription
from services.broker.notify.backoff import Retries
from services.broker.notify.channels import open_sender
from services.broker.notify.figures import Figures
from services.broker.notify.periodic import queue_periodic
from services.broker.notify.settler import Settler
from services.broker.notify.turn import Turn, TurnRules
from services.broker.operations.broker import Broker
from services.broker.operations.notices import Notices
from services.broker.store import outbox, subscriptions
from services.broker.store.outbox import Lane, LaneKey
from services.broker.store.sealing import open_subscription
from services.kernel.errors import HubError, Unavailable
from services.kernel.postgres import Connection, session

_LEASE_S: Final = 10.0
_RENEW_S: Final = 3.0
_TURN_S: Final = 5.0
_POLL_S: Final = 0.1
_GATHER_S: Final = 0.004
_PAUSE_S: Final = 0.5
_PERIODIC_S: Final = 0.5
_SWEEP_S: Final = 60.0
_BATCH: Final = 100
_LANES: Final = 256
_LANES_A_ROUND: Final = 64
_MOST_KNOWN: Final = 20_000
_GRACE_S: Final = 2.0


class Dispatcher:
    """Delivers what is due while the service lives; `run` carries it."""

    def __init__(self, broker: Broker, notices: Notices, figures: Figures) -> None:
        self._broker = broker
        self._figures = figures
        self._due = notices.due
        self._owner = uuid.uuid4().hex
        self._settler = Settler(broker.pool, self._owner)
        self._turns: dict[LaneKey, asyncio.Task[None]] = {}
        self._known: dict[LaneKey, tuple[int, Subscription]] = {}
        self._held_until = 0.0
        settings = broker.settings
        self._retries = Retries(refusals=settings.notify_refusals, give_up_s=settings.notify_give_up_s)

    async def run(self) -> None:
        """Dispatch until cancelled; then turns have a moment to end, and what was done is settled."""
        async with open_sender(self._broker) as sender:
            endless = [self._settler.run(), self._renew(), self._queue_periodic(), self._sweep()]
            tasks = [asyncio.create_task(each) for each in endless]
            try:
                await self._dispatch(TurnRules(sender, self._retries, self._broker.clock))
            finally:
                await self._stop(tasks)

    async def _dispatch(self, rules: TurnRules) -> None:
        while True:
            try:
                started = await self._start_turns(rules)
            except HubError:
                await asyncio.sleep(_PAUSE_S)
                continue
            if not started:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_POLL_S):
                        await self._due.wait()
                self._due.clear()
            await asyncio.sleep(_GATHER_S)

    async def _start_turns(self, rules: TurnRules) -> int:
        room = min(_LANES - len(self._turns), _LANES_A_ROUND)
        if room <= 0:
            return 0
        now = asyncio.get_running_loop().time()
        async with session(self._broker.pool) as connection:
            lanes = await outbox.lease(connection, self._owner, _LEASE_S, room)
            if not lanes:
                return 0
            waiting = await outbox.waiting(connection, lanes, _BATCH)
            known = await self._subscriptions_of(connection, lanes)
        if not self._turns:  # nothing older is held: all that is held was leased just now
            self._held_until = now + _LEASE_S
        for lane in lanes:
            turn = self._take_turn(lane, known.get(lane.key), waiting[lane.key], rules)
            self._turns[lane.key] = asyncio.create_task(turn)
        return len(lanes)

    async def _subscriptions_of(self, connection: Connection, lanes: Sequence[Lane]) -> dict[LaneKey, Subscription]:
        stale: dict[int, list[str]] = {}
        for lane in lanes:
            if self._known.get(lane.key, (0,))[0] != lane.revision:
                stale.setdefault(lane.tenant_id, []).append(lane.subscription_id)
        if len(self._known) > _MOST_KNOWN:
            self._known.clear()
            return await self._subscriptions_of(connection, lanes)
        for tenant_id, ids in stale.items():
            loaded = await subscriptions.load_all(connection, tenant_id, ids)
            self._known.update({(tenant_id, each): self._opened(found) for each, found in loaded.items()})
        return {lane.key: self._known[lane.key][1] for lane in lanes if lane.key in self._known}

    def _opened(self, found: tuple[int, Subscription]) -> tuple[int, Subscription]:
        """Open what a subscription holds of secrets; where the seal is another it stays closed, and sending fails."""
        revision, subscription = found
        with contextlib.suppress(Unavailable):
            subscription = open_subscription(subscription, self._broker.seal)
        return revision, subscription

    async def _take_turn(
        self, lane: Lane, subscription: Subscription | None, notices: Sequence[Notice], rules: TurnRules
    ) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + _TURN_S
        try:
            if subscription is not None:
                turn = Turn(lane, subscription, rules)
                try:
                    await turn.take(notices, lambda: loop.time() < min(until, self._held_until))
                finally:
                    self._figures.count(turn.settlement, turn.lags_s)
                    settled = self._settler.put(turn.settlement)
                await settled
        finally:
            del self._turns[lane.key]
            self._due.set()

    async def _renew(self) -> None:
        while True:
            now = asyncio.get_running_loop().time()
            with contextlib.suppress(HubError):
                if self._turns:
                    async with session(self._broker.pool) as connection:
                        await outbox.renew(connection, self._owner, _LEASE_S, list(self._turns))
                self._held_until = now + _LEASE_S
            await asyncio.sleep(_RENEW_S)

    async def _queue_periodic(self) -> None:
        while True:
            with contextlib.suppress(HubError):
                if await queue_periodic(self._broker):
                    self._due.set()
            await asyncio.sleep(_PERIODIC_S)

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(_SWEEP_S)
            with contextlib.suppress(HubError):
                async with session(self._broker.pool) as connection:
                    await outbox.sweep(connection)

    async def _stop(self, tasks: Sequence[asyncio.Task[None]]) -> None:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        turns = list(self._turns.values())
        for turn in turns:
            turn.cancel()
        await asyncio.gather(*turns, return_exceptions=True)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_GRACE_S):
                await self._settler.flush()
