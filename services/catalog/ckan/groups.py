"""The actions about groups, which are the themes: every package with a theme is in its group."""

from typing import Any

from services.catalog.ckan.identifiers import group_name
from services.catalog.ckan.package import group, package
from services.catalog.ckan.parameters import (
    FIRST_PACKAGES,
    Autocomplete,
    GroupList,
    GroupPackages,
    GroupReference,
    Membership,
)
from services.catalog.ckan.site import Visit
from services.catalog.domain.query import AllOf, Field, Is, Slice, Sort, SortKey
from services.catalog.domain.search_terms import normalise
from services.catalog.domain.theme import THEMES, Theme
from services.catalog.store.facets import count_by
from services.catalog.store.find import find
from services.catalog.store.session import reading
from services.kernel.errors import NotFound

_BY_NAME = (Sort(SortKey.NAME),)


async def group_list(visit: Visit, parameters: GroupList) -> list[Any]:
    """Return the groups: the themes of the EU vocabulary."""
    wanted = {name.lower() for name in parameters.groups}
    chosen = [each for each in THEMES.values() if not wanted or each.code.lower() in wanted]
    end = None if parameters.limit is None else parameters.offset + parameters.limit
    part = chosen[parameters.offset : end]
    if not parameters.all_fields:
        return [each.code.lower() for each in part]
    counts = await _counts(visit)
    return [_shown(each, counts) for each in part]


async def group_show(visit: Visit, parameters: GroupReference) -> dict[str, Any]:
    """Return a group with the number of its packages."""
    shown = {
        **_shown(theme_of(parameters.id), await _counts(visit)),
        "users": [],
        "tags": [],
        "extras": [],
        "groups": [],
    }
    if not parameters.include_datasets:
        return shown
    return {**shown, "packages": await group_package_show(visit, GroupPackages(id=parameters.id, limit=FIRST_PACKAGES))}


async def group_package_show(visit: Visit, parameters: GroupPackages) -> list[dict[str, Any]]:
    """Return the packages of a group."""
    wanted = Is(Field.THEME, theme_of(parameters.id).code)
    async with reading(visit.site.catalogue.engine) as connection:
        found = await find(connection, visit.audience, wanted, Slice(parameters.limit, 0, _BY_NAME))
    return [package(each, visit.site.catalogue.addresses, visit.site.cadde_provider) for each in found.datasets]


async def group_autocomplete(visit: Visit, parameters: Autocomplete) -> list[dict[str, Any]]:
    """Return the groups whose name or title contains some characters."""
    wanted = normalise(parameters.q)
    chosen = [each for each in THEMES.values() if wanted in normalise(f"{each.code} {each.title} {each.title_ja}")]
    return [group(each) for each in chosen[: parameters.limit]]


async def group_list_authz(visit: Visit, parameters: Membership) -> list[Any]:
    """Return no groups: nobody manages the themes, and everybody may give them to a package."""
    return []


def theme_of(name: str) -> Theme:
    """Return the theme that is a group, by the group's identifier or name. Raises NotFound."""
    theme = THEMES.get(group_name(name).upper())
    if theme is None:
        raise NotFound(f"Group {name} does not exist")
    return theme


def _shown(theme: Theme, counts: dict[str, int]) -> dict[str, Any]:
    about = {"type": "group", "is_organization": False, "approval_status": "approved", "state": "active"}
    return {**group(theme), **about, "package_count": counts.get(theme.code, 0)}


async def _counts(visit: Visit) -> dict[str, int]:
    async with reading(visit.site.catalogue.engine) as connection:
        return dict(await count_by(connection, visit.audience, AllOf(), Field.THEME, 0))
