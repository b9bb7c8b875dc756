"""Writing entities to the broker: patient while it is away, exact about what it refuses."""

import asyncio
import logging
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.ingest.domain.refusal import Reason, Refusal
from services.ingest.operations.figures import Figures
from services.ingest.operations.patience import pause
from services.ingest.sink.port import BatchRefused, EntityBatch, EntitySink, SinkAway, SinkFails, Written

_FAILURES_BELIEVED = 5
_FAILURES_BELIEVED_OF_PARTS = 2
_log = logging.getLogger("hiroba.ingest")


@dataclass(slots=True, eq=False)
class Item:
    """One entity to write; `refusal` is set if the broker does not take it, `is_created` if it was new there.

    An item with a `key` is written once, however often it comes.
    """

    tenant: str
    path: str
    entity: Mapping[str, Any]
    key: str = ""
    refusal: Refusal | None = None
    is_created: bool = False


class Writer:
    """Writes items in order. Returns when each is committed or refused; waits as long as the broker is away.

    An entity that turns out to be new gets its service path as scope, unless it came with a scope.
    """

    def __init__(self, sink: EntitySink, figures: Figures, most_in_batch: int) -> None:
        self._sink = sink
        self._figures = figures
        self._most = most_in_batch

    async def write(self, items: Sequence[Item]) -> None:
        """Write items: tenants beside each other, each tenant's service paths one after the other."""
        lanes: dict[str, dict[str, list[Item]]] = {}
        for item in items:
            lanes.setdefault(item.tenant, {}).setdefault(item.path, []).append(item)
        await asyncio.gather(*(self._write_lane(list(paths.values())) for paths in lanes.values()))

    async def _write_lane(self, paths: Sequence[Sequence[Item]]) -> None:
        for items in paths:
            for start in range(0, len(items), self._most):
                await self._commit(items[start : start + self._most])

    async def _commit(self, items: Sequence[Item], believed: int = _FAILURES_BELIEVED) -> None:
        entities, keys = [item.entity for item in items], [item.key for item in items]
        batch = EntityBatch(items[0].tenant, items[0].path, entities, str(uuid.uuid4()), keys)
        try:
            with self._figures.writes.time():
                written = await self._deliver(batch, believed)
        except BatchRefused as error:
            await self._split(items, Refusal(Reason.BROKER_REFUSES, str(error)))
        except SinkFails as error:
            await self._split(items, Refusal(Reason.BROKER_FAILS, str(error)))
        else:
            await self._settle(items, written)
            await self._place(items)

    async def _place(self, items: Sequence[Item]) -> None:
        """Give the entities that are new their service path as scope (clause 4.18)."""
        placed = {each.entity["id"] for each in items if "scope" in each.entity}
        new = {each.entity["id"]: each for each in items if each.is_created and each.path != "/"}
        scoped = [
            Item(each.tenant, each.path, {"id": entity_id, "type": each.entity["type"], "scope": each.path})
            for entity_id, each in new.items()
            if entity_id not in placed
        ]
        if scoped:
            await self._commit(scoped)

    async def _deliver(self, batch: EntityBatch, believed: int) -> Written:
        """Send a batch until it is answered.

        Raises BatchRefused; SinkFails when a broker that is ready has failed at it `believed` times in a row.
        """
        attempt = failures = 0
        while True:
            try:
                return await self._sink.write(batch)
            except SinkFails as error:
                failures += 1
                _log.warning("The broker fails at a batch", extra={"reason": str(error), "attempt": attempt})
                if failures >= believed and await self._sink.is_reachable():
                    raise
            except SinkAway as error:
                failures = 0
                _log.warning("The broker is away; measures wait", extra={"reason": str(error), "attempt": attempt})
            self._figures.retries.labels("broker").inc()
            await pause(attempt)
            attempt += 1

    async def _split(self, items: Sequence[Item], refusal: Refusal) -> None:
        """Find the bad items of a refused batch: halves in order, down to the single ones."""
        if len(items) == 1:
            items[0].refusal = refusal
            return
        middle = len(items) // 2
        await self._commit(items[:middle], _FAILURES_BELIEVED_OF_PARTS)
        await self._commit(items[middle:], _FAILURES_BELIEVED_OF_PARTS)

    async def _settle(self, items: Sequence[Item], written: Written) -> None:
        """Note what was created and refused. An error names an id; which of its several items it means is tried."""
        for item in items:
            item.is_created = item.entity["id"] in written.created
        if not written.errors:
            return
        times = Counter(str(item.entity["id"]) for item in items)
        faults = Counter(identifier for identifier, _ in written.errors)
        words = dict(written.errors)
        for item in items:
            identifier = str(item.entity["id"])
            if faults[identifier] >= times[identifier]:
                item.refusal = Refusal(Reason.BROKER_REFUSES, words[identifier])
            elif faults[identifier]:
                await self._commit([item])
