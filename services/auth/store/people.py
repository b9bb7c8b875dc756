"""Users, organisations and role bindings in the database."""

from collections.abc import Collection
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, Select, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.auth.domain.role import Binding
from services.auth.domain.user import User
from services.auth.store.tables import hub_user, membership, organisation, role_binding
from services.kernel.paging import Page


async def find(connection: AsyncConnection, user_id: str, *, for_update: bool = False) -> User | None:
    """Return a user, None if there is none of that identifier; `for_update` keeps others from changing it."""
    statement = select(hub_user).where(hub_user.c.user_id == user_id)
    return await _one(connection, statement.with_for_update() if for_update else statement)


async def find_by_login(connection: AsyncConnection, login: str) -> User | None:
    """Return the user of a login name; kept from others until the transaction ends, so that failures are counted."""
    return await _one(connection, select(hub_user).where(hub_user.c.login == login).with_for_update())


async def page(connection: AsyncConnection, tenants: Collection[str], part: Page) -> tuple[list[User], int]:
    """Return one page of the users who belong to some tenants (`*`: all users), by login, and how many there are."""
    conditions = [] if "*" in tenants else [hub_user.c.tenant.in_(sorted(tenants))]
    total = await connection.scalar(select(func.count()).select_from(hub_user).where(*conditions))
    statement = select(hub_user).where(*conditions).order_by(hub_user.c.login).limit(part.limit).offset(part.offset)
    return [User(**row) for row in (await connection.execute(statement)).mappings().all()], total or 0


async def add(connection: AsyncConnection, user: User, now: datetime) -> User | None:
    """Write a new user; None if the login name is taken."""
    written = replace(user, created_at=now, modified_at=now)
    statement = insert(hub_user).values(asdict(written)).on_conflict_do_nothing().returning(hub_user.c.user_id)
    return None if await connection.scalar(statement) is None else written


async def put(connection: AsyncConnection, user: User) -> None:
    """Write a user who exists."""
    await connection.execute(update(hub_user).where(hub_user.c.user_id == user.user_id).values(asdict(user)))


async def remove(connection: AsyncConnection, user_id: str) -> None:
    """Delete a user with roles and memberships."""
    await connection.execute(delete(hub_user).where(hub_user.c.user_id == user_id))


async def add_organisation(connection: AsyncConnection, organisation_id: str, tenant: str, title: str) -> None:
    """Write a new organisation."""
    await connection.execute(organisation.insert().values(organisation_id=organisation_id, tenant=tenant, title=title))


async def organisation_tenant(connection: AsyncConnection, organisation_id: str) -> str | None:
    """Return the tenant that an organisation belongs to, None if there is no such organisation."""
    statement = select(organisation.c.tenant).where(organisation.c.organisation_id == organisation_id)
    found: str | None = await connection.scalar(statement)
    return found


async def join(connection: AsyncConnection, organisation_id: str, user_id: str) -> None:
    """Make a user a member of an organisation."""
    values = {"organisation_id": organisation_id, "user_id": user_id}
    await connection.execute(insert(membership).values(values).on_conflict_do_nothing())


async def members(connection: AsyncConnection, organisation_id: str) -> list[str]:
    """Return the users who belong to an organisation."""
    statement = select(membership.c.user_id).where(membership.c.organisation_id == organisation_id)
    return list(await connection.scalars(statement.order_by(membership.c.user_id)))


async def bind(connection: AsyncConnection, binding: Binding, now: datetime) -> Binding:
    """Write a role binding."""
    written = replace(binding, created_at=now)
    await connection.execute(role_binding.insert().values(asdict(written)))
    return written


async def find_binding(connection: AsyncConnection, binding_id: str) -> Binding | None:
    """Return who has which role where, None if the binding is not there."""
    statement = select(role_binding).where(role_binding.c.binding_id == binding_id)
    row = (await connection.execute(statement)).mappings().one_or_none()
    return None if row is None else Binding(**row)


async def unbind(connection: AsyncConnection, binding_id: str) -> None:
    """Delete a role binding."""
    await connection.execute(delete(role_binding).where(role_binding.c.binding_id == binding_id))


async def bindings_at(connection: AsyncConnection, tenants: Collection[str]) -> list[Binding]:
    """Return the role bindings at some nodes (`*`: all), the oldest first."""
    conditions = [] if "*" in tenants else [role_binding.c.tenant.in_(sorted(tenants))]
    statement = select(role_binding).where(*conditions).order_by(role_binding.c.created_at, role_binding.c.binding_id)
    return [_binding(row) for row in (await connection.execute(statement)).mappings().all()]


async def bindings_of(connection: AsyncConnection, user_id: str, now: datetime) -> list[Binding]:
    """Return the role bindings that a user has now, by itself or through an organisation."""
    organisations = select(membership.c.organisation_id).where(membership.c.user_id == user_id)
    held = or_(role_binding.c.user_id == user_id, role_binding.c.organisation_id.in_(organisations))
    lasting = or_(role_binding.c.valid_until.is_(None), role_binding.c.valid_until > now)
    statement = select(role_binding).where(held, lasting).order_by(role_binding.c.created_at)
    return [_binding(row) for row in (await connection.execute(statement)).mappings().all()]


async def _one(connection: AsyncConnection, statement: Select[Any]) -> User | None:
    row = (await connection.execute(statement)).mappings().one_or_none()
    return None if row is None else User(**row)


def _binding(row: RowMapping) -> Binding:
    return Binding(**row)
