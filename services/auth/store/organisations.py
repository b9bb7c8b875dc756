"""Organisations in the database."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.auth.store.tables import membership, organisation
from services.kernel.paging import Page


@dataclass(frozen=True, slots=True)
class Organisation:
    """A department, a company, a group, with the users who belong to it."""

    organisation_id: str
    tenant: str
    title: str
    members: tuple[str, ...]


async def page(connection: AsyncConnection, tenants: Collection[str], part: Page) -> tuple[list[Organisation], int]:
    """Return one page of the organisations of some tenants (`*`: all), by tenant and title, and how many there are."""
    conditions = [] if "*" in tenants else [organisation.c.tenant.in_(sorted(tenants))]
    total = await connection.scalar(select(func.count()).select_from(organisation).where(*conditions))
    found = select(organisation).where(*conditions).order_by(organisation.c.tenant, organisation.c.title)
    paged = found.order_by(organisation.c.organisation_id).limit(part.limit).offset(part.offset)
    rows = (await connection.execute(paged)).mappings().all()
    belonging = select(membership).where(membership.c.organisation_id.in_([row["organisation_id"] for row in rows]))
    members: dict[str, list[str]] = {}
    for each in await connection.execute(belonging.order_by(membership.c.user_id)):
        members.setdefault(each.organisation_id, []).append(each.user_id)
    return [Organisation(**row, members=tuple(members.get(row["organisation_id"], ()))) for row in rows], total or 0


async def leave(connection: AsyncConnection, organisation_id: str, user_id: str) -> None:
    """Take a user out of an organisation."""
    held = membership.c
    await connection.execute(delete(membership).where(held.organisation_id == organisation_id, held.user_id == user_id))


async def remove(connection: AsyncConnection, organisation_id: str) -> None:
    """Delete an organisation with its memberships and roles."""
    await connection.execute(delete(organisation).where(organisation.c.organisation_id == organisation_id))
