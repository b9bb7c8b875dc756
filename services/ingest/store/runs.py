"""Import runs in PostgreSQL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from services.ingest.store.sessions import is_of_tenant, transaction
from services.ingest.store.tables import import_run, tenant
from services.kernel.errors import NotFound
from services.kernel.paging import Page


@dataclass(frozen=True, slots=True)
class ImportRun:
    """One import of a file: `running`, `finished`, or `failed` while the broker was away."""

    run_id: int
    tenant: str
    started_at: datetime
    finished_at: datetime | None
    status: str
    report: Mapping[str, Any]


class RunStore:
    """The import runs of every tenant."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def start(self, tenant_id: int, started_at: datetime, report: Mapping[str, Any]) -> int:
        """Store a run that begins, and return its number."""
        row = {"tenant_id": tenant_id, "started_at": started_at, "status": "running", "report": dict(report)}
        async with transaction(self._engine) as connection:
            return int(await connection.scalar(insert(import_run).values(row).returning(import_run.c.run_id)) or 0)

    async def finish(self, run: ImportRun) -> None:
        """Store how a run ended."""
        this = (import_run.c.run_id == run.run_id) & is_of_tenant(import_run.c.tenant_id, run.tenant)
        values = {"finished_at": run.finished_at, "status": run.status, "report": dict(run.report)}
        async with transaction(self._engine) as connection:
            await connection.execute(update(import_run).where(this).values(values))

    async def list(self, tenant_name: str, page: Page) -> tuple[int, Sequence[ImportRun]]:
        """Return how many runs a tenant has, and one page of them, newest first."""
        condition = is_of_tenant(import_run.c.tenant_id, tenant_name)
        query = select(import_run).where(condition).order_by(import_run.c.run_id.desc())
        async with transaction(self._engine) as connection:
            count = await connection.scalar(select(func.count()).select_from(import_run).where(condition))
            rows = (await connection.execute(query.limit(page.limit).offset(page.offset))).mappings().all()
        return count or 0, [_run(row, tenant_name) for row in rows]

    async def find(self, tenant_name: str, run_id: int) -> ImportRun:
        """Return one run of a tenant. Raises NotFound."""
        query = select(import_run).join(tenant).where(import_run.c.run_id == run_id, tenant.c.name == tenant_name)
        async with transaction(self._engine) as connection:
            row = (await connection.execute(query)).mappings().first()
        if row is None:
            raise NotFound(f"Import run {run_id} does not exist")
        return _run(row, tenant_name)


def _run(row: RowMapping, tenant_name: str) -> ImportRun:
    return ImportRun(row["run_id"], tenant_name, row["started_at"], row["finished_at"], row["status"], row["report"])
