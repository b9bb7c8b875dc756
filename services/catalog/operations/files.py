"""Use cases of uploaded files: keep, describe, validate, hand out, forget."""

import asyncio
import dataclasses
import hashlib
import tempfile
import uuid
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import IO, Any

from sqlalchemy.ext.asyncio import AsyncConnection

from services.catalog.domain.audience import Audience
from services.catalog.domain.dataset import Dataset
from services.catalog.domain.distribution import Distribution
from services.catalog.domain.editor import Editor
from services.catalog.domain.file_format import recognise
from services.catalog.domain.stored_file import StoredFile
from services.catalog.files.profile import profile
from services.catalog.files.sheet import Sheet, read_sheet
from services.catalog.files.table_schema import Validation, check_schema, validate
from services.catalog.operations.callers import editor_in
from services.catalog.operations.catalogue import Catalogue
from services.catalog.operations.edit import Changes, change_dataset
from services.catalog.store import files as store
from services.catalog.store.find import find_one, find_to_write
from services.catalog.store.publishers import publisher
from services.catalog.store.session import reading, writing
from services.kernel.errors import NotFound, TooLarge, Unprocessable

MOST_KEPT_ROWS = 100_000
_IN_MEMORY = 1024 * 1024
_LARGEST_TABLE = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it comes: its name, its media type, its bytes, and how many there may be."""

    name: str
    media_type: str
    parts: AsyncIterator[bytes]
    limit_bytes: int


@dataclass(frozen=True, slots=True)
class Received:
    """A file that has come whole, on disk, with its size and SHA-256; as a table, if it is one."""

    body: IO[bytes]
    byte_size: int
    checksum: str
    sheet: Sheet | None


async def keep_upload(catalogue: Catalogue, editor: Editor, reference: str, upload: Upload) -> StoredFile:
    """Keep a file as a distribution of a data set; one of the same name is replaced. Raises HubError.

    It is received whole and looked at before anything is stored; then all is stored at once.
    """
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as body:
        received = await _receive(upload, body)
        kept: list[StoredFile] = []

        async def store_all(connection: AsyncConnection, dataset: Dataset) -> None:
            kept.append(await _store(connection, catalogue, (dataset, upload, received)))

        def with_form(forms: tuple[Distribution, ...], dataset: Dataset) -> tuple[Distribution, ...]:
            return _with_form(catalogue, dataset, forms, (upload, received))

        await change_dataset(catalogue, editor, reference, Changes(forms=with_form, also=store_all))
        return kept[0]


async def _receive(upload: Upload, body: IO[bytes]) -> Received:
    digest, size = hashlib.sha256(), 0
    async for part in upload.parts:
        size += len(part)
        if size > upload.limit_bytes:
            raise TooLarge(f"The file is larger than {upload.limit_bytes} bytes")
        digest.update(part)
        await asyncio.to_thread(body.write, part)
    sheet = await asyncio.to_thread(_sheet, body) if size <= _LARGEST_TABLE else None
    return Received(body, size, digest.hexdigest(), sheet)


def _sheet(body: IO[bytes]) -> Sheet | None:
    body.seek(0)
    return read_sheet(body.read())


def _file_id(dataset: Dataset, name: str) -> uuid.UUID:
    """Return the identifier of a data set's file of a name: it stays when the file is replaced."""
    return uuid.uuid5(dataset.dataset_id, f"upload:{name}")


def _with_form(
    catalogue: Catalogue, dataset: Dataset, forms: tuple[Distribution, ...], file: tuple[Upload, Received]
) -> tuple[Distribution, ...]:
    upload, received = file
    identifier = _file_id(dataset, upload.name)
    address = catalogue.addresses.file(identifier, upload.name)
    suffix = recognise(upload.name.rpartition(".")[2])
    form = Distribution(
        access_url=address,
        download_url=address,
        distribution_id=identifier,
        title=upload.name,
        format=suffix.name,
        media_type=suffix.media_type or upload.media_type,
        byte_size=received.byte_size,
        checksum=received.checksum,
        modified=catalogue.clock().date().isoformat(),
    )
    others = tuple(each for each in forms if each.distribution_id != identifier)
    return (*others, form)


async def _store(
    connection: AsyncConnection, catalogue: Catalogue, wanted: tuple[Dataset, Upload, Received]
) -> StoredFile:
    dataset, upload, received = wanted
    file = StoredFile(
        tenant_id=dataset.publisher.tenant_id,
        file_id=_file_id(dataset, upload.name),
        dataset_id=dataset.dataset_id,
        name=upload.name,
        media_type=recognise(upload.name.rpartition(".")[2]).media_type or upload.media_type,
        byte_size=received.byte_size,
        checksum=received.checksum,
        created_at=catalogue.clock(),
        **await asyncio.to_thread(_described, received.sheet),
    )
    await store.keep_file(connection, file)
    received.body.seek(0)
    number = 0
    while content := await asyncio.to_thread(received.body.read, store.PORTION):
        await store.keep_portion(connection, file, number, content)
        number += 1
    if received.sheet is not None:
        await store.keep_rows(connection, file, received.sheet.rows[:MOST_KEPT_ROWS])
    return file


def _described(sheet: Sheet | None) -> dict[str, Any]:
    if sheet is None:
        return {}
    found = profile(sheet)
    return {
        "encoding": sheet.encoding,
        "delimiter": sheet.delimiter,
        "table_rows": found.rows,
        "columns": tuple(dataclasses.asdict(each) for each in found.columns),
    }


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

    async def forget(connection: AsyncConnection, dataset: Dataset) -> None:
        await store.forget_file(connection, file)

    await change_dataset(catalogue, editor, str(file.dataset_id), Changes(forms=without, also=forget))


async def _require(catalogue: Catalogue, editor: Editor, file: StoredFile) -> None:
    async with writing(catalogue.engine) as connection:
        dataset = await find_to_write(connection, editor.tenant, str(file.dataset_id))
    if dataset is None:
        raise NotFound(f"File {file.file_id} does not exist")
    (await editor_in(catalogue, editor, dataset.publisher.name)).require_for(dataset)
