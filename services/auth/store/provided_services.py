"""Services, their clients, agreements and audits in the database."""

from collections.abc import Collection
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.auth.domain.agreement import Agreement
from services.auth.domain.provided_service import Audit, ProvidedService, Status
from services.auth.store.provider_tables import agreement, provided_service, service_audit, service_client
from services.auth.store.tables import client, organisation
from services.kernel.identity.assurance import Assurance
from services.kernel.paging import Page


async def find(connection: AsyncConnection, service_id: str, *, for_update: bool = False) -> ProvidedService | None:
    """Return a service, None if there is none of that identifier."""
    statement = select(provided_service).where(provided_service.c.service_id == service_id)
    row = (await connection.execute(statement.with_for_update() if for_update else statement)).mappings().one_or_none()
    return None if row is None else _service(row)


async def page(
    connection: AsyncConnection, tenants: Collection[str], status: Status | None, part: Page
) -> tuple[list[ProvidedService], int]:
    """Return one page of the services under some tenants (`*`: all), by identifier, and how many there are."""
    conditions: list[ColumnElement[bool]] = []
    if "*" not in tenants:
        conditions.append(provided_service.c.tenant.in_(sorted(tenants)))
    if status is not None:
        conditions.append(provided_service.c.status == status)
    total = await connection.scalar(select(func.count()).select_from(provided_service).where(*conditions))
    statement = select(provided_service).where(*conditions).order_by(provided_service.c.service_id)
    rows = (await connection.execute(statement.limit(part.limit).offset(part.offset))).mappings().all()
    return [_service(row) for row in rows], total or 0


async def of_tenant(connection: AsyncConnection, tenant: str) -> list[ProvidedService]:
    """Return all services under a tenant, by identifier."""
    statement = select(provided_service).where(provided_service.c.tenant == tenant)
    rows = (await connection.execute(statement.order_by(provided_service.c.service_id))).mappings().all()
    return [_service(row) for row in rows]


async def add(connection: AsyncConnection, service: ProvidedService, now: datetime) -> ProvidedService | None:
    """Write a new service; None if its identifier is taken."""
    written = replace(service, created_at=now, modified_at=now)
    statement = insert(provided_service).values(_values(written)).on_conflict_do_nothing()
    added = await connection.scalar(statement.returning(provided_service.c.service_id))
    return None if added is None else written


async def put(connection: AsyncConnection, service: ProvidedService, now: datetime) -> ProvidedService:
    """Write a service that exists."""
    written = replace(service, modified_at=now)
    which = provided_service.c.service_id == service.service_id
    await connection.execute(update(provided_service).where(which).values(_values(written)))
    return written


async def remove(connection: AsyncConnection, service_id: str) -> None:
    """Delete a service with its clients, agreements and audits."""
    for client_id in await clients_of(connection, service_id):
        await connection.execute(delete(client).where(client.c.client_id == client_id))
    await connection.execute(delete(provided_service).where(provided_service.c.service_id == service_id))


async def organisation_in(connection: AsyncConnection, organisation_id: str) -> str | None:
    """Return the tenant of an organisation, None if there is no such organisation."""
    statement = select(organisation.c.tenant).where(organisation.c.organisation_id == organisation_id)
    found: str | None = await connection.scalar(statement)
    return found


async def attach_client(connection: AsyncConnection, service_id: str, client_id: str) -> None:
    """Make a client one of a service."""
    await connection.execute(insert(service_client).values(service_id=service_id, client_id=client_id))


async def clients_of(connection: AsyncConnection, service_id: str) -> list[str]:
    """Return the identifiers of a service's clients."""
    statement = select(service_client.c.client_id).where(service_client.c.service_id == service_id)
    return list(await connection.scalars(statement.order_by(service_client.c.client_id)))


async def service_of(connection: AsyncConnection, client_id: str) -> ProvidedService | None:
    """Return the service that a client belongs to, None for a client of its own."""
    statement = select(provided_service).join(service_client).where(service_client.c.client_id == client_id)
    row = (await connection.execute(statement)).mappings().one_or_none()
    return None if row is None else _service(row)


