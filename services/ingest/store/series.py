"""Series in PostgreSQL: the newest edition of each, and the entities that earlier ones named."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Cast, Column, ColumnElement, Text, Update, cast, delete, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert
from sqlalchemy.ext.asyncio import AsyncEngine

from services.ingest.feeds.feed import Destination, Edition
from services.ingest.store.series_tables import series
from services.ingest.store.sessions import is_of_tenant, tenant_id_of, transaction

_MOST_OPEN = 20_000
Named = Mapping[str, str]
"""Types by entity id."""


@dataclass(frozen=True, slots=True)
class Admission:
    """Whether an edition may be written: none newer was. `former` is what earlier ones named and it has not."""

    is_admitted: bool
    former: Named


class SeriesStore:
    """The series of every tenant."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def admit(self, destination: Destination, edition: Edition, named: Named) -> Admission:
        """Note that an edition names entities, unless a newer one was written. The same one may come in parts."""
        query = select(series.c.version, series.c.named, series.c.former)
        query = query.where(_place(destination, edition)).with_for_update()
        async with transaction(self._engine) as connection:
            found = (await connection.execute(query)).one_or_none()
            if found is not None and found.version > edition.version:
                return Admission(is_admitted=False, former={})
            now_named, former = dict(named), {}
            if found is not None:
                former = dict(found.former)
                if found.version == edition.version:
                    now_named = {**found.named, **named}
                else:
                    former |= found.named
            former = {name: kind for name, kind in former.items() if name not in now_named}
            row = {
                "service_path": destination.path,
                "name": edition.series,
                "version": edition.version,
                "named": _few(now_named),
                "former": _few(former),
            }
            statement = insert(series).values(tenant_id=tenant_id_of(destination.tenant).scalar_subquery(), **row)
            changed = {name: row[name] for name in ("version", "named", "former")} | {"changed_at": func.now()}
            keys = ("tenant_id", "service_path", "name")
            await connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed))
            if named:
                await connection.execute(_taken_from_others(destination, edition, sorted(named)))
        return Admission(is_admitted=True, former=former)

    async def note_closed(self, destination: Destination, edition: Edition) -> None:
        """Note that what earlier editions left open is closed."""
        this = _place(destination, edition) & (series.c.version == edition.version)
        async with transaction(self._engine) as connection:
            await connection.execute(update(series).where(this).values(former={}))

    async def forget(self, before: datetime) -> None:
        """Delete series that have had no edition for long."""
        async with transaction(self._engine) as connection:
            await connection.execute(delete(series).where(series.c.changed_at < before))


def _taken_from_others(destination: Destination, edition: Edition, names: list[str]) -> Update:
    """Take entities out of every other series: who named an entity last is who may close it."""
    wanted = cast(names, ARRAY(Text))
    others = is_of_tenant(series.c.tenant_id, destination.tenant) & (series.c.service_path == destination.path)
    others &= (series.c.name != edition.series) & (series.c.named.has_any(wanted) | series.c.former.has_any(wanted))
    return (
        update(series)
        .where(others)
        .values(named=_without(series.c.named, wanted), former=_without(series.c.former, wanted))
    )


def _without(column: Column[Any], names: Cast[Any]) -> ColumnElement[Any]:
    return column.op("-", return_type=JSONB())(names)


def _place(destination: Destination, edition: Edition) -> ColumnElement[bool]:
    return (
        is_of_tenant(series.c.tenant_id, destination.tenant)
        & (series.c.service_path == destination.path)
        & (series.c.name == edition.series)
    )


def _few(named: Named) -> Named:
    """Keep a series within bounds; of one that names more entities, those beyond are never closed."""
    return dict(list(named.items())[:_MOST_OPEN])
