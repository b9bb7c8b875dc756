"""Create, change and remove data sets by hand."""

import dataclasses
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncConnection

from services.catalog.domain import slug
from services.catalog.domain.dataset import Access, AccessBy, Content, Dataset, Kind, State
from services.catalog.domain.distribution import Distribution, with_identifiers
from services.catalog.domain.editor import Editor
from services.catalog.domain.unit import WHOLE
from services.catalog.operations.callers import audience_for, editor_in
from services.catalog.operations.catalogue import Catalogue
from services.catalog.operations.naming import Wish, give_names
from services.catalog.operations.publication import Step, check_audience, keep_versions, moved, published
from services.catalog.store.find import find_one, find_to_write, kinds_of
from services.catalog.store.publishers import publisher
from services.catalog.store.session import writing
from services.catalog.store.write import add, lock_names, make_room, remove, replace, taken_names
from services.kernel.errors import AlreadyExists, BadData, Conflict, HubError, NotAllowed, NotFound

Also = Callable[[AsyncConnection, Dataset], Awaitable[None]]
"""What is stored beside a change of a data set, in the same transaction."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A data set to create. Without a name it gets one from its landing page or its title."""

    content: Content
    name: str | None = None
    access: Access = Access.PUBLIC
    kind: Kind = Kind.FILE
    state: State = State.PUBLISHED
    unit: str = WHOLE
    note: str = ""
    identifier: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    """What to change: fields of the content by name, and what else is given.

    `forms` makes the new distributions of the present ones; `also` is what else is stored in the same transaction.
    """

    content: Mapping[str, object] = field(default_factory=dict)
    state: State | None = None
    access: Access | None = None
    unit: str | None = None
    note: str = ""
    forms: Callable[[tuple[Distribution, ...], Dataset], tuple[Distribution, ...]] | None = None
    also: Also | None = None


async def create_dataset(catalogue: Catalogue, editor: Editor, draft: Draft) -> Dataset:
    """Create a data set of a tenant. Raises AlreadyExists, UnknownTenant, NotAllowed, BadData, Conflict."""
    tenant_name = editor.tenant or ""
    editor = await editor_in(catalogue, editor, tenant_name)
    editor.require(tenant_name, draft.unit)
    if draft.state is State.WITHDRAWN:
        raise BadData("state of a new data set cannot be withdrawn", field="state")
    tenant = await catalogue.tenants.find_or_create(tenant_name)
    identifier, now = draft.identifier or uuid.uuid4(), catalogue.clock()
    step = step_of(catalogue, editor, draft.note)
    async with writing(catalogue.engine) as connection:
        owner = await publisher(connection, tenant.tenant_id)
        await make_room(connection, tenant.tenant_id, 1)
        await check_references(connection, tenant.tenant_id, draft.content)
        name = await _name(connection, tenant_name, draft, str(identifier))
        forms = with_identifiers(identifier, draft.content.distributions)
        spatial = draft.content.spatial or owner.code
        content = dataclasses.replace(draft.content, distributions=forms, spatial=spatial)
        fresh = Dataset(identifier, name, owner, draft.kind, content, now, now, State.DRAFT, unit=draft.unit)
        created = moved(dataclasses.replace(fresh, access=draft.access), draft.state, step)
        check_audience(created)
        if created.state is State.PUBLISHED:
            created = published(created, catalogue.clock)
        await add(connection, [created])
        if created.version:
            await keep_versions(connection, catalogue, [created], step)
    return created


async def _name(connection: AsyncConnection, tenant: str, draft: Draft, key: str) -> str:
    if draft.name is None:
        wish = slug.of_url(draft.content.landing_page or "") or slug.of_key(tenant, key)
        (name,) = await give_names(connection, tenant, [Wish(wish, key)])
        return name
    await lock_names(connection)
    if draft.name in await taken_names(connection, [(draft.name, tenant, "")]):
        raise AlreadyExists(f"Data set {draft.name} already exists", field="name")
    return draft.name


async def change_dataset(catalogue: Catalogue, editor: Editor, reference: str, changes: Changes) -> Dataset:
    """Change a data set; what is changed by hand is left alone by imports and by the broker's types.

    A change of a published data set is a new version. Raises NotFound, NotAllowed, BadData, Conflict.
    """
    async with writing(catalogue.engine) as connection:
        known, editor = await find_editable(connection, catalogue, editor, reference)
        return await apply_changes(connection, catalogue, editor, known, changes)


