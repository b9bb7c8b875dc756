"""The actions about organizations, licences, tags and the site."""

from collections.abc import Callable, Mapping
from importlib.metadata import version
from types import MappingProxyType
from typing import Any

from services.catalog.ckan.errors import ParameterError
from services.catalog.ckan.finding import find_organization
from services.catalog.ckan.identifiers import named
from services.catalog.ckan.package import license_, organization, package
from services.catalog.ckan.parameters import (
    FIRST_PACKAGES,
    OrganizationList,
    OrganizationReference,
    Parameters,
    TagList,
)
from services.catalog.ckan.site import Visit
from services.catalog.domain.licence import LICENCES
from services.catalog.domain.query import AllOf, Field, Is, Slice, Sort, SortKey
from services.catalog.domain.search_terms import normalise
from services.catalog.store.facets import PublisherCount, count_by, publishers
from services.catalog.store.find import find
from services.catalog.store.session import reading

_CKAN_VERSION = "2.11.0"
_SORTS: Mapping[str, Callable[[PublisherCount], Any]] = MappingProxyType(
    {
        "name": lambda each: each.publisher.slug,
        "title": lambda each: each.publisher.title,
        "package_count": lambda each: each.datasets,
    }
)


async def organization_list(visit: Visit, parameters: OrganizationList) -> list[Any]:
    """Return the tenants that have packages, in alphabetical order unless another is wanted."""
    async with reading(visit.site.catalogue.engine) as connection:
        found = await publishers(connection, visit.audience)
    chosen = [each for each in found if not parameters.organizations or each.publisher.slug in parameters.organizations]
    wanted = _sorted(chosen, parameters.sort)
    end = None if parameters.limit is None else parameters.offset + parameters.limit
    part = wanted[parameters.offset : end]
    if not parameters.all_fields:
        return [each.publisher.slug for each in part]
    return [
        {**organization(each.publisher, visit.site.catalogue.addresses), "package_count": each.datasets}
        for each in part
    ]


def _sorted(found: list[PublisherCount], sort: str) -> list[PublisherCount]:
    name, _, direction = sort.strip().partition(" ")
    if name not in _SORTS or direction.strip().lower() not in ("", "asc", "desc"):
        raise ParameterError({"sort": [f"Cannot sort by {sort!r}"]})
    return sorted(found, key=_SORTS[name], reverse=direction.strip().lower() == "desc")


async def organization_show(visit: Visit, parameters: OrganizationReference) -> dict[str, Any]:
    """Return a tenant with the number of its packages."""
    catalogue = visit.site.catalogue
    found = await find_organization(visit, parameters.id)
    shown = {**organization(found.publisher, catalogue.addresses), "package_count": found.datasets}
    if parameters.include_datasets:
        part = Slice(FIRST_PACKAGES, 0, (Sort(SortKey.NAME),))
        async with reading(catalogue.engine) as connection:
            own = await find(connection, visit.audience, Is(Field.ORGANIZATION, found.publisher.slug), part)
        shown["packages"] = [package(each, catalogue.addresses, visit.site.cadde_provider) for each in own.datasets]
    return {**shown, "users": [], "tags": [], "extras": [], "groups": []}


async def license_list(visit: Visit, parameters: Parameters) -> list[dict[str, Any]]:
    """Return the licences that packages can have."""
    return [license_(licence) for licence in LICENCES.values()]


async def tag_list(visit: Visit, parameters: TagList) -> list[Any]:
    """Return the tags in use, in alphabetical order."""
    async with reading(visit.site.catalogue.engine) as connection:
        counts = await count_by(connection, visit.audience, AllOf(), Field.TAG, 0)
    wanted = normalise(parameters.query)
    found = sorted(name for name, _ in counts if wanted in normalise(name))
    if not parameters.all_fields:
        return found
    return [{"id": named("tag", name), "name": name, "display_name": name, "vocabulary_id": None} for name in found]


async def status_show(visit: Visit, parameters: Parameters) -> dict[str, Any]:
    """Return what the site is. `ckan_version` is the version whose interface is spoken."""
    return {
        "ckan_version": _CKAN_VERSION,
        "site_url": visit.site.catalogue.addresses.catalog,
        "site_title": visit.site.title,
        "site_description": visit.site.description,
        "locale_default": "ja",
        "error_emails_to": None,
        "extensions": ["hiroba"],
        "hiroba_version": version("hiroba"),
    }


async def site_read(visit: Visit, parameters: Parameters) -> bool:
    """Return that the site may be read."""
    return True
