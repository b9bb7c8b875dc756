"""The dispatcher: leases lanes that have something due, gives each its turn, and settles.

Any number of dispatchers in any processes share the work: a lane is leased by one at a time, and a lease of a process
that died runs out. No transaction is open while a receiver is waited for.
"""

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Final

import asyncpg

from services.broker.domain.notice import Notice
from services.broker.domain.subscription import Subscription
from services.broker.notify.allowance import Allowance
from services.broker.notify.backoff import Retries
from services.broker.notify.channels import open_sender
from services.broker.notify.figures import Figures
from services.broker.notify.known_subscriptions import KnownSubscriptions
from services.broker.notify.lane_search import LaneSearch
from services.broker.notify.periodic import queue_periodic
from services.broker.notify.settler import Settler
from services.broker.notify.turn import Turn, TurnRules
from services.broker.operations.broker import Broker
from services.broker.operations.notices import Notices
from services.broker.store import outbox
from services.broker.store.outbox import Lane, LaneKey, Settlement
from services.kernel.errors import HubError
from services.kernel.postgres import Connection, open_pool, session

_LEASE_S: Final = 10.0
_RENEW_S: Final = 3.0
_TURN_S: Final = 1.0
_LOOK_S: Final = 0.1
_GATHER_S: Final = 0.004
_PAUSE_S: Final = 0.5
_PERIODIC_S: Final = 0.5
_SWEEP_S: Final = 60.0
_BATCH: Final = 500
_NOTICES_A_ROUND: Final = 4000
_LANES: Final = 1024
_LANES_A_ROUND: Final = 128
_GRACE_S: Final = 2.0
_POOL: Final = 4
_BY_KEY: Final = {"enable_seqscan": "off", "enable_hashjoin": "off", "enable_mergejoin": "off"}
"""A dispatcher looks up keys: its plans must not follow the statistics of tables that fill and empty all the time."""


@dataclass(frozen=True, slots=True)
class _Parts:
    """What lives as long as the dispatcher runs."""

    pool: asyncpg.Pool
    settler: Settler
    rules: TurnRules


@dataclass(frozen=True, slots=True)
class _Work:
    """A leased lane's turn to come: its first notices, whether there are probably more, and when it was leased."""

    lane: Lane
    subscription: Subscription | None
    notices: Sequence[Notice]
    has_more: bool
    since: float


