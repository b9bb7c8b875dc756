"""Identifiers of what has only a name here: CKAN's own code takes none but UUIDs for organizations, groups and tags.

Each is made of the name, so that it is the same in every answer, replica and installation; names are taken too.
"""

import uuid
from functools import lru_cache
from typing import Literal

from services.catalog.ckan.site import Visit
from services.catalog.domain.query import AllOf, AnyOf, Condition, Field, Is, Not
from services.catalog.domain.theme import THEMES
from services.catalog.harvest.ckan_package import identifier_of
from services.catalog.store.publishers import active_publishers
from services.catalog.store.session import reading

Thing = Literal["organization", "group", "tag"]
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:hiroba:ckan")


@lru_cache(maxsize=10_000)
def named(thing: Thing, name: str) -> str:
    """Return the identifier of something that has a name."""
    return str(uuid.uuid5(_NAMESPACE, f"{thing}:{name}"))


def group_name(reference: str) -> str:
    """Return the name of a group that is given by its identifier or name."""
    names = (code.lower() for code in THEMES)
    return next((name for name in names if named("group", name) == reference), reference)


async def organization_name(visit: Visit, reference: str) -> str:
    """Return the name of an organization that is given by its identifier or name."""
    if identifier_of(reference) is None:
        return reference
    async with reading(visit.site.catalogue.engine) as connection:
        slugs = [each.slug for each in await active_publishers(connection)]
    return next((slug for slug in slugs if named("organization", slug) == reference), reference)


async def with_names(visit: Visit, condition: Condition) -> Condition:
    """Return a condition that names organizations where it was given their identifiers."""
    match condition:
        case Is(Field.ORGANIZATION, value):
            return Is(Field.ORGANIZATION, await organization_name(visit, value), condition.is_prefix)
        case Not(inner):
            return Not(await with_names(visit, inner))
        case AllOf(conditions):
            return AllOf(tuple([await with_names(visit, each) for each in conditions]))
        case AnyOf(conditions):
            return AnyOf(tuple([await with_names(visit, each) for each in conditions]))
        case _:
            return condition
