"""What is left to do of import runs, and who does it: a lease that is renewed while its holder lives."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.ingest.feeds.feed import Record, Refused
from services.ingest.store.import_tables import import_job, import_refusal
from services.ingest.store.runs import RUNNING, STOPPED, find_run, insert_run, update_run
from services.ingest.store.sessions import transaction
from services.ingest.store.tables import import_run, tenant
from services.kernel.errors import Conflict

_MOST_KEPT = 100_000
_LONGEST = 2000
_LONG_AGO = datetime.fromisoformat("2000-01-01T00:00:00+00:00")


class LeaseLost(Exception):
    """Somebody else does the run now, or it was stopped"""


@dataclass(frozen=True, slots=True)
class NewRun:
    """A run that begins: its description, how its document is read, and the document."""

    tenant_id: int
    report: Mapping[str, Any]
    plan: Mapping[str, Any]
    content: bytes


@dataclass(frozen=True, slots=True)
class Job:
    """A run under way, and how many of its records are done."""

    run_id: int
    tenant_id: int
    tenant: str
    report: Mapping[str, Any]
    plan: Mapping[str, Any]
    position: int = 0


class JobStore:
    """The jobs of every tenant, seen by one holder."""

    def __init__(self, engine: AsyncEngine, holder: str, lease: timedelta) -> None:
        self._engine = engine
        self._holder = holder
        self._lease = lease

    async def begin(self, run: NewRun, tenant_name: str, now: datetime) -> Job:
        """Store a run that begins, with its document, held by this holder."""
        content = zlib.compress(run.content, 1)
        async with transaction(self._engine) as connection:
            run_id = await insert_run(connection, run.tenant_id, now, run.report, run.plan)
            row = {"run_id": run_id, "tenant_id": run.tenant_id, "content": content, "holder": self._holder}
            await connection.execute(insert(import_job).values({**row, "leased_until": now + self._lease}))
        return Job(run_id, run.tenant_id, tenant_name, run.report, run.plan)

    async def claim(self, now: datetime) -> tuple[Job, bytes] | None:
        """Take a run whose holder has gone, with its document; none if there is none."""
        due = (
            select(import_job.c.run_id)
            .where(import_job.c.leased_until < now)
            .order_by(import_job.c.run_id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        async with transaction(self._engine) as connection:
            run_id = await connection.scalar(due)
            if run_id is None:
                return None
            values = {"holder": self._holder, "leased_until": now + self._lease}
            await connection.execute(update(import_job).where(import_job.c.run_id == run_id).values(values))
            found = (
                select(import_run, import_job.c.position, import_job.c.content, tenant.c.name)
                .join_from(import_run, import_job, import_job.c.run_id == import_run.c.run_id)
                .join(tenant, tenant.c.tenant_id == import_run.c.tenant_id)
                .where(import_run.c.run_id == run_id)
            )
            row = (await connection.execute(found)).mappings().one()
        job = Job(run_id, row["tenant_id"], row["name"], row["report"], row["plan"], row["position"])
        return job, zlib.decompress(row["content"])

    async def renew(self, now: datetime) -> None:
        """Hold what this holder has for longer."""
        mine = import_job.c.holder == self._holder
        async with transaction(self._engine) as connection:
            await connection.execute(update(import_job).where(mine).values(leased_until=now + self._lease))

    async def release(self) -> None:
        """Let others take over at once what this holder has."""
        mine = import_job.c.holder == self._holder
        async with transaction(self._engine) as connection:
            await connection.execute(update(import_job).where(mine).values(leased_until=_LONG_AGO))

    async def leave(self, job: Job) -> None:
        """Let whoever has room take a run over, this holder included."""
        this = import_job.c.run_id == job.run_id
        async with transaction(self._engine) as connection:
            await connection.execute(update(import_job).where(this).values(holder="", leased_until=_LONG_AGO))

    async def advance(
        self, job: Job, position: int, report: Mapping[str, Any], refused: Sequence[tuple[Record, Refused]]
    ) -> None:
        """Store how far a run is, with its report and the rows refused on the way. Raises LeaseLost.

        Of a run's refused rows the first 100,000 are kept; the others are only counted.
        """
        async with transaction(self._engine) as connection:
            mine = (import_job.c.run_id == job.run_id) & (import_job.c.holder == self._holder)
            done = await connection.execute(update(import_job).where(mine).values(position=position))
            if not done.rowcount:
                raise LeaseLost
            await update_run(connection, job.tenant_id, job.run_id, report=report)
            if sum(each["count"] for each in report["refused"]) - len(refused) <= _MOST_KEPT:
                await keep_refused(connection, job, refused)

    async def end(self, job: Job, status: str, report: Mapping[str, Any], now: datetime) -> None:
        """Store how a run ended, and forget its document. Raises LeaseLost."""
        async with transaction(self._engine) as connection:
            mine = (import_job.c.run_id == job.run_id) & (import_job.c.holder == self._holder)
            if not (await connection.execute(delete(import_job).where(mine))).rowcount:
                raise LeaseLost
            await update_run(connection, job.tenant_id, job.run_id, status=status, finished_at=now, report=report)

    async def stop(self, tenant_name: str, run_id: int, now: datetime) -> None:
        """Stop a run where it is; what is written stays. Raises NotFound, Conflict for one that has ended."""
        async with transaction(self._engine) as connection:
            await connection.execute(delete(import_job).where(import_job.c.run_id == run_id, _is_of(tenant_name)))
            run = await find_run(connection, tenant_name, run_id, is_locked=True)
            if run.status != RUNNING:
                raise Conflict(f"Import run {run_id} has ended: {run.status}")
            this = import_run.c.run_id == run_id
            await connection.execute(update(import_run).where(this).values(status=STOPPED, finished_at=now))


def _is_of(tenant_name: str) -> Any:
    return import_job.c.tenant_id == select(tenant.c.tenant_id).where(tenant.c.name == tenant_name).scalar_subquery()


async def keep_refused(connection: AsyncConnection, job: Job, refused: Sequence[tuple[Record, Refused]]) -> None:
    """Keep refused rows with what stood in them; a later refusal of a row stands instead."""
    if not refused:
        return
    rows = [
        {
            "tenant_id": job.tenant_id,
            "run_id": job.run_id,
            "part": record.part,
            "row_number": record.number,
            "reason": refusal.reason,
            "detail": _storable(refusal.detail),
            "field": refusal.field,
            "cells": {_storable(name): _storable(cell) for name, cell in record.cells.items()},
        }
        for record, refusal in refused
    ]
    statement = upsert(import_refusal)
    changed = {name: statement.excluded[name] for name in ("reason", "detail", "field", "cells")}
    keys = ("tenant_id", "run_id", "part", "row_number")
    await connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed), rows)


def _storable(text: str) -> str:
    return text[:_LONGEST].replace("\x00", "\ufffd").encode("utf-8", "replace").decode()
