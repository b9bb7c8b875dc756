"""Change a published data set by a working copy: written, reviewed, then published in its place."""

import dataclasses

from sqlalchemy.ext.asyncio import AsyncConnection

from services.catalog.domain.audience import EVERY_TENANT
from services.catalog.domain.dataset import Dataset, State
from services.catalog.domain.distribution import with_identifiers
from services.catalog.domain.editor import Editor
from services.catalog.domain.working_copy import WorkingCopy
from services.catalog.operations.callers import editor_in
from services.catalog.operations.catalogue import Catalogue
from services.catalog.operations.edit import (
    Changes,
    apply_changes,
    change_dataset,
    check_references,
    find_editable,
    step_of,
)
from services.catalog.operations.publication import check_audience, moved
from services.catalog.store.find import find_to_write, read_in_order
from services.catalog.store.session import reading, writing
from services.catalog.store.working_copies import copied_of, find_copy_of, keep_copy, remove_copy
from services.kernel.errors import BadData, Conflict, NotAllowed, NotFound
from services.kernel.identity.grant import SUBTREE
from services.kernel.tenancy.callers import in_all_tenants

_MOST_LISTED = 200
_REQUIRED = Editor.require_proposal_for


async def change_or_propose(
    catalogue: Catalogue, editor: Editor, reference: str, changes: Changes
) -> tuple[Dataset, WorkingCopy | None]:
    """Change a data set; of a published one make a working copy where the caller may not change it alone.

    That is who may only `write` for its unit, and everybody where somebody else must publish. Raises NotFound,
    NotAllowed, BadData, Conflict.
    """
    async with writing(catalogue.engine) as connection:
        known = await find_to_write(connection, editor.tenant, reference)
        if known is not None:
            here = await editor_in(catalogue, editor, known.publisher.name)
            if _is_for_review(catalogue, here, known, changes):
                return known, await _propose(connection, catalogue, here, (known, changes))
    return await change_dataset(catalogue, editor, reference, changes), None


async def change_copy(
    catalogue: Catalogue, editor: Editor, reference: str, changes: Changes
) -> tuple[Dataset, WorkingCopy | None]:
    """Write to the working copy of a published data set, begin one, send it to review; published, it is gone.

    Returns the data set with its copy. Raises NotFound, NotAllowed, BadData, Conflict.
    """
    async with writing(catalogue.engine) as connection:
        known, editor = await find_editable(connection, catalogue, editor, reference, _REQUIRED)
        copy = await _propose(connection, catalogue, editor, (known, changes))
        if changes.state is not State.PUBLISHED:
            return known, copy
        return await _publish(connection, catalogue, editor, (known, copy)), None


async def find_copy(catalogue: Catalogue, editor: Editor, reference: str) -> tuple[Dataset, WorkingCopy]:
    """Return a data set with its working copy. Raises NotFound, NotAllowed."""
    async with writing(catalogue.engine) as connection:
        known, _ = await find_editable(connection, catalogue, editor, reference, _REQUIRED)
        return known, await _existing(connection, known)


async def list_copies(catalogue: Catalogue, editor: Editor) -> list[Dataset]:
    """Return the data sets with working copies that somebody may write to, the latest first, of 200 copies."""
    editor = dataclasses.replace(editor, principal=await in_all_tenants(catalogue.tenants, editor.principal))
    named = {grant.tenant.removesuffix(SUBTREE) for grant in editor.principal.grants}
    async with reading(catalogue.engine) as connection:
        copied = await copied_of(connection, None if EVERY_TENANT in named else named, _MOST_LISTED)
        found = await read_in_order(connection, copied)
    return [each for each in found if each.state is State.PUBLISHED and editor.may_propose(each)]


async def discard_copy(catalogue: Catalogue, editor: Editor, reference: str) -> None:
    """Throw a working copy away. Raises NotFound, NotAllowed."""
    async with writing(catalogue.engine) as connection:
        known, _ = await find_editable(connection, catalogue, editor, reference, _REQUIRED)
        await _existing(connection, known)
        await remove_copy(connection, known)


