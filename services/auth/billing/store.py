"""Plans and invoices in the database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.auth.billing.invoice import Invoice
from services.auth.billing.plan import Plan
from services.auth.billing.shares import Known
from services.auth.billing.tables import cost_invoice, cost_plan
from services.auth.store.tables import tenant


@dataclass(frozen=True, slots=True)
class KeptInvoice:
    """An invoice with its number, and its shares once they are settled."""

    number: str
    invoice: Invoice
    settled_at: datetime | None = None
    settlement: Mapping[str, Any] | None = None


async def put_plan(connection: AsyncConnection, name: str, plan: Plan, now: datetime) -> bool:
    """Write a plan and tell whether it is new."""
    values = {"name": name, "owner": plan.owner, "document": plan.model_dump(mode="json"), "modified_at": now}
    is_new = await find_plan(connection, name) is None
    statement = insert(cost_plan).values(values)
    await connection.execute(statement.on_conflict_do_update(index_elements=[cost_plan.c.name], set_=values))
    return is_new


async def find_plan(connection: AsyncConnection, name: str) -> Plan | None:
    """Return the plan of a name, None if there is none."""
    document = await connection.scalar(select(cost_plan.c.document).where(cost_plan.c.name == name))
    return None if document is None else Plan.model_validate(document)


async def plans(connection: AsyncConnection) -> dict[str, Plan]:
    """Return all plans by name."""
    rows = await connection.execute(select(cost_plan.c.name, cost_plan.c.document).order_by(cost_plan.c.name))
    return {row.name: Plan.model_validate(row.document) for row in rows}


async def remove_plan(connection: AsyncConnection, name: str) -> None:
    """Delete a plan. Raises Conflict while invoices name it."""
    await connection.execute(delete(cost_plan).where(cost_plan.c.name == name))


async def put_invoice(connection: AsyncConnection, number: str, invoice: Invoice, now: datetime) -> None:
    """Write an invoice that is not settled."""
    document = invoice.model_dump(mode="json")
    values = {"plan": invoice.plan, "since": invoice.since, "document": document, "modified_at": now}
    statement = insert(cost_invoice).values(number=number, **values)
    await connection.execute(statement.on_conflict_do_update(index_elements=[cost_invoice.c.number], set_=values))


async def find_invoice(connection: AsyncConnection, number: str, *, for_update: bool = False) -> KeptInvoice | None:
    """Return the invoice of a number, None if there is none; `for_update` nobody else changes it meanwhile."""
    statement = select(cost_invoice).where(cost_invoice.c.number == number)
    row = (await connection.execute(statement.with_for_update() if for_update else statement)).one_or_none()
    return None if row is None else _kept(row)


async def invoices(connection: AsyncConnection, plan_names: Sequence[str]) -> list[KeptInvoice]:
    """Return the invoices of some plans, the latest first."""
    statement = select(cost_invoice).where(cost_invoice.c.plan.in_(list(plan_names)))
    rows = await connection.execute(statement.order_by(cost_invoice.c.since.desc(), cost_invoice.c.number))
    return [_kept(row) for row in rows]


async def settle(connection: AsyncConnection, number: str, settlement: Mapping[str, Any], now: datetime) -> None:
    """Keep the shares of an invoice as they are now: it is settled."""
    values = {"settled_at": now, "settlement": dict(settlement)}
    await connection.execute(update(cost_invoice).where(cost_invoice.c.number == number).values(values))


async def remove_invoice(connection: AsyncConnection, number: str) -> None:
    """Delete an invoice; its number is free again."""
    await connection.execute(delete(cost_invoice).where(cost_invoice.c.number == number))


async def known_tenants(connection: AsyncConnection, names: Sequence[str]) -> dict[str, Known]:
    """Return what is known of tenants, without their use; those that there are not are left out."""
    columns = (tenant.c.name, tenant.c.population, tenant.c.billing_party, tenant.c.title)
    rows = await connection.execute(select(*columns).where(tenant.c.name.in_(list(names))))
    return {row.name: Known(row.population, {}, row.billing_party, row.title) for row in rows}


def _kept(row: Any) -> KeptInvoice:
    return KeptInvoice(row.number, Invoice.model_validate(row.document), row.settled_at, row.settlement)
