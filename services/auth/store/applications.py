"""Applications, and what people have let them do, in the database."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.auth.domain.openid.application import Application, Details
from services.auth.store.openid_tables import application, application_consent, client_assertion, pairwise_subject
from services.kernel.paging import Page


async def find(connection: AsyncConnection, client_id: str) -> Application | None:
    """Return the application of a client, None if it signs nobody in."""
    statement = select(application).where(application.c.client_id == client_id)
    row = (await connection.execute(statement)).mappings().one_or_none()
    return None if row is None else _application(row)


async def page(
    connection: AsyncConnection, tenants: Collection[str], owner: str | None, part: Page
) -> tuple[list[Application], int]:
    """Return one page of the applications of some tenants (`*`: all) or of an owner, and how many there are."""
    conditions = _visible(tenants, owner)
    total = await connection.scalar(select(func.count()).select_from(application).where(*conditions))
    statement = select(application).where(*conditions).order_by(application.c.created_at, application.c.client_id)
    rows = (await connection.execute(statement.limit(part.limit).offset(part.offset))).mappings().all()
    return [_application(row) for row in rows], total or 0


async def of_tenant(connection: AsyncConnection, tenant: str) -> list[str]:
    """Return the clients of a tenant's applications."""
    statement = select(application.c.client_id).where(application.c.tenant == tenant)
    return list(await connection.scalars(statement.order_by(application.c.client_id)))


async def put(connection: AsyncConnection, written: Application, now: datetime) -> None:
    """Write an application, whose client exists."""
    values: dict[str, Any] = {
        "tenant": written.tenant,
        "owner": written.owner,
        "status": written.status,
        "registration_hash": written.registration_hash,
        "details": written.details.document,
        "modified_at": now,
    }
    statement = insert(application).values(client_id=written.client_id, created_at=now, **values)
    await connection.execute(statement.on_conflict_do_update(index_elements=[application.c.client_id], set_=values))


async def consented(connection: AsyncConnection, user_id: str, client_id: str) -> frozenset[str]:
    """Return what a person has let an application know and do."""
    held = application_consent.c
    statement = select(held["items"]).where(held.user_id == user_id, held.client_id == client_id)
    return frozenset(await connection.scalar(statement) or ())


async def consents_of(connection: AsyncConnection, user_id: str) -> list[tuple[Application, tuple[str, ...], datetime]]:
    """Return the applications that a person lets know and do something, with what and since when."""
    held = application_consent.c
    statement = select(application, held["items"].label("consented_items"), held.given_at)
    joined = statement.join(application_consent, held.client_id == application.c.client_id)
    rows = (await connection.execute(joined.where(held.user_id == user_id).order_by(held.given_at))).mappings().all()
    return [(_application(row), tuple(row["consented_items"]), row["given_at"]) for row in rows]


async def consent(connection: AsyncConnection, key: tuple[str, str], items: Collection[str], now: datetime) -> None:
    """Add to what a person (first of the key) lets an application know and do."""
    user_id, client_id = key
    held = sorted(await consented(connection, user_id, client_id) | set(items))
    statement = insert(application_consent).values(user_id=user_id, client_id=client_id, items=held, given_at=now)
    keys = [application_consent.c.user_id, application_consent.c.client_id]
    await connection.execute(
        statement.on_conflict_do_update(index_elements=keys, set_={"items": held, "given_at": now})
    )


async def withdraw(connection: AsyncConnection, user_id: str, client_id: str) -> None:
    """Forget what a person let an application know and do."""
    held = application_consent.c
    await connection.execute(delete(application_consent).where(held.user_id == user_id, held.client_id == client_id))


async def subject_in(connection: AsyncConnection, sector: str, user_id: str, made_up: str) -> str:
    """Return what a person is called in a sector: what was made up when it first signed in there."""
    statement = insert(pairwise_subject).values(sector=sector, user_id=user_id, subject=made_up)
    await connection.execute(statement.on_conflict_do_nothing())
    held = pairwise_subject.c
    found = await connection.scalar(select(held.subject).where(held.sector == sector, held.user_id == user_id))
    return str(found)


async def use_assertion(connection: AsyncConnection, key: tuple[str, str], expires_at: datetime, now: datetime) -> bool:
    """Note that a client (first of the key) has used an assertion; False if it was used before."""
    client_id, jti = key
    await connection.execute(delete(client_assertion).where(client_assertion.c.expires_at < now))
    statement = insert(client_assertion).values(client_id=client_id, jti=jti, expires_at=expires_at)
    written = statement.on_conflict_do_nothing().returning(client_assertion.c.jti)
    return await connection.scalar(written) is not None


async def decide(connection: AsyncConnection, client_id: str, status: str, now: datetime) -> None:
    """Write whether an application is approved."""
    statement = update(application).where(application.c.client_id == client_id)
    await connection.execute(statement.values(status=status, modified_at=now))


def _visible(tenants: Collection[str], owner: str | None) -> list[ColumnElement[bool]]:
    if "*" in tenants:
        return []
    return [or_(application.c.tenant.in_(sorted(tenants)), application.c.owner == owner)]


def _application(row: RowMapping) -> Application:
    names = Application.__dataclass_fields__
    values = {name: row[name] for name in names if name != "details"}
    return Application(**values, details=Details.of(row["details"]))
