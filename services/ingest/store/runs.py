"""Import runs in PostgreSQL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, and_, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.ingest.store.sessions import is_of_tenant, transaction
from services.ingest.store.tables import import_run, tenant
from services.kernel.errors import NotFound
from services.kernel.paging import Page

RUNNING, FINISHED, FAILED, STOPPED = "running", "finished", "failed", "stopped"
_TEXTS = ("file_name", "title", "mapping", "type", "feed", "connector")


@dataclass(frozen=True, slots=True)
class ImportRun:
    """One import of a document: `running`, `finished`, `failed` for want of a document that can be read, or `stopped`.

    `plan` says how its document is read, so that reading can go on, and refused rows be read as it was.
    """

    run_id: int
    tenant: str
    started_at: datetime
    finished_at: datetime | None
    status: str
    report: Mapping[str, Any]
    plan: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RunFilter:
    """Which runs of a tenant are meant; `text` is part of the file's name, title, type, mapping, feed or connector."""

    tenant: str
    status: str | None = None
    type: str | None = None
    connector: str | None = None
    text: str | None = None
    since: datetime | None = None


class RunStore:
    """The import runs of every tenant."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def list(self, wanted: RunFilter, page: Page) -> tuple[int, Sequence[ImportRun]]:
        """Return how many runs are meant, and one page of them, newest first."""
        condition = _condition(wanted)
        query = select(import_run).where(condition).order_by(import_run.c.run_id.desc())
        async with transaction(self._engine) as connection:
            count = await connection.scalar(select(func.count()).select_from(import_run).where(condition))
            rows = (await connection.execute(query.limit(page.limit).offset(page.offset))).mappings().all()
        return count or 0, [_run(row, wanted.tenant) for row in rows]

    async def find(self, tenant_name: str, run_id: int) -> ImportRun:
        """Return one run of a tenant. Raises NotFound."""
        async with transaction(self._engine) as connection:
            return await find_run(connection, tenant_name, run_id)

    async def find_earlier(self, tenant_name: str, entity_type: str, before: int | None) -> ImportRun | None:
        """Return the last run, before another if that is named, that made entities of a type; none without one."""
        query = select(import_run).where(_condition(RunFilter(tenant_name, type=entity_type)))
        if before is not None:
            query = query.where(import_run.c.run_id < before)
        query = query.order_by(import_run.c.run_id.desc()).limit(1)
        async with transaction(self._engine) as connection:
            row = (await connection.execute(query)).mappings().first()
        return None if row is None else _run(row, tenant_name)

    async def purge(self, before: datetime) -> int:
        """Delete runs that ended before a time, with their refused rows; return how many."""
        ended = and_(import_run.c.status != RUNNING, import_run.c.finished_at < before)
        async with transaction(self._engine) as connection:
            return int((await connection.execute(delete(import_run).where(ended))).rowcount)


async def insert_run(
    connection: AsyncConnection,
    tenant_id: int,
    started_at: datetime,
    report: Mapping[str, Any],
    plan: Mapping[str, Any],
) -> int:
    """Store a run that begins, and return its number."""
    row = {"tenant_id": tenant_id, "started_at": started_at, "status": RUNNING, "report": report, "plan": plan}
    return int(await connection.scalar(insert(import_run).values(row).returning(import_run.c.run_id)) or 0)


async def update_run(connection: AsyncConnection, tenant_id: int, run_id: int, **values: Any) -> None:
    """Change some columns of a run."""
    this = (import_run.c.run_id == run_id) & (import_run.c.tenant_id == tenant_id)
    await connection.execute(update(import_run).where(this).values(values))


async def find_run(connection: AsyncConnection, tenant_name: str, run_id: int, *, is_locked: bool = False) -> ImportRun:
    """Return one run of a tenant, locked until the end of the transaction if asked. Raises NotFound."""
    query = select(import_run).join(tenant).where(import_run.c.run_id == run_id, tenant.c.name == tenant_name)
    if is_locked:
        query = query.with_for_update(of=import_run)
    row = (await connection.execute(query)).mappings().first()
    if row is None:
        raise NotFound(f"Import run {run_id} does not exist")
    return _run(row, tenant_name)


def _condition(wanted: RunFilter) -> ColumnElement[bool]:
    report = import_run.c.report
    conditions = [is_of_tenant(import_run.c.tenant_id, wanted.tenant)]
    if wanted.status is not None:
        conditions.append(import_run.c.status == wanted.status)
    if wanted.type is not None:
        conditions.append(report["type"].astext == wanted.type)
    if wanted.connector is not None:
        conditions.append(report["connector"].astext == wanted.connector)
    if wanted.text is not None:
        conditions.append(or_(*(report[name].astext.icontains(wanted.text, autoescape=True) for name in _TEXTS)))
    if wanted.since is not None:
        conditions.append(import_run.c.started_at >= wanted.since)
    return and_(*conditions)


def _run(row: RowMapping, tenant_name: str) -> ImportRun:
    return ImportRun(
        run_id=row["run_id"],
        tenant=tenant_name,
        started_at=row["started_at"],
        finished_at=row["finished_at"],
        status=row["status"],
        report=row["report"],
        plan=row["plan"],
    )
