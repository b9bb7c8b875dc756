"""The actions that suggest, and those that list things together with others."""

from typing import Any

from services.catalog.ckan.identifiers import named
from services.catalog.ckan.package import organization, package, tag
from services.catalog.ckan.parameters import (
    FIRST_PACKAGES,
    Autocomplete,
    Membership,
    Paging,
    TagList,
    TagReference,
    ThingReference,
)
from services.catalog.ckan.site import Visit
from services.catalog.domain.query import AllOf, AnyOf, Condition, Field, Is, Slice, Sort, SortKey, Words
from services.catalog.domain.search_terms import normalise
from services.catalog.harvest.ckan_package import identifier_of
from services.catalog.store.facets import count_by, publishers
from services.catalog.store.find import find
from services.catalog.store.publishers import active_publishers
from services.catalog.store.session import reading
from services.kernel.errors import NotFound

_BY_CHANGE = (Sort(SortKey.MODIFIED, is_descending=True),)
_MOST = 100


async def current_package_list_with_resources(visit: Visit, parameters: Paging) -> list[dict[str, Any]]:
    """Return the packages with their resources, the latest changed first; a hundred at most."""
    limit = min(_MOST if parameters.limit is None else parameters.limit, _MOST)
    async with reading(visit.site.catalogue.engine) as connection:
        found = await find(connection, visit.audience, AllOf(), Slice(limit, parameters.offset, _BY_CHANGE))
    return [package(each, visit.site.catalogue.addresses, visit.site.cadde_provider) for each in found.datasets]


async def package_autocomplete(visit: Visit, parameters: Autocomplete) -> list[dict[str, str]]:
    """Return packages whose name begins with, or whose text contains, some characters."""
    wanted: Condition = AnyOf((Is(Field.NAME, parameters.q, is_prefix=True), Words(parameters.q)))
    async with reading(visit.site.catalogue.engine) as connection:
        found = await find(connection, visit.audience, wanted, Slice(parameters.limit))
    return [
        {
            "name": each.name,
            "title": each.title,
            "match_field": "title",
            "match_displayed": f"{each.title} ({each.name})",
        }
        for each in found.datasets
    ]


async def organization_autocomplete(visit: Visit, parameters: Autocomplete) -> list[dict[str, str]]:
    """Return organizations whose name or title contains some characters."""
    wanted = normalise(parameters.q)
    async with reading(visit.site.catalogue.engine) as connection:
        found = [each.publisher for each in await publishers(connection, visit.audience)]
    chosen = [each for each in found if wanted in normalise(f"{each.slug} {each.title} {each.title_en}")]
    return [
        {"id": named("organization", each.slug), "name": each.slug, "title": each.title}
        for each in chosen[: parameters.limit]
    ]


async def organization_list_for_user(visit: Visit, parameters: Membership) -> list[dict[str, Any]]:
    """Return the organizations in which the caller may publish, for the whole or for a department."""
    if visit.principal is None:
        return []
    async with reading(visit.site.catalogue.engine) as connection:
        found = await active_publishers(connection)
    tenants = {reach.tenant for reach in visit.audience.edits}
    own = [each for each in found if "*" in tenants or each.name in tenants]
    return [{**organization(each, visit.site.catalogue.addresses), "capacity": "editor"} for each in own]


async def format_autocomplete(visit: Visit, parameters: Autocomplete) -> list[str]:
    """Return the formats of resources that contain some characters, in small letters as CKAN has them."""
    async with reading(visit.site.catalogue.engine) as connection:
        counts = await count_by(connection, visit.audience, AllOf(), Field.FORMAT, 0)
    wanted = parameters.q.strip().lower()
    found = [name.lower() for name, _ in counts if wanted in name.lower()]
    return list(dict.fromkeys(found))[: parameters.limit]


async def tag_autocomplete(visit: Visit, parameters: Autocomplete) -> list[str]:
    """Return the tags that contain some characters."""
    return [each["name"] for each in await _tags(visit, parameters.q)][: parameters.limit]


async def tag_search(visit: Visit, parameters: TagList) -> dict[str, Any]:
    """Search tags."""
    found = await _tags(visit, parameters.query)
    return {"count": len(found), "results": found}


async def tag_show(visit: Visit, parameters: TagReference) -> dict[str, Any]:
    """Return a tag, with packages that have it if they are wanted."""
    for each in await _tags(visit, "" if identifier_of(parameters.id) else parameters.id):
        if parameters.id in (each["name"], each["id"]):
            return {**each, "packages": await _tagged(visit, each["name"])} if parameters.include_datasets else each
    raise NotFound(f"Tag {parameters.id} does not exist")


async def _tagged(visit: Visit, name: str) -> list[dict[str, Any]]:
    async with reading(visit.site.catalogue.engine) as connection:
        found = await find(connection, visit.audience, Is(Field.TAG, name), Slice(FIRST_PACKAGES, 0, _BY_CHANGE))
    return [package(each, visit.site.catalogue.addresses, visit.site.cadde_provider) for each in found.datasets]


async def _tags(visit: Visit, part: str) -> list[dict[str, Any]]:
    async with reading(visit.site.catalogue.engine) as connection:
        counts = await count_by(connection, visit.audience, AllOf(), Field.TAG, 0)
    return [tag(name) for name in sorted(name for name, _ in counts if normalise(part) in normalise(name))]


async def package_relationships_list(visit: Visit, parameters: ThingReference) -> list[Any]:
    """Return no relationships: a series says what belongs together, `sources` what was made from what."""
    return []


async def vocabulary_list(visit: Visit, parameters: Paging) -> list[Any]:
    """Return no vocabularies of tags: all tags are free."""
    return []
