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
from services.catalog.files.sheet import read_sheet
from services.catalog.files.table_schema import Validation, check_schema, validate
from services.catalog.operations.callers import editor_in
from services.catalog.operations.catalogue import Catalogue
from services.catalog.operations.edit import Also, Changes, change_dataset
from services.catalog.store import files as store
from services.catalog.store.find import find_one, find_to_write
from services.catalog.store.publishers import publisher
from services.catalog.store.session import reading, writing
from services.kernel.errors import NotFound, Unprocessable


async def find_readable(catalogue: Catalogue, audience: Audience, file_id: uuid.UUID) -> StoredFile:
    """Return a file of a data set that the audience may see. Raises NotFound."""
    async with reading(catalogue.engine) as connection:
        file = await store.find_file(connection, file_id)
        dataset = await find_one(connection, audience, str(file.dataset_id)) if file else None
    if file is None or dataset is None:
        raise NotFound(f"File {file_id} does not exist")
    return file


async def list_files(catalogue: Catalogue, audience: Audience, reference: str) -> list[StoredFile]:
    """Return the files of a data set that the audience may see. Raises NotFound."""
    async with reading(catalogue.engine) as connection:
        dataset = await find_one(connection, audience, reference)
        if dataset is None:
            raise NotFound(f"Data set {reference} does not exist")
        return await store.files_of(connection, dataset.dataset_id)


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


async def forget_file(catalogue: Catalogue, editor: Editor, file: StoredFile) -> None:
    """Delete a file with its distribution. Raises NotAllowed."""

    def without(forms: tuple[Distribution, ...], dataset: Dataset) -> tuple[Distribution, ...]:
        return tuple(each for each in forms if each.distribution_id != file.file_id)

    changes = Changes(forms=without, also=forgetting(file.file_id))
    await change_dataset(catalogue, editor, str(file.dataset_id), changes)


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
    (await editor_in(catalogue, editor, dataset.publisher.name)).require_for(dataset)
