"""Tenants and the change feed in the database."""

from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, delete, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.auth.domain.open_data import OpenData
from services.auth.domain.tenant import Tenant, TenantFilter, Tombstone
from services.auth.store.tables import feed, tenant, tombstone
from services.kernel.paging import Page

CHANNEL = "hiroba_auth_tenants"
"""Channel of the notification that carries the newest position."""

_FEED = "tenants"


async def find(connection: AsyncConnection, name: str) -> Tenant | None:
    """Return a tenant, None if there is none of that name."""
    row = (await connection.execute(select(tenant).where(tenant.c.name == name))).mappings().one_or_none()
    return None if row is None else _tenant(row)


async def find_by_code(connection: AsyncConnection, code: str) -> Tenant | None:
    """Return the tenant that has a code."""
    row = (await connection.execute(select(tenant).where(tenant.c.code == code))).mappings().one_or_none()
    return None if row is None else _tenant(row)


async def page(connection: AsyncConnection, wanted: TenantFilter, part: Page) -> tuple[list[Tenant], int]:
    """Return one page of the tenants that a filter lets through, by name, and how many there are."""
    conditions = _conditions(wanted)
    total = await connection.scalar(select(func.count()).select_from(tenant).where(*conditions))
    statement = select(tenant).where(*conditions).order_by(tenant.c.name).limit(part.limit).offset(part.offset)
    rows = (await connection.execute(statement)).mappings().all()
    return [_tenant(row) for row in rows], total or 0


async def unknown_names(connection: AsyncConnection, names: set[str]) -> set[str]:
    """Return those of some names that no tenant has."""
    known = await connection.scalars(select(tenant.c.name).where(tenant.c.name.in_(names)))
    return names - set(known)


async def is_below(connection: AsyncConnection, name: str, ancestor: str) -> bool:
    """Tell whether a tenant is another one or lies below it in the tree."""
    statement = text(
        "with recursive above (name, parent) as ("
        " select name, parent from tenant where name = :name"
        " union select tenant.name, tenant.parent from tenant join above on tenant.name = above.parent"
        ") select exists (select from above where name = :ancestor)"
    )
    return bool(await connection.scalar(statement, {"name": name, "ancestor": ancestor}))


async def lock_feed(connection: AsyncConnection) -> int:
    """Let one transaction at a time change tenants, and return the last position.

    Positions are given out under this lock, which the commit releases: whoever sees a position sees all before it.
    """
    statement = select(feed.c.position).where(feed.c.name == _FEED).with_for_update()
    return int((await connection.execute(statement)).scalar_one())


async def put(connection: AsyncConnection, changed: Tenant, position: int, now: datetime) -> Tenant:
    """Write a tenant at the next position of the feed, whose lock the caller holds, and wake who waits for it."""
    written = replace(changed, created_at=changed.created_at or now, modified_at=now, position=position)
    values: dict[str, Any] = {**asdict(written), "inherits": list(written.inherits)}
    values["open_data"] = [asdict(part) for part in written.open_data]
    statement = insert(tenant).values(values)
    await connection.execute(statement.on_conflict_do_update(index_elements=[tenant.c.name], set_=values))
    await connection.execute(delete(tombstone).where(tombstone.c.name == written.name))
    await advance(connection, position)
    return written


async def advance(connection: AsyncConnection, position: int) -> None:
    """Set the feed's position, whose lock the caller holds, and wake who waits for it."""
    await connection.execute(update(feed).where(feed.c.name == _FEED).values(position=position))
    await connection.execute(select(func.pg_notify(CHANNEL, str(position))))


async def lineage(connection: AsyncConnection, name: str) -> list[str]:
    """Return the names of a tenant and of those above it in the tree, itself first; none if there is no such tenant."""
    statement = text(
        "with recursive above (name, parent, depth) as ("
        " select name, parent, 0 from tenant where name = :name"
        " union select tenant.name, tenant.parent, depth + 1 from tenant join above on tenant.name = above.parent"
        ") select name from above order by depth"
    )
    return list(await connection.scalars(statement, {"name": name}))


async def dependents(connection: AsyncConnection, name: str) -> list[str]:
    """Return the tenants directly below one, and those that it pays for."""
    names = tenant.c.parent == name, tenant.c.billing_party == name
    statement = select(tenant.c.name).where(or_(*names), tenant.c.name != name)
    return list(await connection.scalars(statement.order_by(tenant.c.name)))


async def changes_after(connection: AsyncConnection, position: int, most: int) -> tuple[int, list[Tenant | Tombstone]]:
    """Return the position that the feed has reached, and the tenants changed after one, oldest change first.

    With more than `most` changes the position is that of the last one returned.
    """
    reached = await connection.scalar(select(feed.c.position).where(feed.c.name == _FEED))
    statement = select(tenant).where(tenant.c.position > position).order_by(tenant.c.position).limit(most)
    living = [_tenant(row) for row in (await connection.execute(statement)).mappings().all()]
    gone = await _tombstones_after(connection, position, most)
    both: list[Tenant | Tombstone] = [*living, *gone]
    changes = sorted(both, key=lambda each: each.position)[:most]
    if len(changes) == most or (changes and changes[-1].position > (reached or 0)):
        reached = changes[-1].position
    return reached or 0, changes


async def _tombstones_after(connection: AsyncConnection, position: int, most: int) -> list[Tombstone]:
    statement = select(tombstone).where(tombstone.c.position > position).order_by(tombstone.c.position).limit(most)
    return [Tombstone(**row) for row in (await connection.execute(statement)).mappings().all()]


def _conditions(wanted: TenantFilter) -> list[ColumnElement[bool]]:
    given = {"parent": wanted.parent, "code": wanted.code, "kind": wanted.kind}
    return [tenant.c[name] == value for name, value in given.items() if value is not None]


def _tenant(row: RowMapping) -> Tenant:
    parts = tuple(OpenData(part["path"], tuple(part["types"]), tuple(part["attributes"])) for part in row["open_data"])
    return Tenant(**{**row, "inherits": tuple(row["inherits"]), "open_data": parts})
