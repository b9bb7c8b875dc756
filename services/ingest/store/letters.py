"""Dead letters in PostgreSQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, delete, func, insert, select, true
from sqlalchemy.ext.asyncio import AsyncEngine

from services.ingest.domain.arrival import Address
from services.ingest.domain.letter import DeadLetter
from services.ingest.domain.refusal import Reason, Refusal
from services.ingest.store.sessions import is_of_tenant, transaction
from services.ingest.store.tables import dead_letter, tenant
from services.kernel.errors import NotFound
from services.kernel.paging import Page


@dataclass(frozen=True, slots=True)
class LetterFilter:
    """Which letters are meant. `tenant` none: every tenant's, and those whose tenant is not known."""

    tenant: str | None = None
    reason: str | None = None
    device_id: str | None = None
    since: datetime | None = None


class LetterStore:
    """The dead letters of every tenant."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def park(self, letters: Sequence[DeadLetter]) -> None:
        """Store letters, durably when this returns."""
        names = {each.tenant for each in letters if each.tenant is not None}
        known = select(tenant.c.name, tenant.c.tenant_id).where(tenant.c.name.in_(names))
        async with transaction(self._engine) as connection:
            ids = {row.name: row.tenant_id for row in await connection.execute(known)}
            await connection.execute(insert(dead_letter), [_row(each, ids) for each in letters])

    async def list(self, wanted: LetterFilter, page: Page) -> tuple[int, Sequence[DeadLetter]]:
        """Return how many letters are meant, and one page of them, newest first."""
        condition = _condition(wanted)
        query = (
            select(dead_letter, tenant.c.name.label("tenant"))
            .join_from(dead_letter, tenant, isouter=True)
            .where(condition)
            .order_by(dead_letter.c.letter_id.desc())
            .limit(page.limit)
            .offset(page.offset)
        )
        async with transaction(self._engine) as connection:
            count = await connection.scalar(select(func.count()).select_from(dead_letter).where(condition))
            rows = (await connection.execute(query)).mappings().all()
        return count or 0, [_letter(row) for row in rows]

    async def count_by_reason(self, wanted: LetterFilter) -> dict[str, int]:
        """Return the number of letters meant, by their reason."""
        query = (
            select(dead_letter.c.reason, func.count().label("letters"))
            .where(_condition(wanted))
            .group_by(dead_letter.c.reason)
            .order_by(dead_letter.c.reason)
        )
        async with transaction(self._engine) as connection:
            return {row.reason: row.letters for row in await connection.execute(query)}

    async def find(self, letter_id: int, tenant_name: str | None) -> DeadLetter:
        """Return a letter of a tenant (none: of any). Raises NotFound."""
        query = select(dead_letter, tenant.c.name.label("tenant")).join_from(dead_letter, tenant, isouter=True)
        async with transaction(self._engine) as connection:
            row = (await connection.execute(query.where(_this(letter_id, tenant_name)))).mappings().first()
        if row is None:
            raise NotFound(f"Dead letter {letter_id} does not exist")
        return _letter(row)

    async def delete(self, letter_id: int, tenant_name: str | None) -> None:
        """Remove a letter of a tenant (none: of any). Raises NotFound."""
        statement = delete(dead_letter).where(_this(letter_id, tenant_name)).returning(dead_letter.c.letter_id)
        async with transaction(self._engine) as connection:
            if (await connection.execute(statement)).first() is None:
                raise NotFound(f"Dead letter {letter_id} does not exist")

    async def purge(self, before: datetime, most: int) -> None:
        """Remove the letters received before an instant, and those beyond a number: the oldest of who has the most."""
        newest = func.row_number().over(partition_by=dead_letter.c.tenant_id, order_by=dead_letter.c.letter_id.desc())
        ranked = select(dead_letter.c.letter_id, newest.label("place")).subquery()
        beyond = select(ranked.c.letter_id).order_by(ranked.c.place, ranked.c.letter_id.desc()).offset(most)
        async with transaction(self._engine) as connection:
            await connection.execute(delete(dead_letter).where(dead_letter.c.received_at < before))
            if (await connection.scalar(select(func.count()).select_from(dead_letter)) or 0) > most:
                await connection.execute(delete(dead_letter).where(dead_letter.c.letter_id.in_(beyond)))


def _condition(wanted: LetterFilter) -> ColumnElement[bool]:
    condition: ColumnElement[bool] = true()
    if wanted.tenant is not None:
        condition &= is_of_tenant(dead_letter.c.tenant_id, wanted.tenant)
    if wanted.reason is not None:
        condition &= dead_letter.c.reason == wanted.reason
    if wanted.device_id is not None:
        condition &= dead_letter.c.device_id == wanted.device_id
    if wanted.since is not None:
        condition &= dead_letter.c.received_at >= wanted.since
    return condition


def _this(letter_id: int, tenant_name: str | None) -> ColumnElement[bool]:
    return (dead_letter.c.letter_id == letter_id) & _condition(LetterFilter(tenant_name))


def _row(letter: DeadLetter, ids: dict[str, int]) -> dict[str, Any]:
    address = letter.address
    return {
        "received_at": letter.received_at,
        "tenant_id": ids.get(letter.tenant) if letter.tenant is not None else None,
        "source": letter.source,
        "topic": letter.topic,
        "apikey": address.apikey if address else None,
        "device_id": address.device_id if address else None,
        "attribute": address.attribute if address else None,
        "payload": letter.payload,
        "payload_size": letter.payload_size,
        "reason": letter.refusal.reason.value,
        "detail": letter.refusal.detail,
    }


def _letter(row: RowMapping) -> DeadLetter:
    return DeadLetter(
        received_at=row["received_at"],
        tenant=row["tenant"],
        source=row["source"],
        topic=row["topic"],
        address=Address(row["apikey"], row["device_id"], row["attribute"]) if row["apikey"] is not None else None,
        payload=row["payload"],
        payload_size=row["payload_size"],
        refusal=Refusal(Reason(row["reason"]), row["detail"]),
        letter_id=row["letter_id"],
    )
