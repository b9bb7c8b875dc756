"""Distributions found by themselves."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, TextClause, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.catalog.domain.audience import Audience
from services.catalog.domain.dataset import Dataset
from services.catalog.domain.distribution import Distribution
from services.catalog.store.conditions import visible
from services.catalog.store.expression import expression
from services.catalog.store.find import find_one
from services.catalog.store.tables import dataset, distribution, tenant


@dataclass(frozen=True, slots=True)
class FoundForms:
    """A part of the distributions that were found, each with its data set, and how many there are in all."""

    total: int
    forms: tuple[tuple[Dataset, Distribution], ...]


async def owner_of(connection: AsyncConnection, audience: Audience, identifier: uuid.UUID) -> Dataset | None:
    """Return the data set that has a stored distribution, None if the caller sees none."""
    statement = select(distribution.c.dataset_id).where(distribution.c.distribution_id == identifier)
    owner = (await connection.execute(statement)).scalar_one_or_none()
    return await find_one(connection, audience, str(owner)) if owner else None


async def search_forms(
    connection: AsyncConnection, audience: Audience, wanted: Mapping[str, str], limit: int, offset: int
) -> FoundForms:
    """Return the stored distributions whose columns contain texts, whatever their case."""
    joined = distribution.join(dataset, dataset.c.dataset_id == distribution.c.dataset_id)
    joined = joined.join(tenant, tenant.c.tenant_id == dataset.c.tenant_id)
    conditions: list[ColumnElement[bool] | TextClause] = [_contains(name, value) for name, value in wanted.items()]
    conditions.append(expression(visible(audience)))
    total = await connection.execute(select(func.count()).select_from(joined).where(*conditions))
    order = (dataset.c.name, distribution.c.position)
    columns = (distribution.c.dataset_id, distribution.c.distribution_id)
    statement = select(*columns).select_from(joined).where(*conditions).order_by(*order).limit(limit).offset(offset)
    found = []
    for owner, identifier in (await connection.execute(statement)).all():
        holder = await find_one(connection, audience, str(owner))
        if holder is not None:
            found += [(holder, each) for each in holder.content.distributions if each.distribution_id == identifier]
    return FoundForms(total.scalar_one(), tuple(found))


def contains(form: Distribution, name: str, value: str) -> bool:
    """Tell whether a distribution that is not stored contains a text, as the stored ones are searched."""
    return any(value.lower() in getattr(form, each).lower() for each in _searched(name))


def _contains(name: str, value: str) -> ColumnElement[bool]:
    return or_(*(distribution.c[each].icontains(value, autoescape=True) for each in _searched(name)))


def _searched(name: str) -> tuple[str, ...]:
    return (name, "download_url") if name == "access_url" else (name,)
