"""Giving new data sets their names."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from services.catalog.domain import slug
from services.catalog.store.write import lock_names, taken_names


@dataclass(frozen=True, slots=True)
class Wish:
    """The name that a new data set should have, and the key that tells it from others with the same wish."""

    name: str
    key: str


async def give_names(connection: AsyncConnection, tenant: str, wishes: Sequence[Wish]) -> list[str]:
    """Return a free name for each wish, in their order; no other transaction gets one until this one ends."""
    await lock_names(connection)
    taken = await taken_names(connection, ((wish.name, tenant, wish.key) for wish in wishes))
    given = []
    for wish in wishes:
        name = slug.choose(wish.name, tenant, wish.key, taken)
        taken[name] = tenant
        given.append(name)
    return given
