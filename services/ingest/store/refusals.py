"""The refused rows of import runs in PostgreSQL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.ingest.feeds.feed import Record, Refused
from services.ingest.store.import_tables import import_refusal
from services.ingest.store.jobs import Job, keep_refused
from services.ingest.store.runs import RUNNING, ImportRun, find_run, update_run
from services.ingest.store.sessions import is_of_tenant, transaction
from services.kernel.errors import Conflict
from services.kernel.paging import Page

Key = tuple[str, int]
"""Part and row number."""


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that became no entity: where it stands, why, the field at fault, and what stood in it by column."""

    part: str
    row: int
    reason: str
    detail: str
    field: str
    cells: Mapping[str, str]


class RefusalStore:
    """The refused rows of every tenant's runs."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def list(self, tenant_name: str, run_id: int, page: Page | None = None) -> tuple[int, Sequence[RefusedRow]]:
        """Return how many rows a run has refused, and one page of them or all, in the document's order."""
        condition = _of_run(tenant_name, run_id)
        query = select(import_refusal).where(condition).order_by(import_refusal.c.part, import_refusal.c.row_number)
        if page is not None:
            query = query.limit(page.limit).offset(page.offset)
        async with transaction(self._engine) as connection:
            count = await connection.scalar(select(func.count()).select_from(import_refusal).where(condition))
            rows = (await connection.execute(query)).mappings().all()
        return count or 0, [_row(row) for row in rows]

    async def keys(self, tenant_name: str, run_id: int) -> frozenset[Key]:
        """Return which rows a run has refused."""
        query = select(import_refusal.c.part, import_refusal.c.row_number).where(_of_run(tenant_name, run_id))
        async with transaction(self._engine) as connection:
            return frozenset((row.part, row.row_number) for row in await connection.execute(query))

    async def settle(self, run: ImportRun, tenant_id: int, sent: "Sent", now: datetime) -> ImportRun:
        """Store what became of rows that were sent again. Raises Conflict for a run that is under way."""
        async with transaction(self._engine) as connection:
            known = await find_run(connection, run.tenant, run.run_id, is_locked=True)
            if known.status == RUNNING:
                raise Conflict(f"Import run {run.run_id} is under way: send its refused rows when it has ended")
            report = sent.applied_to(known.report)
            for part, number in sent.accepted:
                await _remove(connection, run, (part, number))
            job = Job(run.run_id, tenant_id, run.tenant, {}, {})
            await keep_refused(connection, job, sent.refused)
            await update_run(connection, tenant_id, run.run_id, report=report, finished_at=now)
            return await find_run(connection, run.tenant, run.run_id)


@dataclass(frozen=True, slots=True)
class Sent:
    """Rows that were sent again: accepted now, or refused again; `meanings` are their reasons' words in Japanese."""

    accepted: Sequence[Key]
    refused: Sequence[tuple[Record, Refused]]
    former: Mapping[Key, str]
    created: int = 0
    meanings: Mapping[str, str] = field(default_factory=dict)

    def applied_to(self, report: Mapping[str, Any]) -> dict[str, Any]:
        """Return a run's report after the rows that are accepted now have left the refused ones."""
        tallies = {each["reason"]: dict(each) for each in report.get("refused") or ()}
        for key in self.accepted:
            _take(tallies, self.former[key], key[1])
        for record, refusal in self.refused:
            _take(tallies, self.former[record.part, record.number], record.number)
            words = {"detail": refusal.detail, "description_ja": self.meanings.get(refusal.reason, "")}
            tally = tallies.setdefault(refusal.reason, {"reason": refusal.reason, **words, "count": 0, "rows": []})
            tally["count"] += 1
            tally["rows"] = sorted({*tally["rows"], record.number})
        left = [tally for _, tally in sorted(tallies.items()) if tally["count"]]
        return {
            **report,
            "accepted": (report.get("accepted") or 0) + len(self.accepted),
            "created": (report.get("created") or 0) + self.created,
            "corrected": (report.get("corrected") or 0) + len(self.accepted),
            "refused": left,
        }


def _take(tallies: dict[str, dict[str, Any]], reason: str, row: int) -> None:
    if tally := tallies.get(reason) or tallies.get("other"):
        tally["count"] = max(0, tally["count"] - 1)
        tally["rows"] = [each for each in tally["rows"] if each != row]


async def _remove(connection: AsyncConnection, run: ImportRun, key: Key) -> None:
    this = (import_refusal.c.part == key[0]) & (import_refusal.c.row_number == key[1])
    await connection.execute(delete(import_refusal).where(_of_run(run.tenant, run.run_id), this))


def _of_run(tenant_name: str, run_id: int) -> ColumnElement[bool]:
    return is_of_tenant(import_refusal.c.tenant_id, tenant_name) & (import_refusal.c.run_id == run_id)


def _row(row: RowMapping) -> RefusedRow:
    return RefusedRow(row["part"], row["row_number"], row["reason"], row["detail"], row["field"], row["cells"])