async def users_of(connection: AsyncConnection, service_id: str) -> list[str]:
    """Return the clients that use a service under an agreement, those of services that use it included."""
    used = agreement.c.service_id == service_id
    direct = select(agreement.c.user_client).where(used, agreement.c.user_client.is_not(None))
    through = select(service_client.c.client_id).join(
        agreement, agreement.c.user_service == service_client.c.service_id
    )
    return sorted({*await connection.scalars(direct), *await connection.scalars(through.where(used))})


async def add_agreement(connection: AsyncConnection, made: Agreement, now: datetime) -> Agreement:
    """Write a new agreement."""
    written = replace(made, created_at=now)
    values = asdict(written)
    listed = {name: list(values[name]) for name in ("actions", "types", "attributes")}
    await connection.execute(insert(agreement).values({**values, **listed}))
    return written


async def find_agreement(connection: AsyncConnection, agreement_id: str) -> Agreement | None:
    """Return an agreement, None if there is none of that identifier."""
    statement = select(agreement).where(agreement.c.agreement_id == agreement_id).with_for_update()
    row = (await connection.execute(statement)).mappings().one_or_none()
    return None if row is None else _agreement(row)


async def end_agreement(connection: AsyncConnection, agreement_id: str, now: datetime) -> None:
    """Let an agreement end at an instant; it stays on record."""
    await connection.execute(update(agreement).where(agreement.c.agreement_id == agreement_id).values(ends_at=now))


async def agreements_on(connection: AsyncConnection, service_id: str) -> list[Agreement]:
    """Return the agreements on the use of a service, the oldest first."""
    statement = select(agreement).where(agreement.c.service_id == service_id)
    rows = (await connection.execute(statement.order_by(agreement.c.created_at, agreement.c.agreement_id))).mappings()
    return [_agreement(row) for row in rows.all()]


async def agreements_for(
    connection: AsyncConnection, client_id: str, service_id: str | None
) -> list[tuple[Agreement, ProvidedService]]:
    """Return the agreements under which a client, or the service that it belongs to, uses services."""
    user = or_(agreement.c.user_client == client_id, agreement.c.user_service == service_id)
    rows = (await connection.execute(select(agreement).where(user))).mappings().all()
    found = [_agreement(row) for row in rows]
    used = {each.service_id for each in found}
    statement = select(provided_service).where(provided_service.c.service_id.in_(used))
    services = {row["service_id"]: _service(row) for row in (await connection.execute(statement)).mappings().all()}
    return [(each, services[each.service_id]) for each in found]


async def add_audit(connection: AsyncConnection, audit: Audit) -> None:
    """Write a new audit."""
    await connection.execute(insert(service_audit).values(asdict(audit)))


async def audits_of(connection: AsyncConnection, service_id: str) -> list[Audit]:
    """Return the audits of a service, the oldest first."""
    statement = select(service_audit).where(service_audit.c.service_id == service_id)
    rows = (await connection.execute(statement.order_by(service_audit.c.audited_at))).mappings().all()
    return [Audit(**row) for row in rows]


def _values(service: ProvidedService) -> dict[str, Any]:
    values = asdict(service)
    own, asked = values.pop("assurance"), values.pop("asked")
    return {
        **values,
        "purposes": list(service.purposes),
        "ial": own["ial"],
        "aal": own["aal"],
        "asked_ial": asked["ial"],
        "asked_aal": asked["aal"],
    }


def _service(row: RowMapping) -> ProvidedService:
    values = dict(row)
    own = Assurance(values.pop("ial"), values.pop("aal"))
    asked = Assurance(values.pop("asked_ial"), values.pop("asked_aal"))
    return ProvidedService(**{**values, "purposes": tuple(row["purposes"]), "assurance": own, "asked": asked})


def _agreement(row: RowMapping) -> Agreement:
    listed = {name: tuple(row[name]) for name in ("actions", "types", "attributes")}
    return Agreement(**{**row, **listed})
