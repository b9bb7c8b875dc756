"""Amounts in the database: taken once from each service, and added up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Date, case, cast, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.auth.metering.amounts import Dimension, Period, UsageFilter
from services.auth.metering.tables import usage, usage_source
from services.kernel.metering import STOCKS
from services.kernel.paging import Page


@dataclass(frozen=True, slots=True)
class Handed:
    """An amount as a service hands it over."""

    day: date
    tenant: str
    client: str
    kind: str
    amount: int


async def take(connection: AsyncConnection, service: str, number: int, amounts: Sequence[Handed]) -> bool:
    """Add the amounts of a service's batch, and tell whether they were new: of each number they are taken once."""
    advanced = insert(usage_source).values(service=service, number=number)
    advanced = advanced.on_conflict_do_update(
        index_elements=[usage_source.c.service],
        set_={"number": number, "taken_at": func.now()},
        where=usage_source.c.number < number,
    )
    if (await connection.execute(advanced.returning(usage_source.c.number))).first() is None:
        return False
    flows = [each for each in amounts if each.kind not in STOCKS]
    stocks = [each for each in amounts if each.kind in STOCKS]
    await _put(connection, service, flows, adds=True)
    await _put(connection, service, stocks, adds=False)
    return True


async def _put(connection: AsyncConnection, service: str, amounts: Sequence[Handed], *, adds: bool) -> None:
    if not amounts:
        return
    key = (usage.c.tenant, usage.c.day, usage.c.kind, usage.c.client, usage.c.service)
    statement = insert(usage)
    amount = statement.excluded.amount + (usage.c.amount if adds else 0)
    statement = statement.on_conflict_do_update(index_elements=key, set_={"amount": amount})
    ordered = sorted(amounts, key=lambda each: (each.tenant, each.day, each.kind, each.client))
    await connection.execute(statement, [_row(service, each) for each in ordered])


def _row(service: str, each: Handed) -> dict[str, Any]:
    names = ("tenant", "day", "kind", "client", "amount")
    return {"service": service, **{name: getattr(each, name) for name in names}}


async def add_up(
    connection: AsyncConnection, wanted: UsageFilter, by: Sequence[Dimension], part: Page
) -> tuple[list[Mapping[str, Any]], int]:
    """Return one page of sums by dimensions and kind, and how many there are; a stock's is the mean of its days."""
    shown = {name: _column(name) for name in by} | {"kind": usage.c.kind}
    daily = (
        select(*(column.label(name) for name, column in shown.items()), usage.c.day.label("each_day"))
        .add_columns(func.sum(usage.c.amount).label("amount"))
        .where(*_conditions(wanted))
        .group_by(*shown.values(), usage.c.day)
        .subquery()
    )
    names = [daily.c[name] for name in shown]
    is_stock = daily.c.kind.in_(list(STOCKS))
    amount = case((is_stock, func.round(func.avg(daily.c.amount))), else_=func.sum(daily.c.amount)).label("amount")
    sums = select(*names, amount).group_by(*names).having(func.sum(daily.c.amount) > 0).subquery()
    total = await connection.scalar(select(func.count()).select_from(sums))
    ordered = select(sums).order_by(*(sums.c[name] for name in shown)).limit(part.limit).offset(part.offset)
    rows = (await connection.execute(ordered)).mappings().all()
    return [{**row, "amount": int(row["amount"])} for row in rows], total or 0


async def totals(
    connection: AsyncConnection, period: Period, tenants: Sequence[str], kinds: Sequence[str]
) -> dict[str, dict[str, int]]:
    """Return each tenant's sums of kinds over a period: of a stock the sum of its days' figures."""
    statement = (
        select(usage.c.tenant, usage.c.kind, func.sum(usage.c.amount).label("amount"))
        .where(usage.c.day.between(period.first, period.last))
        .where(usage.c.tenant.in_(list(tenants)), usage.c.kind.in_(list(kinds)))
        .group_by(usage.c.tenant, usage.c.kind)
    )
    found: dict[str, dict[str, int]] = {tenant: dict.fromkeys(kinds, 0) for tenant in tenants}
    for row in await connection.execute(statement):
        found[row.tenant][row.kind] = int(row.amount)
    return found


async def tenants_below(connection: AsyncConnection, names: Sequence[str]) -> list[str]:
    """Return tenants and all that lie below them in the tree, by name."""
    statement = text(
        "with recursive below (name) as ("
        " select name from tenant where name = any (:names)"
        " union select tenant.name from tenant join below on tenant.parent = below.name"
        ") select name from below order by name"
    )
    return list(await connection.scalars(statement, {"names": list(names)}))


def _column(name: Dimension) -> ColumnElement[Any]:
    if name == "month":
        return func.to_char(usage.c.day, "YYYY-MM")
    return cast(usage.c.day, Date) if name == "day" else usage.c[name]


def _conditions(wanted: UsageFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [usage.c.day.between(wanted.period.first, wanted.period.last)]
    if wanted.tenants is not None:
        conditions.append(usage.c.tenant.in_(list(wanted.tenants)))
    if wanted.client is not None:
        conditions.append(usage.c.client == wanted.client)
    if wanted.service is not None:
        conditions.append(usage.c.service == wanted.service)
    if wanted.kinds:
        conditions.append(usage.c.kind.in_(list(wanted.kinds)))
    return conditions