class Dispatcher:
    """Delivers what is due while the service lives; `run` carries it."""

    def __init__(self, broker: Broker, notices: Notices, figures: Figures) -> None:
        self._broker = broker
        self._figures = figures
        self._due = notices.due
        self._pressure = notices.pressure
        self._owner = uuid.uuid4().hex
        self._turns: dict[LaneKey, asyncio.Task[None]] = {}
        self._known = KnownSubscriptions(broker.seal)
        self._search = LaneSearch()

    async def run(self) -> None:
        """Dispatch until cancelled; then turns have a moment to end, and what was done is settled."""
        async with _open_pool(self._broker.settings.database_url) as pool, open_sender(self._broker) as sender:
            settings = self._broker.settings
            retries = Retries(refusals=settings.notify_refusals, give_up_s=settings.notify_give_up_s)
            allowance = Allowance(self._broker.tenants, self._broker.limiter)
            rules = TurnRules(allowance, sender, retries, self._broker.clock, settings.notify_window, self._broker.pool)
            parts = _Parts(pool, Settler(pool, self._owner), rules)
            endless = [parts.settler.run(), self._renew(pool), self._queue_periodic(), _sweep(pool)]
            tasks = [asyncio.create_task(each) for each in endless]
            try:
                await self._dispatch(parts)
            finally:
                await self._stop(tasks, parts.settler)

    async def _dispatch(self, parts: _Parts) -> None:
        while True:
            self._pressure.measure(_now())
            try:
                is_busy = await self._start_turns(parts)
            except HubError:
                await asyncio.sleep(_PAUSE_S)
                continue
            if not is_busy:
                await self._due.wait(_LOOK_S)
            await asyncio.sleep(_GATHER_S)

    async def _start_turns(self, parts: _Parts) -> bool:
        """Lease lanes and start their turns; tell whether there may be more at once."""
        room = min(_LANES - len(self._turns), _LANES_A_ROUND)
        if room <= 0:
            return False
        keys = self._due.take(room, self._turns)
        is_searching = len(keys) < room and self._search.is_due(_now())
        if keys or is_searching:
            async with session(parts.pool) as connection:
                if is_searching:
                    keys += await self._search.find(connection, {*self._turns, *keys}, room - len(keys), _now())
                for work in await self._lease(connection, keys):
                    self._turns[work.lane.key] = asyncio.create_task(self._take_turn(work, parts))
        return len(keys) == room or self._search.is_due(_now())

    async def _lease(self, connection: Connection, keys: Sequence[LaneKey]) -> list[_Work]:
        since = _now()
        lanes = await outbox.lease(connection, self._owner, _LEASE_S, keys) if keys else []
        if not lanes:
            return []
        self._due.forget(lane.key for lane in lanes)
        most = min(_BATCH, _NOTICES_A_ROUND // len(lanes))
        waiting = await outbox.waiting(connection, lanes, most)
        known = await self._known.find(connection, lanes)
        found = ((lane, waiting[lane.key]) for lane in lanes)
        return [_Work(lane, known.get(lane.key), notices, len(notices) == most, since) for lane, notices in found]

    async def _take_turn(self, work: _Work, parts: _Parts) -> None:
        key, until = work.lane.key, work.since + _TURN_S
        try:
            if work.subscription is not None:
                turn = Turn(work.lane, work.subscription, parts.rules)
                if work.notices:
                    self._pressure.begin(key, (self._broker.clock() - work.notices[0].created_at).total_seconds())
                try:
                    await turn.take(work.notices, lambda: _now() < until)
                finally:
                    self._pressure.end(key, min(turn.took_s, default=0.0), has_failed=turn.has_failed)
                    self._figures.count(turn.settlement, turn.lags_s)
                    self._count(turn.settlement)
                    settled = parts.settler.put(turn.settlement)
                await settled
        finally:
            del self._turns[key]
            if work.has_more or _now() >= until:
                self._due.tell([key])
            elif key in self._due or len(self._turns) == _LANES - 1:
                self._due.wake()

    def _count(self, settlement: Settlement) -> None:
        delivered = settlement.sent - settlement.failed
        if delivered:
            self._broker.meter.count(settlement.lane.tenant_name, "", "notifications", delivered)

    async def _renew(self, pool: asyncpg.Pool) -> None:
        """Hold on to lanes whose receivers take long."""
        while True:
            await asyncio.sleep(_RENEW_S)
            with contextlib.suppress(HubError):
                if self._turns:
                    async with session(pool) as connection:
                        await outbox.renew(connection, self._owner, _LEASE_S, list(self._turns))

    async def _queue_periodic(self) -> None:
        while True:
            with contextlib.suppress(HubError):
                if await queue_periodic(self._broker):
                    self._due.wake()
            await asyncio.sleep(_PERIODIC_S)

    async def _stop(self, tasks: Sequence[asyncio.Task[None]], settler: Settler) -> None:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        turns = list(self._turns.values())
        for turn in turns:
            turn.cancel()
        await asyncio.gather(*turns, return_exceptions=True)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_GRACE_S):
                await settler.flush()


def _now() -> float:
    return asyncio.get_running_loop().time()


async def _sweep(pool: asyncpg.Pool) -> None:
    while True:
        await asyncio.sleep(_SWEEP_S)
        with contextlib.suppress(HubError):
            async with session(pool) as connection:
                await outbox.sweep(connection)


@contextlib.asynccontextmanager
async def _open_pool(url: str) -> AsyncIterator[asyncpg.Pool]:
    pool = await open_pool(url, schema="broker", size=_POOL, session_settings=_BY_KEY)
    try:
        yield pool
    finally:
        await pool.close()
