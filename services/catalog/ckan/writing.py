"""The actions that create, change and remove packages."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from services.catalog.ckan.errors import ParameterError
from services.catalog.ckan.finding import known_package
from services.catalog.ckan.identifiers import organization_name
from services.catalog.ckan.merging import revised
from services.catalog.ckan.package import package
from services.catalog.ckan.parameters import PackageDocument, PackageReference, PackageRevision
from services.catalog.ckan.site import Visit
from services.catalog.domain.dataset import Access, Content, Dataset, State
from services.catalog.domain.distribution import Distribution
from services.catalog.domain.live import distributions_of
from services.catalog.domain.publisher_slug import tenant_of_slug
from services.catalog.domain.slug import is_name
from services.catalog.domain.unit import WHOLE, read_path
from services.catalog.harvest.ckan_package import content_of, extras_of, identifier_of
from services.catalog.operations.edit import Also, Changes, Draft, change_dataset, create_dataset, remove_dataset
from services.catalog.operations.working_copies import as_written, change_or_propose
from services.kernel.tenancy import fold_name

Document = Mapping[str, Any]
_STATES = {"draft": State.DRAFT, "active": State.PUBLISHED, "deleted": State.WITHDRAWN}


async def package_create(visit: Visit, parameters: PackageDocument) -> dict[str, Any]:
    """Create a package of an organization; `owner_org` is the tenant, the extra `unit` the department."""
    document = parameters.document
    editor = visit.editor_in(await _owner(visit, document))
    content = _content(document, visit, None)
    name, state = _name(document), _STATES.get(document.get("state", "active"))
    if state is None or state is State.WITHDRAWN:
        raise ParameterError({"state": ["a new package is active or draft"]})
    access = Access.RESTRICTED if document.get("private") else Access.PUBLIC
    draft = Draft(
        content, name, access, state=state, unit=_unit(document), identifier=identifier_of(document.get("id"))
    )
    created = await create_dataset(visit.site.catalogue, editor, draft)
    return _shown(visit, created)


async def package_update(visit: Visit, parameters: PackageDocument) -> dict[str, Any]:
    """Replace what a package says; members that are left out are emptied, as in CKAN."""
    document = parameters.document
    reference = str(document.get("id") or document.get("name") or "")
    if not reference:
        raise ParameterError({"id": ["Missing value"]})
    known = await known_package(visit, reference)
    return _shown(visit, await _store(visit, known, document))


async def package_patch(visit: Visit, parameters: PackageDocument) -> dict[str, Any]:
    """Change the members of a package that are given; the others stay."""
    known = await known_package(visit, str(parameters.document.get("id", "")))
    document = {**_shown(visit, known), **parameters.document, "id": str(known.dataset_id)}
    return _shown(visit, await _store(visit, known, document))


async def package_revise(visit: Visit, parameters: PackageRevision) -> dict[str, Any]:
    """Change a package if it is as `match` says: take away what `filter` names, then write what `update` says."""
    reference = parameters.match.get("id") or parameters.match.get("name")
    known = await written_package(visit, await known_package(visit, str(reference or "")))
    document = revised(_shown(visit, known), parameters)
    return {"package": _shown(visit, await _store(visit, known, document))}


async def package_delete(visit: Visit, parameters: PackageReference) -> None:
    """Withdraw a package: it is shown no more, and can be made active again."""
    await change_dataset(visit.site.catalogue, visit.editor, parameters.id, Changes(state=State.WITHDRAWN))


async def dataset_purge(visit: Visit, parameters: PackageReference) -> None:
    """Remove a package for good, with its versions."""
    await remove_dataset(visit.site.catalogue, visit.editor, parameters.id)


async def written_package(visit: Visit, known: Dataset) -> Dataset:
    """Return a data set as the caller's change finds it: with the working copy where the change goes into one."""
    return await as_written(visit.site.catalogue, visit.editor, known)


