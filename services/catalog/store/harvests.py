"""Sources of harvests, their runs and their records as rows."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, delete, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or_update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.catalog.domain.dataset import Access, State
from services.catalog.domain.harvest import COUNTS, Protocol, Run, RunState, Source
from services.catalog.store.harvest_tables import harvest_record, harvest_run, harvest_source
from services.catalog.store.rows import Row
from services.catalog.store.tables import tenant

_PLAIN = ("name", "url", "unit", "every_s", "query", "is_enabled", "next_at")
_SOURCES = select(harvest_source, tenant.c.name.label("tenant_name")).join(
    tenant, tenant.c.tenant_id == harvest_source.c.tenant_id
)


async def sources_of(connection: AsyncConnection, tenant_name: str) -> list[Source]:
    """Return the sources of a tenant, by name."""
    rows = await connection.execute(_SOURCES.where(tenant.c.name == tenant_name).order_by(harvest_source.c.name))
    return [_source(row) for row in rows.mappings()]


async def source_named(connection: AsyncConnection, tenant_name: str, name: str) -> Source | None:
    """Return a source of a tenant, None if there is none."""
    found = await connection.execute(_SOURCES.where(tenant.c.name == tenant_name, harvest_source.c.name == name))
    row = found.mappings().first()
    return _source(row) if row else None


async def store_source(connection: AsyncConnection, tenant_id: int, source: Source, by: str) -> None:
    """Add a source, or write one of that name anew."""
    values = {name: getattr(source, name) for name in _PLAIN}
    values |= {"protocol": source.protocol, "state": source.state, "access": source.access}
    statement = insert_or_update(harvest_source).values(tenant_id=tenant_id, created_by=by, **values)
    await connection.execute(statement.on_conflict_do_update(index_elements=["tenant_id", "name"], set_=values))


async def remove_source(connection: AsyncConnection, source: Source) -> None:
    """Forget a source with its runs and records; its data sets stay."""
    await connection.execute(delete(harvest_source).where(harvest_source.c.source_id == source.source_id))


async def wish_for(connection: AsyncConnection, source: Source, at: datetime) -> None:
    """Have a source read as soon as a replica is free."""
    own = harvest_source.c.source_id == source.source_id
    await connection.execute(update(harvest_source).where(own).values(next_at=at))


async def claim(connection: AsyncConnection, replica: str, now: datetime, lease: timedelta) -> Source | None:
    """Take the source that is due longest and that no replica reads, None if there is none."""
    is_free = or_(harvest_source.c.leased_until.is_(None), harvest_source.c.leased_until < now)
    is_due = and_(harvest_source.c.is_enabled, harvest_source.c.next_at <= now, tenant.c.status == "active")
    due = _SOURCES.where(is_due, is_free).order_by(harvest_source.c.next_at).limit(1)
    row = (await connection.execute(due.with_for_update(of=harvest_source, skip_locked=True))).mappings().first()
    if row is None:
        return None
    source = _source(row)
    await hold(connection, source, replica, now + lease)
    return source


async def hold(connection: AsyncConnection, source: Source, replica: str, until: datetime) -> None:
    """Keep a source for a replica for longer."""
    own = harvest_source.c.source_id == source.source_id
    await connection.execute(update(harvest_source).where(own).values(leased_until=until, leased_by=replica))


async def is_held(connection: AsyncConnection, source: Source, replica: str) -> bool:
    """Tell whether a replica still has a source, and keep others from taking it until the transaction ends."""
    own = and_(harvest_source.c.source_id == source.source_id, harvest_source.c.leased_by == replica)
    return (
        await connection.execute(select(harvest_source.c.source_id).where(own).with_for_update())
    ).first() is not None


async def release(connection: AsyncConnection, source: Source, next_at: datetime | None) -> None:
    """Give a source back and say when it is read next."""
    own = harvest_source.c.source_id == source.source_id
    values = {"leased_until": None, "leased_by": "", "next_at": next_at}
    await connection.execute(update(harvest_source).where(own).values(values))


async def begin_run(connection: AsyncConnection, tenant_id: int, source: Source, now: datetime) -> Run:
    """Return the run of a source that was broken off, else a new one."""
    running = _runs(source).where(harvest_run.c.state == RunState.RUNNING).limit(1)
    row = (await connection.execute(running)).mappings().first()
    if row is not None:
        return _run(row)
    values = {
        "tenant_id": tenant_id,
        "source_id": source.source_id,
        "state": RunState.RUNNING,
        "started_at": now,
        "counts": dict.fromkeys(COUNTS, 0),
        "errors": [],
    }
    created = await connection.execute(insert(harvest_run).values(values).returning(harvest_run))
    return _run(created.mappings().one())


async def store_run(connection: AsyncConnection, run: Run) -> None:
    """Write how far a run has come."""
    values = {
        "state": run.state,
        "finished_at": run.finished_at,
        "note": run.note,
        "counts": dict(run.counts),
        "errors": [dict(each) for each in run.errors],
        "place": run.place,
    }
    await connection.execute(update(harvest_run).where(harvest_run.c.run_id == run.run_id).values(values))


async def runs_of(connection: AsyncConnection, source: Source, limit: int) -> list[Run]:
    """Return the runs of a source, the latest first."""
    rows = await connection.execute(_runs(source).limit(limit))
    return [_run(row) for row in rows.mappings()]


async def known_records(
    connection: AsyncConnection, source: Source, remote_ids: Sequence[str]
) -> dict[str, Mapping[str, Any]]:
    """Return what is known of records, by their remote identifiers."""
    own = and_(harvest_record.c.source_id == source.source_id, harvest_record.c.remote_id.in_(remote_ids))
    rows = await connection.execute(select(harvest_record).where(own))
    return {row["remote_id"]: dict(row) for row in rows.mappings()}


async def taken_uris(connection: AsyncConnection, tenant_id: int, source: Source, uris: Sequence[str]) -> set[str]:
    """Return which addresses another source of the tenant has brought already."""
    other = and_(harvest_record.c.tenant_id == tenant_id, harvest_record.c.source_id != source.source_id)
    present = and_(harvest_record.c.dataset_id.is_not(None), ~harvest_record.c.is_gone)
    statement = select(harvest_record.c.uri).where(other, present, harvest_record.c.uri.in_(uris))
    return {str(uri) for (uri,) in await connection.execute(statement)}


async def store_record(connection: AsyncConnection, row: Mapping[str, Any]) -> None:
    """Write what is known of a record."""
    statement = insert_or_update(harvest_record).values(**row)
    changed = {name: value for name, value in row.items() if name not in ("source_id", "remote_id", "tenant_id")}
    await connection.execute(statement.on_conflict_do_update(index_elements=["source_id", "remote_id"], set_=changed))


async def unseen_records(connection: AsyncConnection, source: Source, run: Run) -> list[Row]:
    """Return the records that a run did not see and that were not gone before."""
    unseen = and_(
        harvest_record.c.source_id == source.source_id, harvest_record.c.run_id != run.run_id, ~harvest_record.c.is_gone
    )
    return list((await connection.execute(select(harvest_record).where(unseen))).mappings())


async def count_present(connection: AsyncConnection, source: Source) -> int:
    """Return how many records of a source are there."""
    present = and_(harvest_record.c.source_id == source.source_id, ~harvest_record.c.is_gone)
    found = await connection.execute(select(func.count()).select_from(harvest_record).where(present))
    return int(found.scalar_one())


async def mark_gone(connection: AsyncConnection, source: Source, remote_ids: Sequence[str]) -> None:
    """Note that records are gone."""
    own = and_(harvest_record.c.source_id == source.source_id, harvest_record.c.remote_id.in_(remote_ids))
    await connection.execute(update(harvest_record).where(own).values(is_gone=True))


def _runs(source: Source) -> Select[Any]:
    return select(harvest_run).where(harvest_run.c.source_id == source.source_id).order_by(harvest_run.c.run_id.desc())


def _source(row: Row) -> Source:
    return Source(
        source_id=row["source_id"],
        tenant=row["tenant_name"],
        protocol=Protocol(row["protocol"]),
        state=State(row["state"]),
        access=Access(row["access"]),
        **{name: row[name] for name in _PLAIN},
    )


def _run(row: Row) -> Run:
    return Run(
        row["run_id"],
        RunState(row["state"]),
        row["started_at"],
        row["finished_at"],
        row["note"],
        row["counts"],
        tuple(row["errors"]),
        row["place"],
    )
