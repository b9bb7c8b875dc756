"""Importing a document: its records become entities in the broker, in chunks whose end is stored.

A run whose process dies is taken over by the next one that looks, and goes on behind the last chunk that was stored.
Rows of the chunk that was under way have keys by run and row, so that the broker leaves out what it already has.
"""

import asyncio
import contextlib
import logging
import zlib
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import islice
from typing import Any, TypeVar

from services.ingest.feeds.feed import Destination, Record, Refused
from services.ingest.importing.mapping import Mapping
from services.ingest.importing.report import Report, report_of
from services.ingest.importing.shelf import MappingShelf
from services.ingest.operations.document import Opened, Opener, Sending
from services.ingest.operations.editions import Editions
from services.ingest.operations.patience import pause
from services.ingest.operations.writing import Item, Writer
from services.ingest.store.jobs import Job, JobStore, LeaseLost, NewRun
from services.ingest.store.mappings import MappingStore
from services.ingest.store.runs import FAILED, FINISHED, RUNNING, ImportRun, RunStore
from services.ingest.store.series import SeriesStore
from services.kernel.clock import Clock
from services.kernel.errors import HubError, Unavailable
from services.kernel.tenancy import TenantDirectory

T = TypeVar("T")
LEASE = timedelta(seconds=30)
_RENEW_S = 10.0
_CHUNK = 1000
_LANES = 4
_FEW = 200
_AT_ONCE = 2
_MOST_OPEN = 8
_log = logging.getLogger("hiroba.ingest")


@dataclass(frozen=True, slots=True)
class ImportStores:
    """Where runs, their jobs and tenants' mappings are."""

    runs: RunStore
    jobs: JobStore
    mappings: MappingStore
    series: SeriesStore


