"""The actions about resources."""

import uuid
from typing import Any

from services.catalog.ckan.errors import ParameterError
from services.catalog.ckan.finding import known_package
from services.catalog.ckan.package import resource
from services.catalog.ckan.parameters import ResourceDocument, ResourceSearch, ThingReference
from services.catalog.ckan.site import Visit
from services.catalog.ckan.uploads import has_file, keep_file, without_file
from services.catalog.ckan.writing import store_resources, written_package
from services.catalog.domain.dataset import Dataset, Kind
from services.catalog.domain.live import distributions_of, served_distributions
from services.catalog.domain.query import Field, Is, Slice
from services.catalog.harvest.ckan_package import distribution_of, identifier_of
from services.catalog.operations.files import forgetting
from services.catalog.store.find import find
from services.catalog.store.forms import contains, owner_of, search_forms
from services.catalog.store.session import reading
from services.catalog.store.working_copies import copy_with_form
from services.kernel.errors import NotFound

_SEARCHED = {
    "name": "title",
    "title": "title",
    "description": "description",
    "format": "format",
    "url": "access_url",
    "mimetype": "media_type",
    "hash": "checksum",
}
_MOST_LIVE = 10_000


async def resource_show(visit: Visit, parameters: ThingReference) -> dict[str, Any]:
    """Return a resource."""
    dataset = await owner_of_resource(visit, parameters.id)
    return _resources(visit, dataset)[parameters.id]


async def resource_search(visit: Visit, parameters: ResourceSearch) -> dict[str, Any]:
    """Search resources by `field:value`; all must hold, a value is found anywhere in the field.

    Those that are stored come first, then those that the broker serves.
    """
    wanted = {}
    for each in parameters.query:
        name, _, value = each.partition(":")
        if name not in _SEARCHED or not value:
            raise ParameterError({"query": [f"'{each}' must be field:value, of {', '.join(_SEARCHED)}"]})
        wanted[_SEARCHED[name]] = value
    catalogue = visit.site.catalogue
    async with reading(catalogue.engine) as connection:
        found = await search_forms(connection, visit.audience, wanted, parameters.limit, parameters.offset)
        live = await find(connection, visit.audience, Is(Field.KIND, Kind.LIVE), Slice(_MOST_LIVE))
    served = [
        (dataset, form)
        for dataset in sorted(live.datasets, key=lambda each: each.name)
        for form in served_distributions(dataset, catalogue.addresses)
        if all(contains(form, name, value) for name, value in wanted.items())
    ]
    start = max(0, parameters.offset - found.total)
    forms = (*found.forms, *served[start : start + parameters.limit - len(found.forms)])
    shown = [_resources(visit, dataset)[str(form.distribution_id)] for dataset, form in forms]
    return {"count": found.total + len(served), "results": shown}


async def resource_create(visit: Visit, parameters: ResourceDocument) -> dict[str, Any]:
    """Add a resource to a package: an address (`url`), or a file (`upload`, in a form)."""
    document = parameters.document
    known = await written_package(visit, await known_package(visit, str(document.get("package_id") or "")))
    if has_file(document):
        _check_new(known, document)
        return await _kept(visit, known, document)
    _check(document)
    before = _resources(visit, known)
    changed = await store_resources(visit, known, [*before.values(), document])
    after = _resources(visit, changed)
    return next(each for key, each in after.items() if key not in before)


async def resource_update(visit: Visit, parameters: ResourceDocument) -> dict[str, Any]:
    """Replace what a resource says, and its file by `upload`."""
    return await _replace(visit, parameters.document, keeps=False)


async def resource_patch(visit: Visit, parameters: ResourceDocument) -> dict[str, Any]:
    """Change the members of a resource that are given, and its file by `upload`; the others stay."""
    return await _replace(visit, parameters.document, keeps=True)


async def resource_delete(visit: Visit, parameters: ThingReference) -> None:
    """Take a resource out of its package; its file is deleted, with the working copy where that takes it away."""
    known = await _written_owner(visit, parameters.id)
    _check_stored(known, parameters.id)
    left = [each for key, each in _resources(visit, known).items() if key != parameters.id]
    await store_resources(visit, known, left, forgetting(uuid.UUID(parameters.id)))