def _is_for_review(catalogue: Catalogue, editor: Editor, known: Dataset, changes: Changes) -> bool:
    if known.state is not State.PUBLISHED or changes.forms is not None:
        return False
    if not editor.may(known.publisher.name, known.unit):
        return editor.may_propose(known)
    return catalogue.wants_second and bool(changes.content) and changes.state in (None, State.PUBLISHED)


async def _propose(
    connection: AsyncConnection, catalogue: Catalogue, editor: Editor, asked: tuple[Dataset, Changes]
) -> WorkingCopy:
    known, changes = asked
    _refuse_others(known, changes)
    before = await find_copy_of(connection, known) or _begun(catalogue, editor, known)
    copy = _written(before, known, changes)
    if copy.differences == before.differences and changes.state in (None, State.PUBLISHED, before.state):
        copy = dataclasses.replace(before, note=copy.note)
    else:
        copy = dataclasses.replace(copy, changed_by=editor.principal.subject, changed_at=catalogue.clock())
    if not copy.fields:
        raise Conflict(f"The working copy of data set {known.name} changes nothing", field="state")
    wanted = dataclasses.replace(known, content=copy.over(known.content))
    await check_references(connection, known.publisher.tenant_id, wanted.content)
    check_audience(wanted)
    if changes.state is State.REVIEW and copy.state is not State.REVIEW:
        copy = dataclasses.replace(copy, state=State.REVIEW, submitted_by=editor.principal.subject)
    await keep_copy(connection, known, copy)
    return copy


def _refuse_others(known: Dataset, changes: Changes) -> None:
    """Refuse what a working copy does not hold. Raises Conflict, NotAllowed, BadData."""
    if known.state is not State.PUBLISHED:
        raise Conflict(f"Data set {known.name} is not published: change it itself", field="state")
    for name, wanted, present in (
        ("access", changes.access, known.access),
        ("unit", changes.unit, known.unit),
    ):
        if wanted not in (None, present):
            raise NotAllowed(f"A working copy changes no {name}: that takes a grant to publish", field=name)
    if changes.state not in (None, State.DRAFT, State.REVIEW, State.PUBLISHED):
        raise BadData("state of a working copy is draft, review or published", field="state")


def _begun(catalogue: Catalogue, editor: Editor, known: Dataset) -> WorkingCopy:
    return WorkingCopy(known.content, known.content, editor.principal.subject, catalogue.clock())


def _written(copy: WorkingCopy, known: Dataset, changes: Changes) -> WorkingCopy:
    """Return a copy with changes; where they touch it, it begins anew from what is published now, as a draft."""
    wanted = dict(changes.content)
    present = {name: getattr(known.content, name) for name in wanted}
    content = dataclasses.replace(copy.over(known.content), **wanted)  # type: ignore[arg-type]
    content = dataclasses.replace(content, distributions=with_identifiers(known.dataset_id, content.distributions))
    before = dataclasses.replace(known.content, **{n: getattr(copy.before, n) for n in copy.fields} | present)
    note = changes.note or copy.note
    written = dataclasses.replace(copy, before=before, content=content, note=note)
    if written.differences == copy.differences and changes.state is not State.DRAFT:
        return written
    return dataclasses.replace(written, state=State.DRAFT, submitted_by="")


async def _publish(
    connection: AsyncConnection, catalogue: Catalogue, editor: Editor, asked: tuple[Dataset, WorkingCopy]
) -> Dataset:
    known, copy = asked
    editor.require_for(known)
    waiting = dataclasses.replace(known, state=copy.state, submitted_by=copy.submitted_by)
    moved(waiting, State.PUBLISHED, step_of(catalogue, editor, copy.note))
    collisions = copy.collisions(known.content)
    if collisions:
        names = ", ".join(collisions)
        raise Conflict(f"Data set {known.name} was changed meanwhile ({names}): change the working copy again")
    await remove_copy(connection, known)
    return await apply_changes(connection, catalogue, editor, known, Changes(copy.fields, note=copy.note))


async def _existing(connection: AsyncConnection, known: Dataset) -> WorkingCopy:
    copy = await find_copy_of(connection, known)
    if copy is None:
        raise NotFound(f"Data set {known.name} has no working copy")
    return copy
