"""The group-commit writer: concurrent writes are queued and many of one tenant share one transaction.

Each caller gets its own outcome after the commit, and one bad mutation fails nobody else. A deadlock or a key that
another writer took meanwhile repeats the transaction; a fault of the data splits it until the faulty one stands alone.
"""

import asyncio
import logging
import random
from collections import OrderedDict, deque
from collections.abc import Iterator, Sequence

import asyncpg

from services.broker.operations.mutation import Mutation, Outcome
from services.broker.operations.notices import Notices
from services.broker.operations.quotas import Rooms
from services.broker.operations.stored_answers import Result
from services.broker.operations.transaction import Submission, TakenMeanwhile, write
from services.kernel.audit import Trail
from services.kernel.clock import Clock
from services.kernel.errors import HubError, InvalidRequest, Unavailable
from services.kernel.postgres import translated
from services.kernel.telemetry import correlator

_LONGEST_QUEUE = 20_000
_TRIES = 10
_AGAIN = (TakenMeanwhile, asyncpg.DeadlockDetectedError, asyncpg.SerializationError, asyncpg.UniqueViolationError)
_log = logging.getLogger("hiroba.broker.writer")


class _Waiting:
    __slots__ = ("done", "submission")

    def __init__(self, submission: Submission) -> None:
        self.submission = submission
        self.done: asyncio.Future[list[Result]] = asyncio.get_running_loop().create_future()


class Writer:
    """Queues submissions per tenant and writes them in lanes; `run` carries it while the service lives."""

    def __init__(self, pool: asyncpg.Pool, notices: Notices, clock: Clock, *, lanes: int, batch: int) -> None:
        self._pool = pool
        self._notices = notices
        self._clock = clock
        self._lanes = lanes
        self._batch = batch
        self._queues: OrderedDict[int, deque[_Waiting]] = OrderedDict()
        self._queued = 0
        self._idle: deque[asyncio.Future[None]] = deque()
        self.rooms: Rooms | None = None
        self.trail: Trail | None = None

    @property
    def queued(self) -> int:
        """How many mutations wait."""
        return self._queued

    async def write(self, tenant_id: int, mutation: Mutation) -> Outcome:
        """Carry out one mutation and return its outcome after the commit. Raises HubError."""
        result = (await self.write_batch(tenant_id, (mutation,)))[0]
        if isinstance(result, HubError):
            raise result
        return result

    async def write_batch(
        self, tenant_id: int, mutations: Sequence[Mutation], *, key: str | None = None, once: Sequence[str] = ()
    ) -> list[Result]:
        """Carry out mutations in order and return each one's outcome or error after the commit.

        With a `key` (Idempotency-Key) that was carried out before, its answer is given again and nothing is written.
        `once` are keys of the mutations, empty where one has none: one that was carried out before is left out.
        Raises Unavailable where PostgreSQL is away or too much waits already, InvalidRequest where the key was that of
        another batch, as far as their sizes tell.
        """
        if not mutations:
            return []
        if self.rooms is not None:
            mutations = await self.rooms.limited(tenant_id, mutations)
        pause_s = self._notices.pressure.wait_s(tenant_id)
        if pause_s:
            await asyncio.sleep(pause_s)
        if self._queued + len(mutations) > _LONGEST_QUEUE:
            raise Unavailable("Too many writes wait; try again")
        waiting = _Waiting(Submission(mutations, correlator.get(), key, once))
        self._queues.setdefault(tenant_id, deque()).append(waiting)
        self._queued += len(mutations)
        while self._idle:
            lane = self._idle.popleft()
            if not lane.done():
                lane.set_result(None)
                break
        results = await waiting.done
        if len(results) != len(mutations):
            raise InvalidRequest("Idempotency-Key was that of another batch", field="Idempotency-Key")
        if self.trail is not None:
            self.trail.note_access("write", _types_written(results))
        return results

    async def run(self) -> None:
        """Write what is queued until cancelled; what waits then is refused."""
        lanes = [asyncio.create_task(self._lane()) for _ in range(self._lanes)]
        try:
            await asyncio.gather(*lanes)
        finally:
            for lane in lanes:
                lane.cancel()
            await asyncio.gather(*lanes, return_exceptions=True)
            for waiting in [each for queue in self._queues.values() for each in queue]:
                _settle(waiting, Unavailable("The context broker stops"))

    async def _lane(self) -> None:
        while True:
            while not self._queues:
                woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
                self._idle.append(woken)
                await woken
            await self._carry_out(*self._take())

    def _take(self) -> tuple[int, list[_Waiting]]:
        """Take submissions of the tenant whose turn it is, up to the size of a batch; others get their turn."""
        tenant_id, queue = self._queues.popitem(last=False)
        batch = [queue.popleft()]
        size = len(batch[0].submission.mutations)
        while queue and size + len(queue[0].submission.mutations) <= self._batch:
            batch.append(queue.popleft())
            size += len(batch[-1].submission.mutations)
        if queue:
            self._queues[tenant_id] = queue
        self._queued -= size
        return tenant_id, batch

    async def _carry_out(self, tenant_id: int, batch: list[_Waiting]) -> None:
        try:
            with translated():
                results = await self._try(tenant_id, [each.submission for each in batch])
        except asyncio.CancelledError:
            for waiting in batch:
                _settle(waiting, Unavailable("The context broker stops"))
            raise
        except Unavailable as error:
            for waiting in batch:
                _settle(waiting, error)
        except Exception as error:
            await self._split(tenant_id, batch, error)
        else:
            for waiting, result in zip(batch, results, strict=True):
                _settle(waiting, result)

    async def _try(self, tenant_id: int, submissions: Sequence[Submission]) -> list[list[Result]]:
        for attempt in range(_TRIES):
            try:
                results = await write(self._pool, self._notices, tenant_id, submissions, self._clock())
            except _AGAIN as error:
                if attempt == _TRIES - 1:
                    raise Unavailable("The write meets too many others; try again") from error
                await asyncio.sleep(random.uniform(0, 0.005 * 2**attempt))  # noqa: S311
            else:
                return results
        raise AssertionError("unreachable")

    async def _split(self, tenant_id: int, batch: list[_Waiting], error: Exception) -> None:
        """Write each submission, and then each mutation, on its own to find the one that PostgreSQL refuses."""
        if len(batch) > 1:
            for waiting in batch:
                await self._carry_out(tenant_id, [waiting])
            return
        waiting = batch[0]
        submission = waiting.submission
        if len(submission.mutations) == 1 or submission.key:
            if not isinstance(error, HubError):
                _log.error("A write fails", exc_info=error)
            _settle(waiting, error)
            return
        results: list[Result] = []
        for place, mutation in enumerate(submission.mutations):
            once = submission.once[place : place + 1]
            single = _Waiting(Submission((mutation,), submission.correlator, None, once))
            await self._carry_out(tenant_id, [single])
            results += await _result_of(single)
        _settle(waiting, results)


def _types_written(results: Sequence[Result]) -> Iterator[str]:
    for result in results:
        if isinstance(result, Outcome):
            for change in result.changes:
                yield from change.entity.types


async def _result_of(waiting: _Waiting) -> list[Result]:
    try:
        return await waiting.done
    except HubError as error:
        return [error]


def _settle(waiting: _Waiting, result: list[Result] | Exception) -> None:
    if waiting.done.done():
        return
    if isinstance(result, Exception):
        waiting.done.set_exception(result)
    else:
        waiting.done.set_result(result)
