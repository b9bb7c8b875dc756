"""Use cases of files that are kept: describe, validate, hand out, forget."""

import asyncio
import dataclasses
import uuid
from collections.abc import AsyncIterator, Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from services.catalog.domain.audience import Audience
from services.catalog.domain.dataset import Dataset
from services.catalog.domain.distribution import Distribution
from services.catalog.domain.editor import Editor
from services.catalog.domain.stored_file import StoredFile
from services.catalog.files.contents import read_sheet
from services.catalog.files.table_schema import Validation, check_schema, validate
from services.catalog.operations.callers import editor_in
from services.catalog.operations.catalogue import Catalogue
from services.catalog.operations.copied_files import copied_files
from services.catalog.operations.edit import Also, Changes, apply_changes
from services.catalog.operations.proposals import Ground, find_ground, propose
from services.catalog.store import files as store
from services.catalog.store.find import find_one, find_to_write, read_in_order
from services.catalog.store.publishers import publisher
from services.catalog.store.session import reading, writing
from services.catalog.store.working_copies import find_copy_of
from services.kernel.errors import NotFound, Unprocessable


async def find_readable(
    catalogue: Catalogue, audience: Audience, file_id: uuid.UUID, *, in_copy: bool = False
) -> StoredFile:
    """Return a file of a data set that the audience may see, on request as its working copy has it. Raises NotFound."""
    async with reading(catalogue.engine) as connection:
        proposed = await store.find_proposed(connection, file_id) if in_copy else None
        if proposed is not None:
            (owner,) = await read_in_order(connection, [proposed.dataset_id])
            if audience.sees_copies(owner.publisher.name, owner.unit):
                return proposed
        file = await store.find_file(connection, file_id)
        dataset = await find_one(connection, audience, str(file.dataset_id)) if file else None
    if file is None or dataset is None:
        raise NotFound(f"File {file_id} does not exist")
    return file


async def list_files(
    catalogue: Catalogue, audience: Audience, reference: str, *, in_copy: bool = False
) -> list[StoredFile]:
    """Return the files of a data set that the audience may see, or those of its working copy. Raises NotFound."""
    async with reading(catalogue.engine) as connection:
        dataset = await find_one(connection, audience, reference)
        if dataset is None:
            raise NotFound(f"Data set {reference} does not exist")
        if not in_copy:
            return await store.files_of(connection, dataset.dataset_id)
        copy = await find_copy_of(connection, dataset)
        if copy is None or not audience.sees_copies(dataset.publisher.name, dataset.unit):
            raise NotFound(f"Data set {dataset.name} has no working copy")
        return await copied_files(connection, catalogue.addresses, dataset, copy)


async def files_on(connection: AsyncConnection, catalogue: Catalogue, ground: Ground) -> list[StoredFile]:
    """Return the files that a change is made on, by name."""
    if ground.copy is None:
        return await store.files_of(connection, ground.known.dataset_id)
    return await copied_files(connection, catalogue.addresses, ground.known, ground.copy)


async def change_files(connection: AsyncConnection, catalogue: Catalogue, ground: Ground, changes: Changes) -> None:
    """Change the forms of a data set that its files are, at once or in its working copy. Raises HubError."""
    if ground.copy is None:
        await apply_changes(connection, catalogue, ground.editor, ground.known, changes)
    else:
        await propose(connection, catalogue, ground.editor, (ground.known, changes))


async def content_of(catalogue: Catalogue, file: StoredFile) -> AsyncIterator[bytes]:
    """Yield the bytes of a file; no connection is held while its reader is slow."""
    number = 0
    while True:
        async with reading(catalogue.engine) as connection:
            content = await store.portion(connection, file, number)
        if content is None:
            return
        yield content
        number += 1


async def validate_file(
    catalogue: Catalogue, editor: Editor, file: StoredFile, schema: Mapping[str, Any]
) -> Validation:
    """Hold a file against a Table Schema and keep both. Raises InvalidRequest, Unprocessable, NotAllowed."""
    check_schema(schema)
    await _require(catalogue, editor, file)
    content = b"".join([part async for part in content_of(catalogue, file)]) if file.columns is not None else b""
    sheet = await asyncio.to_thread(read_sheet, content)
    if sheet is None:
        raise Unprocessable(f"File {file.name} is no table")
    found = await asyncio.to_thread(validate, sheet, schema)
    async with writing(catalogue.engine) as connection:
        await store.keep_validation(connection, file, dict(schema), dataclasses.asdict(found))
    return found


async def tenant_of(catalogue: Catalogue, file: StoredFile) -> str:
    """Return the name of the tenant whose file it is."""
    async with reading(catalogue.engine) as connection:
        return (await publisher(connection, file.tenant_id)).name


async def title_of(catalogue: Catalogue, audience: Audience, file: StoredFile) -> str:
    """Return the title of the data set whose file it is; empty if the audience may not see that."""
    async with reading(catalogue.engine) as connection:
        dataset = await find_one(connection, audience, str(file.dataset_id))
    return dataset.title if dataset else ""


async def forget_file(catalogue: Catalogue, editor: Editor, file: StoredFile, *, in_copy: bool = False) -> bool:
    """Delete a file with its distribution; tell whether that waits in a working copy. Raises NotAllowed."""

    def without(forms: tuple[Distribution, ...], dataset: Dataset) -> tuple[Distribution, ...]:
        return tuple(each for each in forms if each.distribution_id != file.identifier)

    async with writing(catalogue.engine) as connection:
        ground = await find_ground(connection, catalogue, editor, str(file.dataset_id), in_copy=in_copy)
        await change_files(connection, catalogue, ground, Changes(forms=without, also=forgetting(file.identifier)))
    return ground.copy is not None


def forgetting(file_id: uuid.UUID) -> Also:
    """Return what deletes a file of a data set, if it has such a one, beside a change of the data set."""

    async def forget(connection: AsyncConnection, dataset: Dataset) -> None:
        file = await store.find_file(connection, file_id)
        if file is not None and file.dataset_id == dataset.dataset_id:
            await store.forget_file(connection, file)

    return forget


async def _require(catalogue: Catalogue, editor: Editor, file: StoredFile) -> None:
    async with writing(catalogue.engine) as connection:
        dataset = await find_to_write(connection, editor.tenant, str(file.dataset_id))
    if dataset is None:
        raise NotFound(f"File {file.file_id} does not exist")
    here = await editor_in(catalogue, editor, dataset.publisher.name)
    (here.require_proposal_for if file.is_proposed else here.require_for)(dataset)
