"""Receive files and keep them as distributions of data sets."""

import asyncio
import dataclasses
import hashlib
import tempfile
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import IO, Any

from sqlalchemy.ext.asyncio import AsyncConnection

from services.catalog.domain.dataset import Dataset
from services.catalog.domain.distribution import Distribution
from services.catalog.domain.editor import Editor
from services.catalog.domain.file_format import recognise
from services.catalog.domain.stored_file import StoredFile
from services.catalog.files.contents import Contents, contents_of
from services.catalog.files.profile import profile
from services.catalog.files.sheet import Sheet
from services.catalog.operations.catalogue import Catalogue
from services.catalog.operations.edit import Changes
from services.catalog.operations.files import change_files, files_on
from services.catalog.operations.proposals import Ground, find_ground
from services.catalog.store import files as store
from services.catalog.store.file_looks import keep_look
from services.catalog.store.session import writing
from services.kernel.errors import AlreadyExists, TooLarge

MOST_KEPT_ROWS = 100_000
LONGEST_NAME = 200
_PART = 256 * 1024


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it comes: its name, its media type, its bytes, and how many there may be.

    `said` describes its distribution beyond the file. `waits` puts it into the working copy of a published data set,
    where it would act at once.
    """

    name: str
    media_type: str
    parts: AsyncIterator[bytes]
    limit_bytes: int
    said: Distribution | None = None
    waits: bool = False

    @property
    def usual_type(self) -> str:
        """The media type that files of its name usually have, else the one that came with it."""
        return recognise(self.name.rpartition(".")[2]).media_type or self.media_type

    @classmethod
    def of_form(
        cls, filename: str, content_type: str | None, read: Callable[[int], Awaitable[bytes]], limit_bytes: int
    ) -> "Upload":
        """Return the file of a form; `read` returns so many of its bytes. Its name keeps what a name may have."""

        async def parts() -> AsyncIterator[bytes]:
            while part := await read(_PART):
                yield part

        plain = "".join(char for char in filename if char.isprintable() and char not in "/\\")
        media_type = (content_type or "application/octet-stream").partition(";")[0].strip().lower()
        return cls(plain[-LONGEST_NAME:] or "file", media_type, parts(), limit_bytes)


@dataclass(frozen=True, slots=True)
class Received:
    """An upload that has come whole, on disk, with its size, its SHA-256, what it holds, and a table's profile."""

    upload: Upload
    body: IO[bytes]
    byte_size: int
    checksum: str
    contents: Contents
    described: dict[str, Any]


async def keep_upload(catalogue: Catalogue, editor: Editor, reference: str, upload: Upload) -> StoredFile:
    """Keep a file as a distribution of a data set, or of its working copy where changes wait. Raises HubError.

    A file of the same name is replaced; not so where the distribution is `said`: the file then takes the place of the
    distribution with its identifier, if there is one, and a number is put to a name that another file has. It is
    received whole and looked at before anything is stored, which happens at once.
    """
    with tempfile.TemporaryFile() as body:
        received = await _receive(upload, body)
        async with writing(catalogue.engine) as connection:
            ground = await find_ground(connection, catalogue, editor, reference, in_copy=upload.waits)
            file = await _file(connection, catalogue, ground, received)

            def with_form(forms: tuple[Distribution, ...], dataset: Dataset) -> tuple[Distribution, ...]:
                return _with_form(catalogue, forms, file, upload.said)

            await _store(connection, file, received)
            await change_files(connection, catalogue, ground, Changes(forms=with_form))
        return file


async def _receive(upload: Upload, body: IO[bytes]) -> Received:
    digest, size = hashlib.sha256(), 0
    async for part in upload.parts:
        size += len(part)
        if size > upload.limit_bytes:
            raise TooLarge(f"The file is larger than {upload.limit_bytes} bytes")
        digest.update(part)
        await asyncio.to_thread(body.write, part)
    contents = await asyncio.to_thread(contents_of, body, upload.name, upload.usual_type)
    described = await asyncio.to_thread(_described, contents.sheet)
    return Received(upload, body, size, digest.hexdigest(), contents, described)


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