class Importing:
    """Imports documents. The same one again updates the same entities."""

    def __init__(
        self, tenants: TenantDirectory, stores: ImportStores, writer: Writer, opener: Opener, clock: Clock
    ) -> None:
        self._tenants = tenants
        self._stores = stores
        self._editions = Editions(stores.series)
        self._writer = writer
        self._opener = opener
        self._clock = clock
        self._own: MappingShelf = MappingShelf(())
        self._places = asyncio.Semaphore(_AT_ONCE)
        self._under_way: dict[int, asyncio.Task[None]] = {}

    def with_mappings(self, shelf: MappingShelf) -> "Importing":
        """Use the mappings that come with ingest."""
        self._own = shelf
        return self

    async def shelf(self, tenant: str) -> MappingShelf:
        """Return the mappings that a tenant can use, its own first."""
        documents = await self._stores.mappings.all(tenant)
        return self._own.with_own([Mapping.model_validate(each) for each in documents])

    async def open(self, sending: Sending, tenant: str) -> Opened:
        """Open a document. Raises InvalidRequest if it cannot be read, NotFound for an unknown mapping or feed."""
        shelf = await self.shelf(tenant)
        return await asyncio.to_thread(self._opener.open, sending, shelf)

    async def try_out(self, opened: Opened, destination: Destination, sending: Sending) -> dict[str, Any]:
        """Read a document without writing anything, and return the report that an import would have."""
        report = Report()

        def read() -> None:
            for record in opened.records(destination):
                report.note(record, record.refusal)

        await asyncio.to_thread(read)
        told = {**_described(opened, sending), **report.document(opened.repairs)}
        warning = await self._clash(destination.tenant, told)
        return {**told, "warnings": [warning]} if warning else told

    async def begin(self, opened: Opened, destination: Destination, sending: Sending) -> ImportRun:
        """Store a run and start it. Raises UnknownTenant."""
        known = await self._tenants.find_or_create(destination.tenant)
        described = {**_described(opened, sending), **Report().document(opened.repairs)}
        plan = {**sending.plan(opened), "path": destination.path}
        now = self._clock()
        job = await self._stores.jobs.begin(
            NewRun(known.tenant_id, described, plan, sending.content), destination.tenant, now
        )
        if warning := await self._clash(destination.tenant, described, before=job.run_id):
            job = replace(job, report={**job.report, "warnings": [warning]})
        if len(self._under_way) < _MOST_OPEN:
            self._start(job, opened)
        else:
            await self._stores.jobs.leave(job)
        return ImportRun(job.run_id, destination.tenant, now, None, RUNNING, job.report, plan)

    async def wait(self, run: ImportRun, longest_s: float) -> ImportRun:
        """Return a run when it has ended, or as it is after some time."""
        task = self._under_way.get(run.run_id)
        if task is not None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(task), longest_s)
        return await self._stores.runs.find(run.tenant, run.run_id)

    async def run(self) -> None:
        """Take over runs whose process has gone, and hold those of this one; ends when it is cancelled."""
        try:
            while True:
                try:
                    await self.look()
                except Unavailable as error:
                    _log.warning("The database is away; imports wait", extra={"reason": str(error)})
                await asyncio.sleep(_RENEW_S)
        finally:
            for task in self._under_way.values():
                task.cancel()
            await asyncio.gather(*self._under_way.values(), return_exceptions=True)
            with contextlib.suppress(Unavailable):
                await self._stores.jobs.release()

    async def look(self) -> None:
        """Hold what is under way for longer, and take over what nobody does, as far as there is room."""
        await self._stores.jobs.renew(self._clock())
        while len(self._under_way) < _AT_ONCE:
            found = await self._stores.jobs.claim(self._clock())
            if found is None:
                return
            job, content = found
            _log.info("An import goes on", extra={"run": job.run_id, "position": job.position})
            await self._reopen(job, content)

    async def _reopen(self, job: Job, content: bytes) -> None:
        try:
            shelf = await self.shelf(job.tenant)
            opened = await asyncio.to_thread(self._opener.reopen, content, job.plan, shelf)
        except HubError as error:
            report = {**job.report, "error": error.detail}
            await self._stores.jobs.end(job, FAILED, report, self._clock())
        else:
            self._start(job, opened)

    def _start(self, job: Job, opened: Opened) -> None:
        task = asyncio.create_task(self._work(job, opened))
        self._under_way[job.run_id] = task
        task.add_done_callback(lambda _: self._under_way.pop(job.run_id, None))

    async def _work(self, job: Job, opened: Opened) -> None:
        async with self._places:
            try:
                await self._import(job, opened)
            except LeaseLost:
                _log.info("An import is no longer ours", extra={"run": job.run_id})
            except HubError as error:
                await self._fail(job, error.detail)
            except (ArithmeticError, LookupError, TypeError, ValueError, zlib.error) as error:
                _log.exception("An import fails", extra={"run": job.run_id})
                await self._fail(job, f"The document cannot be read: {type(error).__name__}")

    async def _fail(self, job: Job, words: str) -> None:
        report = {**dict((await self._stores.runs.find(job.tenant, job.run_id)).report), "error": words}
        with contextlib.suppress(LeaseLost):
            await self._stores.jobs.end(job, FAILED, report, self._clock())

    async def _import(self, job: Job, opened: Opened) -> None:
        report, position = report_of(job.report), job.position
        destination = Destination(job.tenant, str(job.plan["path"]))
        records = islice(opened.records(destination), position, None)
        read = asyncio.ensure_future(asyncio.to_thread(_next, records))
        while chunk := await read:
            read = asyncio.ensure_future(asyncio.to_thread(_next, records))  # while this one is written
            refused = await self._write(job, destination, chunk, report)
            position += len(chunk)
            document = {**job.report, **report.document(opened.repairs)}
            await _patiently(lambda: self._stores.jobs.advance(job, position, document, refused))  # noqa: B023
        document = {**job.report, **report.document(opened.repairs)}
        await _patiently(lambda: self._stores.jobs.end(job, FINISHED, document, self._clock()))

    async def _write(
        self, job: Job, destination: Destination, chunk: Sequence[Record], report: Report
    ) -> list[tuple[Record, Refused]]:
        """Write a chunk's entities, note every record, and return the refused ones."""
        admitted = await _patiently(lambda: self._editions.admit(destination, chunk))
        chunk = admitted.records
        items = {
            place: Item(destination.tenant, destination.path, record.entity, record.key or _key(job, record))
            for place, record in enumerate(chunk)
            if record.entity is not None
        }
        await write_in_lanes(self._writer, list(items.values()))
        if admitted.closes:
            await write_in_lanes(self._writer, list(admitted.closing))
            await _patiently(lambda: self._editions.note_closed(destination, admitted))
        refused = []
        for place, record in enumerate(chunk):
            item = items.get(place)
            refusal = record.refusal
            if item is not None and item.refusal is not None:
                refusal = Refused(item.refusal.reason.value, item.refusal.detail)
            report.note(record, refusal, is_created=item is not None and item.is_created)
            if refusal is not None:
                refused.append((record, refusal))
        return refused

    async def _clash(self, tenant: str, report: dict[str, Any], before: int | None = None) -> str:
        """Say so if another file's rows have been entities of this type: rows with the same numbers become one."""
        entity_type, name = str(report.get("type", "")), str(report.get("file_name") or "")
        if not name or report.get("named_by") not in ("number", "name"):
            return ""
        earlier = await self._stores.runs.find_earlier(tenant, entity_type, before)
        former = str(earlier.report.get("file_name") or "") if earlier is not None else ""
        if earlier is None or not former or _stem(former) == _stem(name):
            return ""
        return (
            f"Import {earlier.run_id} made entities of type {entity_type} from {former}: "
            "rows with the same number or name are the same entities; say another type to keep them apart"
        )


def _stem(name: str) -> str:
    return "".join(letter for letter in name.rpartition(".")[0] if not letter.isdigit()).strip("_-. ").lower()


def _described(opened: Opened, sending: Sending) -> dict[str, Any]:
    told = {"file_name": sending.wanted.file_name, "size": opened.size, **sending.more}
    return {**told, **opened.description()}


def _next(records: Iterator[Record]) -> list[Record]:
    return list(islice(records, _CHUNK))


def _key(job: Job, record: Record) -> str:
    return f"import-{job.run_id}-{zlib.crc32(record.part.encode()):x}-{record.number}"


async def write_in_lanes(writer: Writer, items: Sequence[Item]) -> None:
    """Write items, several batches at a time if there are many; those of one entity stay in their order."""
    if len(items) <= _FEW:
        await writer.write(items)
        return
    lanes: list[list[Item]] = [[] for _ in range(_LANES)]
    for item in items:
        lanes[zlib.crc32(str(item.entity["id"]).encode()) % _LANES].append(item)
    await asyncio.gather(*(writer.write(lane) for lane in lanes if lane))


async def _patiently(work: Callable[[], Awaitable[T]]) -> T:
    """Store or read something, trying again while the database is away."""
    attempt = 0
    while True:
        try:
            return await work()
        except Unavailable as error:
            _log.warning("The database is away; an import waits", extra={"reason": str(error), "attempt": attempt})
            await pause(attempt)
            attempt += 1