async def apply_changes(
    connection: AsyncConnection, catalogue: Catalogue, editor: Editor, known: Dataset, changes: Changes
) -> Dataset:
    """Change a data set that is locked. Raises NotAllowed, BadData, Conflict."""
    step = step_of(catalogue, editor, changes.note)
    changed = _changed(known, changes, step)
    if changes.also is not None:
        editor.require_for(changed)
        await changes.also(connection, changed)
    if changed == known:
        return known
    editor.require_for(changed)
    await check_references(connection, known.publisher.tenant_id, changed.content)
    check_audience(changed)
    changed = dataclasses.replace(changed, updated_at=catalogue.clock())
    is_version = changed.state is State.PUBLISHED and (
        known.state is not State.PUBLISHED or changed.content != known.content
    )
    if is_version:
        changed = published(changed, catalogue.clock)
    await replace(connection, changed)
    if is_version:
        await keep_versions(connection, catalogue, [changed], step)
    return changed


def step_of(catalogue: Catalogue, editor: Editor, note: str) -> Step:
    """Return a step of somebody who edits."""
    return Step(editor.principal.subject, note, catalogue.wants_second)


async def find_editable(
    connection: AsyncConnection,
    catalogue: Catalogue,
    editor: Editor,
    reference: str,
    require: Callable[[Editor, Dataset], None] = Editor.require_for,
) -> tuple[Dataset, Editor]:
    """Return the data set to write, locked, and the editor as its tenant has it, if `require` raises no NotAllowed.

    Who may not even see it is told that there is none. Raises NotFound, NotAllowed.
    """
    known = await find_to_write(connection, editor.tenant, reference)
    absent = NotFound(f"Data set {reference} does not exist" + _where(editor.tenant))
    if known is None:
        refusal: HubError | None = _refused_anywhere(editor)
        raise refusal or absent
    editor = await editor_in(catalogue, editor, known.publisher.name)
    try:
        require(editor, known)
    except NotAllowed:
        audience = await audience_for(catalogue, editor.principal)
        seen = await find_one(connection, audience.with_hidden(), str(known.dataset_id))
        if seen is None:
            raise absent from None
        raise
    return known, editor


def _refused_anywhere(editor: Editor) -> NotAllowed | None:
    """Return the refusal of a caller who may write nothing at all in the tenant."""
    if editor.tenant is None:
        return None
    try:
        editor.principal.require_some("publish", editor.tenant, ())
    except NotAllowed as error:
        return error
    return None


def _where(tenant: str | None) -> str:
    return "" if tenant is None else f" in tenant {tenant or '(default)'}"


def _changed(known: Dataset, changes: Changes, step: Step) -> Dataset:
    wanted = dict(changes.content)
    if changes.forms is not None:
        wanted["distributions"] = changes.forms(known.content.distributions, known)
    content = dataclasses.replace(known.content, **wanted)  # type: ignore[arg-type]
    content = dataclasses.replace(content, distributions=with_identifiers(known.dataset_id, content.distributions))
    edited = known.edited | {name for name in wanted if getattr(content, name) != getattr(known.content, name)}
    access, unit = changes.access or known.access, changes.unit or known.unit
    placed = known if changes.state in (None, known.state) else moved(known, State(changes.state), step)
    decided = AccessBy.HAND if changes.access is not None else known.access_by
    return dataclasses.replace(placed, content=content, edited=edited, access=access, access_by=decided, unit=unit)


async def check_references(connection: AsyncConnection, tenant_id: int, content: Content) -> None:
    """Refuse names of a series and of served data sets that the tenant does not have. Raises BadData."""
    wanted = {*content.serves, *((content.series,) if content.series else ())}
    kinds = await kinds_of(connection, tenant_id, wanted) if wanted else {}
    if content.series and kinds.get(content.series) is not Kind.SERIES:
        raise BadData(f"series {content.series} is no series of the tenant", field="series")
    unknown = sorted(set(content.serves) - kinds.keys())
    if unknown:
        raise BadData(f"serves names {unknown[0]}, which is no data set of the tenant", field="serves")


async def remove_dataset(catalogue: Catalogue, editor: Editor, reference: str) -> Dataset:
    """Delete a data set. Raises NotFound, NotAllowed, and Conflict for a live one, which is withdrawn instead."""
    async with writing(catalogue.engine) as connection:
        known, _ = await find_editable(connection, catalogue, editor, reference)
        if known.kind is Kind.LIVE:
            raise Conflict(f"Data set {known.name} describes live entities: withdraw it (state) instead")
        await remove(connection, known.publisher.tenant_id, known.dataset_id)
    return known
