"""Read the sources that are due, one replica each, from where a broken run ended."""

import asyncio
import dataclasses
import logging
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from services.catalog.domain.dataset import State, Withdrawal
from services.catalog.domain.harvest import Page, Run, RunState, Source
from services.catalog.harvest.client import SourceClient
from services.catalog.harvest.pages import read_pages
from services.catalog.operations.catalogue import Catalogue
from services.catalog.operations.harvest_page import Work, take_page
from services.catalog.store.find import find_of_tenant
from services.catalog.store.harvests import (
    begin_run,
    claim,
    count_present,
    hold,
    is_held,
    mark_gone,
    release,
    runs_of,
    store_run,
    unseen_records,
)
from services.catalog.store.publishers import publisher, tenant_id_of
from services.catalog.store.session import writing
from services.catalog.store.tables import dataset
from services.catalog.store.write import replace
from services.kernel.errors import Conflict, HubError

EMPTY = "The source answers with nothing: nothing is withdrawn"
HALF_GONE = "More than half of the records are gone: they are withdrawn if the next run finds the same"
_LEASE = timedelta(minutes=10)
_RETRY = timedelta(hours=1)
_FEW = 10
_log = logging.getLogger("hiroba.catalog.harvest")


class LeaseLost(Conflict):
    """Another replica reads the source"""


@dataclass
class Harvester:
    """Reads sources. `policy` is where requests may go; `wake` makes it look for due sources at once."""

    catalogue: Catalogue
    policy: str
    interval_s: float
    replica: str = field(default_factory=lambda: uuid.uuid4().hex)
    wake: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Read what is due until cancelled; while the database is away, wait."""
        while True:
            self.wake.clear()
            try:
                worked = await self.read_next()
            except HubError as error:
                _log.info("Harvests wait", extra={"reason": error.detail})
                worked = False
            if not worked:
                await self._pause()

    async def _pause(self) -> None:
        try:
            await asyncio.wait_for(self.wake.wait(), self.interval_s)
        except TimeoutError:
            return

    async def read_next(self) -> bool:
        """Read the source that is due longest; tell whether there was one."""
        async with writing(self.catalogue.engine) as connection:
            source = await claim(connection, self.replica, self.catalogue.clock(), _LEASE)
        if source is None:
            return False
        try:
            await self._read(source)
        except LeaseLost:
            _log.info("Another replica reads a source", extra={"source": source.source_id})
        return True

    async def _read(self, source: Source) -> None:
        run = await self._begin(source)
        try:
            async with SourceClient(self.policy) as client:
                async for page in read_pages(client, source, run.place):
                    run = await self._take(source, run, page)
        except LeaseLost:
            raise
        except HubError as error:
            failed = dataclasses.replace(run, state=RunState.FAILED, note=error.detail)
            async with writing(self.catalogue.engine) as connection:
                await self._end(connection, source, failed)
            return
        await self._finish(source, run)

    async def _begin(self, source: Source) -> Run:
        async with writing(self.catalogue.engine) as connection:
            tenant_id = await tenant_id_of(connection, source.tenant)
            return await begin_run(connection, tenant_id or 0, source, self.catalogue.clock())

    async def _take(self, source: Source, run: Run, page: Page) -> Run:
        """Take a page and note where the next one begins, in one transaction."""
        async with writing(self.catalogue.engine) as connection:
            await self._require(connection, source)
            owner = await publisher(connection, await tenant_id_of(connection, source.tenant) or 0)
            taken = await take_page(connection, Work(self.catalogue, source, owner, run), page)
            await store_run(connection, taken)
            await hold(connection, source, self.replica, self.catalogue.clock() + _LEASE)
        return taken

    async def _require(self, connection: AsyncConnection, source: Source) -> None:
        if not await is_held(connection, source, self.replica):
            raise LeaseLost

    async def _finish(self, source: Source, run: Run) -> None:
        """Withdraw what the source no longer has, unless that looks like the source's fault."""
        async with writing(self.catalogue.engine) as connection:
            await self._require(connection, source)
            gone = await unseen_records(connection, source, run)
            refusal = await _refusal(connection, source, run, len(gone))
            if refusal:
                await self._end(connection, source, dataclasses.replace(run, state=RunState.FAILED, note=refusal))
                return
            withdrawn = 0
            identifiers = [row["dataset_id"] for row in gone if row["dataset_id"]]
            own = dataset.c.dataset_id.in_(identifiers) & (dataset.c.state == State.PUBLISHED)
            tenant_id = await tenant_id_of(connection, source.tenant) or 0
            for each in await find_of_tenant(connection, tenant_id, own, lock=True):
                changed = dataclasses.replace(
                    each,
                    state=State.WITHDRAWN,
                    withdrawn_because=Withdrawal.VANISHED,
                    updated_at=self.catalogue.clock(),
                )
                await replace(connection, changed)
                withdrawn += 1
            await mark_gone(connection, source, [row["remote_id"] for row in gone])
            counts = {**run.counts, "withdrawn": withdrawn}
            await self._end(connection, source, dataclasses.replace(run, state=RunState.DONE, counts=counts))

    async def _end(self, connection: AsyncConnection, source: Source, run: Run) -> None:
        now = self.catalogue.clock()
        await store_run(connection, dataclasses.replace(run, finished_at=now, place=""))
        await release(connection, source, _next_at(source, run, now))


async def _refusal(connection: AsyncConnection, source: Source, run: Run, gone: int) -> str:
    """Return why nothing is withdrawn, empty if it may be."""
    present = await count_present(connection, source)
    if not run.counts["seen"] and present:
        return EMPTY
    if gone <= max(_FEW, present // 2):
        return ""
    earlier = [each for each in await runs_of(connection, source, 2) if each.run_id != run.run_id]
    return "" if earlier and earlier[0].note == HALF_GONE else HALF_GONE


def _next_at(source: Source, run: Run, now: datetime) -> datetime | None:
    if source.every_s is None:
        return None
    regular = now + timedelta(seconds=source.every_s)
    return min(regular, now + _RETRY) if run.state is RunState.FAILED else regular