async def store_resources(
    visit: Visit, known: Dataset, resources: list[dict[str, Any]], also: Also | None = None
) -> Dataset:
    """Write the resources of a package anew, and what else belongs to it unless it becomes a working copy."""
    return await _store(visit, known, {**_shown(visit, known), "resources": resources}, also)


async def _store(visit: Visit, known: Dataset, document: Document, also: Also | None = None) -> Dataset:
    content = _content(document, visit, known)
    changed = {
        each.name: getattr(content, each.name)
        for each in dataclasses.fields(Content)
        if getattr(content, each.name) != getattr(known.content, each.name)
    }
    access = Access.RESTRICTED if document.get("private") else Access.PUBLIC
    unit = _unit(document) if any(True for key in extras_of(document) if key == "unit") else None
    given = None if known.state is State.PRIVATE or access is known.access else access
    changes = Changes(changed, _next_state(known, document), given, unit, also=also)
    stored, copy = await change_or_propose(visit.site.catalogue, visit.editor, str(known.dataset_id), changes)
    return stored if copy is None else dataclasses.replace(stored, content=copy.over(stored.content), state=copy.state)


def _next_state(known: Dataset, document: Document) -> State | None:
    """Return the state that a package asks for; what CKAN cannot say (review, private) stays."""
    wanted = _STATES.get(document.get("state", "active"))
    if wanted is None:
        raise ParameterError({"state": ["must be active, draft or deleted"]})
    same = {State.REVIEW: State.DRAFT, State.PRIVATE: State.PUBLISHED}.get(known.state, known.state)
    return None if wanted is same else wanted


def _content(document: Document, visit: Visit, known: Dataset | None) -> Content:
    """Return what a package says, without what the catalogue itself wrote into it. Raises ParameterError."""
    if not any(document.get(name) for name in ("title", "title_translated", "name")):
        raise ParameterError({"title": ["Missing value"]})
    content = content_of(document)
    own = visit.site.catalogue.addresses.catalog
    if content.landing_page and content.landing_page.startswith(f"{own}/dataset/"):
        content = dataclasses.replace(content, landing_page=None)
    if known is None:
        return content
    if content.creator and content.creator.name == known.publisher.title and not content.creator.email:
        content = dataclasses.replace(content, creator=None)
    addresses = visit.site.catalogue.addresses
    stored = {each.distribution_id: each for each in known.content.distributions}
    served = {each.distribution_id for each in distributions_of(known, addresses)} - stored.keys()
    files = {key: each for key, each in stored.items() if addresses.is_file(each)}
    forms = tuple(
        _as_file(each, files.get(each.distribution_id))
        for each in content.distributions
        if each.distribution_id not in served
    )
    spatial = content.spatial or known.content.spatial
    return dataclasses.replace(content, distributions=forms, spatial=spatial)


def _as_file(form: Distribution, file: Distribution | None) -> Distribution:
    """Return what a resource says, with what the catalogue itself knows of its file, if that is still its address."""
    if file is None or form.access_url != file.access_url:
        return form
    return dataclasses.replace(
        form,
        download_url=file.download_url,
        byte_size=file.byte_size,
        checksum=file.checksum,
        modified=file.modified,
    )


async def _owner(visit: Visit, document: Document) -> str:
    reference = str(document.get("owner_org") or "")
    if not reference:
        raise ParameterError({"owner_org": ["Missing value"]})
    return fold_name(tenant_of_slug(await organization_name(visit, reference)), "owner_org")


def _name(document: Document) -> str:
    name = str(document.get("name") or "")
    if not is_name(name):
        raise ParameterError({"name": ["must be 2 to 100 of a-z, 0-9, - and _"]})
    return name


def _unit(document: Document) -> str:
    unit = extras_of(document).get("unit")
    return read_path(str(unit)) if unit else WHOLE


def _shown(visit: Visit, dataset: Dataset) -> dict[str, Any]:
    return package(dataset, visit.site.catalogue.addresses, visit.site.cadde_provider)
