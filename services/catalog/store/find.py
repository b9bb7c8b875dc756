"""Reading data sets. What a caller may not see is not there for them."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, TextClause, and_, func, literal, or_, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from services.catalog.domain.audience import Audience
from services.catalog.domain.dataset import Dataset, Kind
from services.catalog.domain.mention import in_question, named_by_all, told
from services.catalog.domain.query import AllOf, Condition, Slice
from services.catalog.store.appearance_tables import PUBLISHER
from services.catalog.store.conditions import selected
from services.catalog.store.expression import expression
from services.catalog.store.ordering import order_by
from services.catalog.store.rows import Row, dataset_of, publisher_of
from services.catalog.store.tables import dataset, distribution, tenant

Rows = Select[*tuple[Any, ...]]
_ALL = AllOf()
SEARCH_ONLY = {
    *("tags", "formats", "heading", "document", "terms"),
    *("title_end", "labels_end", "prose_end", "fresh_at", "analysed_as"),
}
"""The columns that searches alone read; they are no part of a data set."""
_COLUMNS = (
    *(column for column in dataset.c if column.name not in SEARCH_ONLY),
    *PUBLISHER,
)


@dataclass(frozen=True, slots=True)
class Found:
    """A part of the results and how many there are in all."""

    total: int
    datasets: tuple[Dataset, ...]


def _order(part: Slice) -> TextClause:
    return text(order_by(part.order))


def _from_visible(audience: Audience, condition: Condition, *columns: ColumnElement[Any]) -> Rows:
    joined = dataset.join(tenant, tenant.c.tenant_id == dataset.c.tenant_id)
    return select(*columns).select_from(joined).where(expression(selected(audience, condition)))


async def find(connection: AsyncConnection, audience: Audience, condition: Condition, part: Slice) -> Found:
    """Return the data sets that a condition selects, in order."""
    total = int((await connection.execute(_from_visible(audience, condition, func.count()))).scalar_one())
    if not total or not part.limit:
        return Found(total, ())
    statement = _from_visible(audience, condition, *_COLUMNS).order_by(_order(part))
    found = await _read(connection, statement.limit(part.limit).offset(part.offset))
    return Found(total, await tell(connection, audience, found))


async def names(connection: AsyncConnection, audience: Audience, condition: Condition, part: Slice) -> list[str]:
    """Return the names of the data sets that a condition selects, in order; a limit of 0 means all."""
    statement = _from_visible(audience, condition, dataset.c.name).order_by(_order(part)).offset(part.offset)
    rows = await connection.execute(statement.limit(part.limit) if part.limit else statement)
    return [str(name) for (name,) in rows]


async def read_in_order(connection: AsyncConnection, identifiers: Sequence[uuid.UUID]) -> tuple[Dataset, ...]:
    """Return the data sets of identifiers that the caller is known to see, in their order."""
    if not identifiers:
        return ()
    joined = dataset.join(tenant, tenant.c.tenant_id == dataset.c.tenant_id)
    statement = select(*_COLUMNS).select_from(joined).where(dataset.c.dataset_id.in_(identifiers))
    found = {each.dataset_id: each for each in await _read(connection, statement)}
    return tuple(found[each] for each in identifiers if each in found)


async def find_one(connection: AsyncConnection, audience: Audience, reference: str) -> Dataset | None:
    """Return a data set by its identifier or name, None if the caller sees none."""
    everything = _from_visible(audience, _ALL, *_COLUMNS)
    found = await _read(connection, everything.where(_refers(reference)))
    return (await tell(connection, audience, found[:1]))[0] if found else None


async def find_to_write(connection: AsyncConnection, tenant_name: str | None, reference: str) -> Dataset | None:
    """Return a data set in whatever state, of a tenant where one is given, locked against other writers, or None."""
    joined = dataset.join(tenant, tenant.c.tenant_id == dataset.c.tenant_id)
    statement = select(*_COLUMNS).select_from(joined).where(tenant.c.status == "active", _refers(reference))
    if tenant_name is not None:
        statement = statement.where(tenant.c.name == tenant_name)
    found = await _read(connection, statement.with_for_update(of=dataset))
    return found[0] if found else None


async def kinds_of(connection: AsyncConnection, tenant_id: int, wanted: Collection[str]) -> dict[str, Kind]:
    """Return which of some names a tenant's data sets have, each with its kind."""
    own = (dataset.c.tenant_id == tenant_id) & dataset.c.name.in_(wanted)
    rows = await connection.execute(select(dataset.c.name, dataset.c.kind).where(own))
    return {str(name): Kind(kind) for name, kind in rows}


