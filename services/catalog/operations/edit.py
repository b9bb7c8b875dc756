"""Create, change and remove data sets by hand."""

import dataclasses
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from services.catalog.domain import slug
from services.catalog.domain.dataset import Access, Content, Dataset, Kind, State, Withdrawal
from services.catalog.domain.distribution import with_identifiers
from services.catalog.operations.catalogue import Catalogue
from services.catalog.operations.naming import Wish, give_names
from services.catalog.store.find import find_own
from services.catalog.store.publishers import publisher
from services.catalog.store.session import writing
from services.catalog.store.write import add, lock_names, remove, replace, taken_names
from services.kernel.errors import AlreadyExists, Conflict, NotFound


@dataclass(frozen=True, slots=True)
class Draft:
    """A data set to create. Without a name it gets one from its landing page or its title."""

    content: Content
    name: str | None = None
    access: Access = Access.PUBLIC


@dataclass(frozen=True, slots=True)
class Changes:
    """What to change: fields of the content by name, and the state and access where given."""

    content: Mapping[str, object] = field(default_factory=dict)
    state: State | None = None
    access: Access | None = None


async def create_dataset(catalogue: Catalogue, tenant_name: str, draft: Draft) -> Dataset:
    """Create a data set of a tenant. Raises AlreadyExists, UnknownTenant."""
    tenant = await catalogue.tenants.find_or_create(tenant_name)
    identifier, now = uuid.uuid4(), catalogue.clock()
    async with writing(catalogue.engine) as connection:
        owner = await publisher(connection, tenant.tenant_id)
        wish = slug.of_url(draft.content.landing_page or "") or slug.of_key(tenant_name, str(identifier))
        if draft.name is not None:
            await lock_names(connection)
            if draft.name in await taken_names(connection, [(draft.name, tenant_name, "")]):
                raise AlreadyExists(f"Data set {draft.name} already exists", field="name")
            name = draft.name
        else:
            (name,) = await give_names(connection, tenant_name, [Wish(wish, str(identifier))])
        forms = with_identifiers(identifier, draft.content.distributions)
        spatial = draft.content.spatial or owner.code
        content = dataclasses.replace(draft.content, distributions=forms, spatial=spatial)
        created = Dataset(identifier, name, owner, Kind.FILE, content, now, now, access=draft.access)
        await add(connection, [created])
    return created


async def change_dataset(catalogue: Catalogue, tenant_name: str, reference: str, changes: Changes) -> Dataset:
    """Change a tenant's data set; what is changed by hand is left alone by imports and by the broker's types.

    Raises NotFound.
    """
    async with writing(catalogue.engine) as connection:
        known = await find_own(connection, tenant_name, reference)
        if known is None:
            raise NotFound(f"Data set {reference} does not exist in tenant {tenant_name or '(default)'}")
        changed = _changed(known, changes)
        if changed != known:
            changed = dataclasses.replace(changed, updated_at=catalogue.clock())
            await replace(connection, changed)
    return changed


def _changed(known: Dataset, changes: Changes) -> Dataset:
    content = dataclasses.replace(known.content, **dict(changes.content))  # type: ignore[arg-type]
    content = dataclasses.replace(content, distributions=with_identifiers(known.dataset_id, content.distributions))
    edited = known.edited | {name for name in changes.content if getattr(content, name) != getattr(known.content, name)}
    access = changes.access or known.access
    return dataclasses.replace(_with_state(known, changes.state), content=content, edited=edited, access=access)


def _with_state(known: Dataset, state: State | None) -> Dataset:
    if state is None:
        return known
    if state is State.WITHDRAWN:
        return dataclasses.replace(known, state=state, withdrawn_because=Withdrawal.BY_PUBLISHER)
    if known.kind is Kind.LIVE and known.withdrawn_because is Withdrawal.VANISHED:
        raise Conflict(f"Data set {known.name} has no entities: it is published when the type is there again")
    return dataclasses.replace(known, state=state, withdrawn_because=None)


async def remove_dataset(catalogue: Catalogue, tenant_name: str, reference: str) -> None:
    """Delete a tenant's data set. Raises NotFound, and Conflict for a live one, which is withdrawn instead."""
    async with writing(catalogue.engine) as connection:
        known = await find_own(connection, tenant_name, reference)
        if known is None:
            raise NotFound(f"Data set {reference} does not exist in tenant {tenant_name or '(default)'}")
        if known.kind is Kind.LIVE:
            raise Conflict(f"Data set {known.name} describes live entities: withdraw it (state) instead")
        await remove(connection, known.publisher.tenant_id, known.dataset_id)
