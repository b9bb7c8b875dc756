"""What an editor's page is about: a data set as its editors have it, with its working copy where it has one."""

import dataclasses
from dataclasses import dataclass

from services.catalog.domain.audience import Audience
from services.catalog.domain.dataset import Dataset, State
from services.catalog.domain.editor import Editor
from services.catalog.domain.stored_file import StoredFile
from services.catalog.domain.working_copy import WorkingCopy
from services.catalog.operations.callers import audience_for, editor_in
from services.catalog.operations.files import list_files
from services.catalog.portal.editor import guard
from services.catalog.portal.page import Page
from services.catalog.store.find import find_one
from services.catalog.store.session import reading
from services.catalog.store.working_copies import find_copy_of
from services.kernel.errors import NotFound


@dataclass(frozen=True, slots=True)
class Edited:
    """A data set as it is to be, what its editor sees, and its working copy.

    `may_publish` tells whether the editor may publish it at all. The working copy of what was withdrawn waits unseen
    until that is published again.
    """

    dataset: Dataset
    seen: Audience
    copy: WorkingCopy | None
    may_publish: bool

    @property
    def is_published(self) -> bool:
        """Whether readers see it, so that changes may wait in a working copy."""
        return self.dataset.state is State.PUBLISHED


async def edited(page: Page) -> Edited:
    """Return the data set that a page is about, for who may edit it. Raises NotFound, NotAllowed."""
    principal = await guard.signed_in(page.request, page.site)
    seen = (await audience_for(page.site.catalogue, principal)).with_hidden()
    name = str(page.request.path_params["name"])
    async with reading(page.site.catalogue.engine) as connection:
        found = await find_one(connection, seen, name)
        is_published = found is not None and found.state is State.PUBLISHED
        copy = await find_copy_of(connection, found) if found is not None and is_published else None
    if found is None:
        raise NotFound(f"Data set {name} does not exist")
    writer = await editor_in(page.site.catalogue, Editor(principal), found.publisher.name)
    may_publish = writer.may(found.publisher.name, found.unit)
    if is_published:
        writer.require_proposal_for(found)
    else:
        writer.require_for(found)
    if copy is not None:
        found = dataclasses.replace(found, content=copy.over(found.content))
    return Edited(found, seen, copy, may_publish)


async def files_of(page: Page, about: Edited) -> list[StoredFile]:
    """Return the files as their editor has them, by name."""
    return await list_files(page.site.catalogue, about.seen, about.dataset.name, in_copy=about.copy is not None)


def is_direct(page: Page, about: Edited) -> bool:
    """Tell whether what the editor changes may act at once."""
    return about.may_publish and about.copy is None and not page.site.catalogue.wants_second


def may_choose(page: Page, about: Edited) -> bool:
    """Tell whether the editor may choose between a change that readers see at once and a working copy."""
    return about.is_published and is_direct(page, about)


def waits(about: Edited, step: object) -> bool:
    """Tell whether a change goes into the working copy: there is one, or `draft` was chosen for published data."""
    return about.copy is not None or (about.is_published and step == "draft")