async def find_of_tenant(
    connection: AsyncConnection, tenant_id: int, condition: ColumnElement[bool], *, lock: bool = False
) -> tuple[Dataset, ...]:
    """Return a tenant's data sets in whatever state, on request locked against other writers."""
    joined = dataset.join(tenant, tenant.c.tenant_id == dataset.c.tenant_id)
    chosen = and_(dataset.c.tenant_id == tenant_id, condition)
    statement = select(*_COLUMNS).select_from(joined).where(chosen).order_by(dataset.c.dataset_id)
    return await _read(connection, statement.with_for_update(of=dataset) if lock else statement)


async def _read(connection: AsyncConnection, statement: Rows) -> tuple[Dataset, ...]:
    rows = (await connection.execute(statement)).mappings().all()
    forms = await _distributions(connection, [row["dataset_id"] for row in rows])
    return tuple(dataset_of(row, publisher_of(row), forms[row["dataset_id"]]) for row in rows)


async def _distributions(connection: AsyncConnection, owners: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Row]]:
    found: dict[uuid.UUID, list[Row]] = defaultdict(list)
    if owners:
        statement = select(distribution).where(distribution.c.dataset_id.in_(owners))
        ordered = statement.order_by(distribution.c.dataset_id, distribution.c.position)
        for row in (await connection.execute(ordered)).mappings():
            found[row["dataset_id"]].append(row)
    return found


def _refers(reference: str) -> ColumnElement[bool]:
    try:
        return or_(dataset.c.dataset_id == uuid.UUID(reference), dataset.c.name == reference)
    except ValueError:
        return dataset.c.name == reference


async def neighbours(
    connection: AsyncConnection, audience: Audience, datasets: Sequence[Dataset]
) -> dict[str, Dataset]:
    """Return by name the series and the served data sets that data sets speak of, and those speak of in turn.

    What the caller does not see is left out.
    """
    found: dict[str, Dataset] = {}
    wanted = named_by_all(datasets)
    while wanted:
        statement = _from_visible(audience, _ALL, *_COLUMNS).where(dataset.c.name.in_(wanted))
        fresh = await _read(connection, statement)
        found |= {each.name: each for each in fresh}
        wanted = named_by_all(fresh) - found.keys()
    return found


async def tell(connection: AsyncConnection, audience: Audience, datasets: Sequence[Dataset]) -> tuple[Dataset, ...]:
    """Return data sets without the names of others that the caller does not see."""
    wanted = in_question(audience, datasets)
    if not wanted:
        return tuple(datasets)
    statement = _from_visible(audience.with_hidden(), _ALL, dataset.c.name).where(dataset.c.name.in_(wanted))
    return told(audience, datasets, {str(name) for (name,) in await connection.execute(statement)})


async def find_after(
    connection: AsyncConnection, audience: Audience, condition: Condition, after: Dataset | None, limit: int
) -> tuple[Dataset, ...]:
    """Return the next data sets in the order of their creation: for reading all without keeping a place open."""
    statement = _from_visible(audience, condition, *_COLUMNS)
    if after is not None:
        place = tuple_(dataset.c.created_at, dataset.c.dataset_id)
        statement = statement.where(place > tuple_(literal(after.created_at), literal(after.dataset_id)))
    ordered = statement.order_by(dataset.c.created_at, dataset.c.dataset_id)
    return await tell(connection, audience, await _read(connection, ordered.limit(limit)))


async def places(connection: AsyncConnection, audience: Audience, part: Slice) -> list[tuple[uuid.UUID, datetime]]:
    """Return identifiers of data sets and when they last changed, in order."""
    statement = _from_visible(audience, _ALL, dataset.c.dataset_id, dataset.c.updated_at).order_by(_order(part))
    rows = await connection.execute(statement.limit(part.limit).offset(part.offset))
    return [(identifier, changed) for identifier, changed in rows]
