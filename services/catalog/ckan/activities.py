"""The actions about what happened: a published version of a package is an activity.

Who published it is told to those who look after the package, and to oneself.
"""

from collections.abc import Mapping
from typing import Any

from services.catalog.ckan.activity_parameters import ActivityList, ActivityReference, RecentActivities
from services.catalog.ckan.finding import find_organization, find_package
from services.catalog.ckan.groups import theme_of
from services.catalog.ckan.package import naive, package
from services.catalog.ckan.site import Visit
from services.catalog.ckan.users import known
from services.catalog.domain.dataset import Dataset
from services.catalog.domain.query import AllOf, Condition, Field, Is, Slice
from services.catalog.domain.version import Version
from services.catalog.store.activities import Period, activities
from services.catalog.store.find import read_in_order, tell
from services.catalog.store.session import reading
from services.catalog.store.versions import version_of
from services.kernel.errors import NotAllowed, NotFound

_NEW, _CHANGED = "new package", "changed package"


async def package_activity_list(visit: Visit, parameters: ActivityList) -> list[dict[str, Any]]:
    """Return what happened to a package, the latest first."""
    found = await find_package(visit, visit.audience, parameters.id)
    return await _list(visit, parameters, Is(Field.IDENTIFIER, str(found.dataset_id)))


async def organization_activity_list(visit: Visit, parameters: ActivityList) -> list[dict[str, Any]]:
    """Return what happened to the packages of an organization, the latest first."""
    found = await find_organization(visit, parameters.id)
    return await _list(visit, parameters, Is(Field.ORGANIZATION, found.publisher.slug))


async def group_activity_list(visit: Visit, parameters: ActivityList) -> list[dict[str, Any]]:
    """Return what happened to the packages of a group, the latest first."""
    return await _list(visit, parameters, Is(Field.THEME, theme_of(parameters.id).code))


async def recently_changed_packages_activity_list(visit: Visit, parameters: RecentActivities) -> list[dict[str, Any]]:
    """Return what happened to any package, the latest first."""
    return await _list(visit, parameters, AllOf())


async def user_activity_list(visit: Visit, parameters: ActivityList) -> list[dict[str, Any]]:
    """Return what the caller published, the latest first; nobody is told what others did."""
    if parameters.id != known(visit).subject:
        raise NotAllowed("what somebody published is told to oneself")
    return await _list(visit, parameters, AllOf(), by=parameters.id)


async def activity_show(visit: Visit, parameters: ActivityReference) -> dict[str, Any]:
    """Return one activity, with the package as it was then unless `include_data` is false."""
    reference, _, number = parameters.id.rpartition(".")
    found = await find_package(visit, visit.audience, reference) if number.isdecimal() and len(number) < 10 else None
    async with reading(visit.site.catalogue.engine) as connection:
        version = await version_of(connection, found, int(number)) if found else None
        then = await tell(connection, visit.audience, [version.of(found)]) if found and version else ()
    if version is None or not then:
        raise NotFound(f"Activity {parameters.id} does not exist")
    return _shown(visit, then[0], version, with_package=parameters.include_data)


async def _list(
    visit: Visit, asked: RecentActivities, condition: Condition, by: str | None = None
) -> list[dict[str, Any]]:
    kinds = {_NEW, _CHANGED}.intersection(asked.activity_types or (_NEW, _CHANGED)) - {*asked.exclude_activity_types}
    if not kinds:
        return []
    period = Period(asked.after, asked.before, by, first=_NEW in kinds, later=_CHANGED in kinds)
    async with reading(visit.site.catalogue.engine) as connection:
        happened = await activities(connection, visit.audience, condition, period, Slice(asked.limit, asked.offset))
        about = await read_in_order(connection, list(dict.fromkeys(each for each, _ in happened)))
        datasets = {each.dataset_id: each for each in about}
        known = [(version, version.of(datasets[each])) for each, version in happened if each in datasets]
        told = await tell(connection, visit.audience, [then for _, then in known])
    pairs = zip(told, (version for version, _ in known), strict=True)
    return [_shown(visit, then, version, with_package=asked.include_data) for then, version in pairs]


def _shown(visit: Visit, then: Dataset, version: Version, *, with_package: bool) -> dict[str, Any]:
    told: Mapping[str, Any] = {"id": str(then.dataset_id), "name": then.name, "title": then.title}
    if with_package:
        told = package(then, visit.site.catalogue.addresses, visit.site.cadde_provider)
    by = visit.audience.told(version.published_by, then.publisher.name, then.unit)
    return {
        "id": f"{then.dataset_id}.{version.number}",
        "timestamp": naive(version.published_at),
        "user_id": by,
        "object_id": str(then.dataset_id),
        "activity_type": _NEW if version.number == 1 else _CHANGED,
        "data": {"package": told, **({"actor": by} if by else {}), **({"note": version.note} if version.note else {})},
    }
