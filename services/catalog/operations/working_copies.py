"""Change a published data set by a working copy: written, reviewed, then published in its place."""

import dataclasses

from sqlalchemy.ext.asyncio import AsyncConnection

from services.catalog.domain.audience import EVERY_TENANT
from services.catalog.domain.dataset import Dataset, State
from services.catalog.domain.editor import Editor
from services.catalog.domain.working_copy import WorkingCopy
from services.catalog.operations.callers import editor_in
from services.catalog.operations.catalogue import Catalogue
from services.catalog.operations.copied_files import publish_files
from services.catalog.operations.edit import Changes, apply_changes, change_dataset, find_editable, step_of
from services.catalog.operations.proposals import drop, must_wait, propose
from services.catalog.operations.publication import moved
from services.catalog.store.find import find_to_write, read_in_order
from services.catalog.store.session import reading, writing
from services.catalog.store.working_copies import copied_of, find_copy_of, remove_copy
from services.kernel.errors import Conflict, NotFound
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
                return known, await propose(connection, catalogue, here, (known, changes))
    return await change_dataset(catalogue, editor, reference, changes), None


async def change_copy(
    catalogue: Catalogue, editor: Editor, reference: str, changes: Changes
) -> tuple[Dataset, WorkingCopy | None]:
    """Write to the working copy of a published data set, begin one, send it to review.

    Returns the data set with its copy: None when it is published, or changes nothing any more. Raises NotFound,
    NotAllowed, BadData, Conflict.
    """
    async with writing(catalogue.engine) as connection:
        known, editor = await find_editable(connection, catalogue, editor, reference, _REQUIRED)
        copy = await propose(connection, catalogue, editor, (known, changes))
        if copy is None or changes.state is not State.PUBLISHED:
            return known, copy
        return await _publish(connection, catalogue, editor, (known, copy)), None


async def find_copy(catalogue: Catalogue, editor: Editor, reference: str) -> tuple[Dataset, WorkingCopy]:
    """Return a data set with its working copy. Raises NotFound, NotAllowed."""
    async with writing(catalogue.engine) as connection:
        known, _ = await find_editable(connection, catalogue, editor, reference, _REQUIRED)
        return known, await _existing(connection, known)


async def as_written(catalogue: Catalogue, editor: Editor, known: Dataset) -> Dataset:
    """Return a data set as a change of the caller finds it: with its working copy where the change goes into that."""
    here = await editor_in(catalogue, editor, known.publisher.name)
    if not must_wait(catalogue, here, known):
        return known
    async with reading(catalogue.engine) as connection:
        copy = await find_copy_of(connection, known)
    return known if copy is None else dataclasses.replace(known, content=copy.over(known.content))


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
        await drop(connection, catalogue, known)


def _is_for_review(catalogue: Catalogue, editor: Editor, known: Dataset, changes: Changes) -> bool:
    if not must_wait(catalogue, editor, known):
        return False
    is_change = bool(changes.content) and changes.state in (None, State.PUBLISHED)
    return is_change or not editor.may(known.publisher.name, known.unit)


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
    fields = copy.fields
    forms = await publish_files(connection, catalogue.addresses, known, copy)
    if "distributions" in fields:
        fields["distributions"] = forms
    await remove_copy(connection, known)
    return await apply_changes(connection, catalogue, editor, known, Changes(fields, note=copy.note))


async def _existing(connection: AsyncConnection, known: Dataset) -> WorkingCopy:
    copy = await find_copy_of(connection, known)
    if copy is None:
        raise NotFound(f"Data set {known.name} has no working copy")
    return copy