async def _file(connection: AsyncConnection, catalogue: Catalogue, ground: Ground, received: Received) -> StoredFile:
    dataset, upload = ground.known, received.upload
    present = {each.name: each.identifier for each in await files_on(connection, catalogue, ground)}
    name, identifier = upload.name, present.get(upload.name)
    if upload.said is not None:
        identifier = upload.said.distribution_id
        name = _free(upload.name, {each for each, taken in present.items() if taken != identifier})
    identifier = await _identifier(connection, ground, identifier, name)
    return StoredFile(
        tenant_id=dataset.publisher.tenant_id,
        file_id=identifier if ground.copy is None else uuid.uuid4(),
        proposed_as=None if ground.copy is None else identifier,
        dataset_id=dataset.dataset_id,
        name=name,
        media_type=upload.usual_type,
        byte_size=received.byte_size,
        checksum=received.checksum,
        created_at=catalogue.clock(),
        **received.described,
    )


def _free(name: str, taken: Collection[str]) -> str:
    """Return a name that no other file of the data set has: `a.csv`, `a-2.csv`, `a-3.csv`…"""
    stem, dot, suffix = name.rpartition(".")
    number, found = 1, name
    while found in taken:
        number += 1
        found = f"{stem}-{number}{dot}{suffix}" if stem else f"{name}-{number}"
    return found


async def _identifier(connection: AsyncConnection, ground: Ground, wanted: uuid.UUID | None, name: str) -> uuid.UUID:
    """Return the identifier that is wanted, else one that follows from the name. Raises AlreadyExists."""
    identifier = wanted or uuid.uuid5(ground.known.dataset_id, f"upload:{name}")
    holder = await store.find_file(connection, identifier) or await store.find_proposed(connection, identifier)
    if wanted is not None:
        if holder is not None and holder.dataset_id != ground.known.dataset_id:
            raise AlreadyExists(f"File {identifier} already exists in another data set", field="id")
        return identifier
    is_taken = any(each.distribution_id == identifier for each in ground.content.distributions)
    return uuid.uuid4() if holder is not None or is_taken else identifier


def _with_form(
    catalogue: Catalogue, forms: tuple[Distribution, ...], file: StoredFile, said: Distribution | None
) -> tuple[Distribution, ...]:
    """Put a file's form in the place of the one with its identifier, else behind all.

    Where nothing is said, what was said before stays. The same bytes again are no modification.
    """
    former = next((each for each in forms if each.distribution_id == file.identifier), None)
    is_same = former is not None and former.checksum == file.checksum
    modified = former.modified if former and is_same else file.created_at.isoformat(timespec="seconds")
    form = _form(catalogue, file, said or former or Distribution(""), modified)
    return (*forms, form) if former is None else tuple(form if each == former else each for each in forms)


def _form(catalogue: Catalogue, file: StoredFile, said: Distribution, modified: str | None) -> Distribution:
    address = catalogue.addresses.of_file(file)
    return dataclasses.replace(
        said,
        access_url=address,
        download_url=address,
        distribution_id=file.identifier,
        title=said.title or file.name,
        format=said.format or recognise(file.name.rpartition(".")[2]).name,
        media_type=said.media_type or file.media_type,
        byte_size=file.byte_size,
        checksum=file.checksum,
        modified=modified,
    )


async def _store(connection: AsyncConnection, file: StoredFile, received: Received) -> None:
    await store.keep_file(connection, file)
    received.body.seek(0)
    number = 0
    while content := await asyncio.to_thread(received.body.read, store.PORTION):
        await store.keep_portion(connection, file, number, content)
        number += 1
    held = received.contents
    if held.sheet is not None:
        await store.keep_rows(connection, file, held.sheet.rows[:MOST_KEPT_ROWS])
    if not file.encoding:
        await keep_look(connection, file, held.look, held.places)