async def resource_view_list(visit: Visit, parameters: ThingReference) -> list[Any]:
    """Return no views: previews belong to the pages of the catalogue."""
    await owner_of_resource(visit, parameters.id)
    return []


async def _replace(visit: Visit, document: dict[str, Any], *, keeps: bool) -> dict[str, Any]:
    identifier = str(document.get("id") or "")
    known = await _written_owner(visit, identifier)
    _check_stored(known, identifier)
    before = _resources(visit, known)
    if has_file(document):
        return await _kept(visit, known, {**(without_file(before[identifier]) if keeps else {}), **document})
    wanted = {**before[identifier], **document} if keeps else document
    if document.get("url") not in (None, before[identifier]["url"]):
        wanted = {name: each for name, each in wanted.items() if name not in ("access_url", "download_url")}
    _check(wanted)
    resources = [wanted if key == identifier else each for key, each in before.items()]
    is_moved = distribution_of(wanted, "").access_url != before[identifier]["access_url"]
    also = forgetting(uuid.UUID(identifier)) if is_moved else None
    return _resources(visit, await store_resources(visit, known, resources, also))[identifier]


async def _kept(visit: Visit, known: Dataset, document: dict[str, Any]) -> dict[str, Any]:
    """Keep the file of a resource; return the resource."""
    identifier = await keep_file(visit, known, document)
    changed = await written_package(visit, await known_package(visit, str(known.dataset_id)))
    return _resources(visit, changed)[str(identifier)]


def _check_new(dataset: Dataset, document: dict[str, Any]) -> None:
    identifier = identifier_of(document.get("id"))
    if identifier is not None and any(each.distribution_id == identifier for each in dataset.content.distributions):
        raise ParameterError({"id": ["is a resource already: use resource_update or resource_patch"]})


def _check(document: dict[str, Any]) -> None:
    url = document.get("url") or document.get("access_url")
    if not isinstance(url, str) or not url.startswith(("http://", "https://")):
        raise ParameterError({"url": ["must be a complete http or https address"]})


def _check_stored(dataset: Dataset, identifier: str) -> None:
    if all(str(each.distribution_id) != identifier for each in dataset.content.distributions):
        raise ParameterError({"id": ["the broker serves this resource: it cannot be changed"]})


async def owner_of_resource(visit: Visit, identifier: str) -> Dataset:
    """Return the data set that has a distribution; those that the broker serves are not stored, so they are sought."""
    wanted = identifier_of(identifier)
    if wanted is None or str(wanted) != identifier:
        raise NotFound(f"Resource {identifier} does not exist")
    audience = visit.audience.with_hidden()
    async with reading(visit.site.catalogue.engine) as connection:
        owner = await owner_of(connection, audience, wanted)
        if owner is not None:
            return owner
        live = await find(connection, audience, Is(Field.KIND, Kind.LIVE), Slice(_MOST_LIVE))
    for each in live.datasets:
        if identifier in _resources(visit, each):
            return each
    raise NotFound(f"Resource {identifier} does not exist")


async def _written_owner(visit: Visit, identifier: str) -> Dataset:
    """Return the data set that has a resource as the caller's change finds it, working copy and all."""
    try:
        found = await owner_of_resource(visit, identifier)
    except NotFound:
        wanted = identifier_of(identifier)
        async with reading(visit.site.catalogue.engine) as connection:
            owner = await copy_with_form(connection, wanted) if wanted else None
        if owner is None:
            raise
        found = await known_package(visit, str(owner))
    written = await written_package(visit, found)
    if identifier not in _resources(visit, written):
        raise NotFound(f"Resource {identifier} does not exist")
    return written


def _resources(visit: Visit, dataset: Dataset) -> dict[str, dict[str, Any]]:
    addresses = visit.site.catalogue.addresses
    forms = distributions_of(dataset, addresses)
    shown = [resource(dataset, each, place, addresses) for place, each in enumerate(forms)]
    return {each["id"]: each for each in shown}
