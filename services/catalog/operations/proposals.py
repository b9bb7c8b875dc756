"""Writing to working copies: what a change is made on, and how it is kept beside the published data set."""

import dataclasses
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from services.catalog.domain.dataset import Content, Dataset, State
from services.catalog.domain.distribution import with_identifiers
from services.catalog.domain.editor import Editor
from services.catalog.domain.working_copy import WorkingCopy
from services.catalog.operations.catalogue import Catalogue
from services.catalog.operations.copied_files import prune_files
from services.catalog.operations.edit import Changes, check_references, find_editable
from services.catalog.operations.publication import check_audience
from services.catalog.store.working_copies import find_copy_of, keep_copy, remove_copy
from services.kernel.errors import BadData, Conflict, NotAllowed


@dataclass(frozen=True, slots=True)
class Ground:
    """What a change is made on: a data set, locked; who changes it; the working copy it goes into, None: at once."""

    known: Dataset
    editor: Editor
    copy: WorkingCopy | None = None

    @property
    def content(self) -> Content:
        """What the data set says before the change."""
        return self.known.content if self.copy is None else self.copy.over(self.known.content)


async def find_ground(
    connection: AsyncConnection, catalogue: Catalogue, editor: Editor, reference: str, *, in_copy: bool = False
) -> Ground:
    """Return what somebody's change of files is made on: the working copy where it must wait, or is asked to.

    Raises NotFound, NotAllowed, Conflict.
    """
    known, editor = await find_editable(connection, catalogue, editor, reference, _require)
    if not in_copy and not must_wait(catalogue, editor, known):
        return Ground(known, editor)
    _refuse_others(known, Changes())
    return Ground(known, editor, await find_copy_of(connection, known) or _begun(catalogue, editor, known))


def must_wait(catalogue: Catalogue, editor: Editor, known: Dataset) -> bool:
    """Tell whether a change waits in a working copy: somebody else must publish, or the caller may only propose."""
    if known.state is not State.PUBLISHED:
        return False
    if editor.may(known.publisher.name, known.unit):
        return catalogue.wants_second
    return editor.may_propose(known)


def _require(editor: Editor, known: Dataset) -> None:
    if known.state is State.PUBLISHED:
        editor.require_proposal_for(known)
    else:
        editor.require_for(known)


async def propose(
    connection: AsyncConnection, catalogue: Catalogue, editor: Editor, asked: tuple[Dataset, Changes]
) -> WorkingCopy | None:
    """Write to the working copy of a data set that is locked; None where it then changes nothing any more and is gone.

    Raises NotAllowed, BadData, Conflict.
    """
    known, changes = asked
    _refuse_others(known, changes)
    present = await find_copy_of(connection, known)
    before = present or _begun(catalogue, editor, known)
    copy = _written(before, known, changes)
    if _says_the_same(copy, before, known) and changes.state in (None, State.PUBLISHED, before.state):
        copy = dataclasses.replace(before, note=copy.note)
    else:
        copy = dataclasses.replace(copy, changed_by=editor.principal.subject, changed_at=catalogue.clock())
    if not copy.fields:
        if present is None or changes.state is State.PUBLISHED:
            raise Conflict(f"The working copy of data set {known.name} changes nothing", field="state")
        await drop(connection, catalogue, known)
        return None
    wanted = dataclasses.replace(known, content=copy.over(known.content))
    await check_references(connection, known.publisher.tenant_id, wanted.content)
    check_audience(wanted)
    if changes.state is State.REVIEW and copy.state is not State.REVIEW:
        copy = dataclasses.replace(copy, state=State.REVIEW, submitted_by=editor.principal.subject)
    await keep_copy(connection, known, copy)
    await prune_files(connection, catalogue.addresses, known, copy)
    return copy


async def drop(connection: AsyncConnection, catalogue: Catalogue, known: Dataset) -> None:
    """Throw away the working copy of a data set that is locked, with the files that it alone has."""
    await remove_copy(connection, known)
    await prune_files(connection, catalogue.addresses, known, None)


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
    """Return a copy with changes; where they touch it, it begins anew from what is published now, as a draft.

    Not so where forms are made of those that the copy has: what was changed otherwise meanwhile is still told.
    """
    wanted = dict(changes.content)
    present = {name: getattr(known.content, name) for name in wanted}
    if changes.forms is not None:
        wanted["distributions"] = changes.forms(copy.over(known.content).distributions, known)
    content = dataclasses.replace(copy.over(known.content), **wanted)  # type: ignore[arg-type]
    content = dataclasses.replace(content, distributions=with_identifiers(known.dataset_id, content.distributions))
    before = dataclasses.replace(known.content, **{n: getattr(copy.before, n) for n in copy.fields} | present)
    note = changes.note or copy.note
    written = dataclasses.replace(copy, before=before, content=content, note=note)
    if _says_the_same(written, copy, known) and changes.state is not State.DRAFT:
        return written
    return dataclasses.replace(written, state=State.DRAFT, submitted_by="")


def _says_the_same(one: WorkingCopy, other: WorkingCopy, known: Dataset) -> bool:
    return one.differences == other.differences and one.collisions(known.content) == other.collisions(known.content)
