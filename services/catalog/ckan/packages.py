"""The actions about packages."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from services.catalog.ckan.errors import SearchQueryError
from services.catalog.ckan.fields import FACETS, parse_sort
from services.catalog.ckan.finding import known_package
from services.catalog.ckan.identifiers import with_names
from services.catalog.ckan.package import package
from services.catalog.ckan.parameters import MOST_ROWS, PackageReference, PackageSearch, Paging
from services.catalog.ckan.site import Visit
from services.catalog.ckan.syntax import parse
from services.catalog.domain import file_format
from services.catalog.domain.licence import LICENCES
from services.catalog.domain.query import AllOf, Condition, Field, Intersects, Slice, Sort, SortKey
from services.catalog.domain.theme import THEMES
from services.catalog.operations.search import Results, search
from services.catalog.store.facets import publishers
from services.catalog.store.find import names
from services.catalog.store.hits import Asked
from services.catalog.store.session import reading

_BY_NAME = (Sort(SortKey.NAME),)


async def package_list(visit: Visit, parameters: Paging) -> list[str]:
    """Return the names of the packages, in alphabetical order."""
    part = Slice(parameters.limit or 0, parameters.offset, _BY_NAME)
    if parameters.limit == 0:
        return []
    async with reading(visit.site.catalogue.engine) as connection:
        return await names(connection, visit.audience, AllOf(), part)


async def package_show(visit: Visit, parameters: PackageReference) -> dict[str, Any]:
    """Return a package with its resources, tags, extras and organization."""
    found = await known_package(visit, parameters.id)
    return package(found, visit.site.catalogue.addresses, visit.site.cadde_provider)


async def package_search(visit: Visit, parameters: PackageSearch) -> dict[str, Any]:
    """Search packages: words in Japanese or English, filters, order, counts by field."""
    condition = await with_names(visit, _condition(parameters, visit.site.catalogue.clock()))
    part = Slice(min(parameters.rows, MOST_ROWS), parameters.start, parse_sort(parameters.sort))
    unknown = [name for name in parameters.facet_field if name not in FACETS]
    if unknown:
        raise SearchQueryError(f"facet.field '{unknown[0]}' is unknown")
    catalogue = visit.site.catalogue
    fields = tuple(FACETS[name] for name in dict.fromkeys(parameters.facet_field)) if parameters.facet else ()
    found = await search(catalogue, Asked(visit.audience, condition, fields, max(parameters.facet_limit, 0)), part)
    facets = await _facets(visit, parameters, found) if parameters.facet else {}
    addresses = visit.site.catalogue.addresses
    return {
        "count": found.total,
        "sort": parameters.sort,
        "facets": {name: {each["name"]: each["count"] for each in facet["items"]} for name, facet in facets.items()},
        "search_facets": facets,
        "results": [package(each, addresses, visit.site.cadde_provider) for each in found.datasets],
    }


def _condition(parameters: PackageSearch, now: datetime) -> Condition:
    filters = [text for text in (parameters.fq, *parameters.fq_list) if text.strip()]
    area = () if parameters.ext_bbox is None else (Intersects(parameters.ext_bbox),)
    wanted = (parse(text, now, fields_only=True) for text in filters)
    return AllOf((parse(parameters.q, now, fields_only=False), *wanted, *area))


async def _facets(visit: Visit, parameters: PackageSearch, found: Results) -> dict[str, dict[str, Any]]:
    facets = {}
    async with reading(visit.site.catalogue.engine) as connection:
        for name in dict.fromkeys(parameters.facet_field):
            field = FACETS[name]
            called = await _display_names(connection, visit, field)
            items = [
                {"name": value, "display_name": called.get(value, value), "count": count}
                for value, count in found.facets[field]
                if count >= parameters.facet_mincount
            ]
            facets[name] = {"title": name, "items": items}
    return facets


async def _display_names(connection: AsyncConnection, visit: Visit, field: Field) -> Mapping[str, str]:
    match field:
        case Field.ORGANIZATION:
            found = await publishers(connection, visit.audience)
            return {each.publisher.slug: each.publisher.title for each in found}
        case Field.LICENCE:
            return {licence.identifier: licence.title for licence in LICENCES.values()}
        case Field.THEME:
            return {theme.code: theme.title for theme in THEMES.values()}
        case Field.FORMAT:
            return file_format.DISPLAY_NAMES
        case _:
            return {}
