"""The routes of uploaded files."""

import dataclasses
import uuid
from collections.abc import AsyncIterator
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Body, Depends, Path, Query, Request, Response
from starlette.responses import StreamingResponse

from services.catalog.api.file_views import FileView, RowsView, ValidationView, file_view
from services.catalog.api.requests import OPTIONAL_TOKEN, Reader, Responses, TheCatalogue, TheEditor
from services.catalog.api.sent_by_others import HARMLESS
from services.catalog.domain.stored_file import StoredFile
from services.catalog.files.profile import ColumnProfile, Profile
from services.catalog.files.table_schema import infer_schema
from services.catalog.operations import files as operation
from services.catalog.operations import tables
from services.catalog.operations.conversion import Conversions
from services.catalog.operations.uploads import Upload, keep_upload
from services.kernel.errors import Conflict, InvalidRequest, Unprocessable
from services.kernel.paging import MAXIMUM_LIMIT
from services.kernel.problems import RESPONSES
from services.kernel.text_encoding import charset_of

PREFIX = "/files"
router = APIRouter(prefix=PREFIX, tags=["Files"])
TAG = {
    "name": "Files",
    "description": "Files of data sets, kept by the catalogue: upload, look into, validate, convert",
}
_READ: Responses = {status: RESPONSES[status] for status in (400, 401, 404, 503)}
_WRITE: Responses = {status: RESPONSES[status] for status in (400, 401, 403, 404, 409, 413, 422, 503)}
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_UPLOAD = {"requestBody": {"required": True, "content": {"application/octet-stream": _BINARY, "text/csv": _BINARY}}}
FileId = Annotated[uuid.UUID, Path(description="Identifier of a file")]
Name = Annotated[
    str, Query(min_length=1, max_length=200, pattern=r"^[^/\\\x00-\x1f]+$", description="Name of the file")
]
OfCopy = Annotated[bool, Query(description="As the working copy of the data set has it; only for who may see that")]
OfDataset = Annotated[str, Query(min_length=1, max_length=200, description="Identifier or name of a data set")]


async def the_file(catalogue: TheCatalogue, audience: Reader, file_id: FileId, *, draft: OfCopy = False) -> StoredFile:
    """Return the file that a path names, as the caller may see it. Raises NotFound."""
    return await operation.find_readable(catalogue, audience.with_hidden(), file_id, in_copy=draft)


TheFile = Annotated[StoredFile, Depends(the_file)]


@dataclasses.dataclass(frozen=True)
class AskedUpload:
    """Where a file goes to."""

    dataset: OfDataset
    name: Name
    draft: Annotated[bool, Query(description="Into the working copy of a published data set, not at once")] = False


@router.post(
    "",
    status_code=201,
    summary="Upload a file to a data set",
    response_model=FileView,
    responses={**_WRITE, 202: {"model": FileView, "description": "It waits in the working copy"}},
    openapi_extra=_UPLOAD,
)
async def post_file(
    request: Request,
    response: Response,
    catalogue: TheCatalogue,
    editor: TheEditor,
    asked: Annotated[AskedUpload, Depends()],
) -> FileView:
    """Keep the body as a file and as a distribution of the data set; a file of the same name is replaced.

    What is a table (CSV in any encoding that Japanese offices use, XLSX, XLS, ODS) is looked into: encoding, columns,
    types, missing and different values. The size of files is limited. Needs a grant to `publish` in the tenant; with
    one to `write` alone, or where somebody else must publish, it waits in the working copy of a published data set.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower() or "application/octet-stream"
    if kind.startswith("multipart/"):
        raise InvalidRequest("Send the file itself as the body, not as a form", field="Content-Type")
    limit_bytes = request.app.state.file_limit_bytes
    upload = Upload(asked.name, kind, request.stream(), limit_bytes, waits=asked.draft)
    kept = await keep_upload(catalogue, editor, asked.dataset, upload)
    if kept.is_proposed:
        response.status_code = 202
    return file_view(kept, catalogue.addresses)


@router.get("", summary="List a data set's files", responses=_READ, openapi_extra=OPTIONAL_TOKEN)
async def list_files(
    catalogue: TheCatalogue, audience: Reader, dataset: OfDataset, *, draft: OfCopy = False
) -> list[FileView]:
    """Return the files of a data set by name, each with what was found in it."""
    found = await operation.list_files(catalogue, audience.with_hidden(), dataset, in_copy=draft)
    return [file_view(each, catalogue.addresses) for each in found]


@router.get("/{file_id}", summary="Read what is known of a file", responses=_READ, openapi_extra=OPTIONAL_TOKEN)
async def read_file(catalogue: TheCatalogue, file: TheFile) -> FileView:
    """Return size, checksum, encoding, the profile of each column, and the last validation."""
    return file_view(file, catalogue.addresses)


@router.get(
    "/{file_id}/content/{name}",
    summary="Download a file",
    responses={**_READ, 200: {"description": "The file", "content": {"application/octet-stream": _BINARY}}},
    response_class=StreamingResponse,
    openapi_extra=OPTIONAL_TOKEN,
)
async def download_file(
    catalogue: TheCatalogue,
    file: TheFile,
    name: Annotated[str, Path(description="Its name, for who saves it", max_length=200)],
) -> StreamingResponse:
    """Stream a file as it was uploaded."""
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name, safe='')}",
        "Content-Length": str(file.byte_size),
        "ETag": f'"{file.checksum}"',
        **HARMLESS,
    }
    body: AsyncIterator[bytes] = operation.content_of(catalogue, file)
    charset = charset_of(file.encoding)
    kind = f"{file.media_type}; charset={charset}" if charset else file.media_type
    return StreamingResponse(body, headers={**headers, "Content-Type": kind})


@dataclasses.dataclass(frozen=True)
class AskedRows:
    """Which rows are asked for."""

    limit: Annotated[int, Query(ge=1, le=MAXIMUM_LIMIT, description="Most rows in the answer")] = 20
    offset: Annotated[int, Query(ge=0, le=2**31 - 1, description="How many to leave out before")] = 0
    q: Annotated[str | None, Query(max_length=500, description="Words that a row has, in any column")] = None
    where: Annotated[
        list[str] | None, Query(max_length=20, description="`column=value`: rows with that cell", examples=[["区=北"]])
    ] = None
    sort: Annotated[str | None, Query(max_length=300, description="Column to sort by; `-` before it: descending")] = (
        None
    )

    def wanted(self) -> tables.Wanted:
        """Return the question in the words of tables. Raises InvalidRequest."""
        equal: dict[str, list[str]] = {}
        for each in self.where or ():
            column, sign, value = each.partition("=")
            if not sign:
                raise InvalidRequest(f"where must be column=value, not {each:.60}", field="where")
            equal.setdefault(column, []).append(value)
        sort = () if not self.sort else ((self.sort.removeprefix("-"), self.sort.startswith("-")),)
        return tables.Wanted(equal, tuple((self.q or "").split()), sort, self.limit, self.offset)


@router.get("/{file_id}/rows", summary="Read rows of a table", responses=_READ, openapi_extra=OPTIONAL_TOKEN)
async def read_rows(catalogue: TheCatalogue, file: TheFile, asked: Annotated[AskedRows, Depends()]) -> RowsView:
    """Return a page of a table's first 100,000 rows: all, or those that have some words or cells."""
    found = await tables.read_table(catalogue, file, asked.wanted())
    return RowsView(total=found.total, columns=list(found.columns), rows=[list(row) for row in found.rows])


@router.get(
    "/{file_id}/schema", summary="Read the Table Schema of a table", responses=_READ, openapi_extra=OPTIONAL_TOKEN
)
async def read_schema(file: TheFile) -> dict[str, Any]:
    """Return the schema that the file was held against, else the one that its columns suggest (Frictionless Data)."""
    if file.table_schema is not None:
        return dict(file.table_schema)
    if file.columns is None:
        raise Unprocessable(f"File {file.name} is no table")
    columns = tuple(ColumnProfile(**each) for each in file.columns)
    return infer_schema(Profile(file.table_rows or 0, file.table_rows or 0, columns))


@router.put("/{file_id}/schema", summary="Validate a table by a Table Schema", responses=_WRITE)
async def put_schema(
    catalogue: TheCatalogue,
    editor: TheEditor,
    file: TheFile,
    schema: Annotated[dict[str, Any], Body(description="A Table Schema (Frictionless Data)")],
) -> ValidationView:
    """Hold a table against a Table Schema: types, formats, constraints, keys; the schema and the outcome are kept."""
    found = await operation.validate_file(catalogue, editor, file, schema)
    return ValidationView.of(dataclasses.asdict(found))


@dataclasses.dataclass(frozen=True)
class AskedConversion:
    """How a table is to become entities; what is not said, ingest finds out by the columns."""

    type: Annotated[str | None, Query(max_length=200, description="Type of the entities")] = None
    mapping: Annotated[str | None, Query(max_length=200, description="Name of a mapping of ingest")] = None
    dry_run: Annotated[bool, Query(description="Only report: layout, repairs, refused rows")] = False

    def parameters(self) -> dict[str, str]:
        """Return what ingest is asked."""
        given = {"type": self.type, "mapping": self.mapping, "dry_run": "true" if self.dry_run else None}
        return {key: value for key, value in given.items() if value is not None}


@router.post("/{file_id}/entities", summary="Turn a table into entities", responses=_WRITE)
async def convert_file(
    request: Request,
    catalogue: TheCatalogue,
    audience: Reader,
    file: TheFile,
    asked: Annotated[AskedConversion, Depends()],
) -> Response:
    """Hand the file to ingest's `/imports` in the caller's name, and answer as it does.

    With `dry_run=true` nothing is written: the answer tells which layout the file has (自治体標準オープンデータセット
    in both generations, and those of cities), what is repaired, and which rows are refused. Of a working copy that
    alone is possible.
    """
    if file.is_proposed and not asked.dry_run:
        raise Conflict(f"File {file.name} waits in a working copy: entities follow what is published", field="draft")
    conversions: Conversions = request.app.state.conversions
    tenant = await operation.tenant_of(catalogue, file)
    said = {"title": await operation.title_of(catalogue, audience.with_hidden(), file), **asked.parameters()}
    body = operation.content_of(catalogue, file)
    answer = await conversions.convert(file, (tenant, request.headers.get("authorization")), said, body)
    return Response(answer.content, answer.status_code, media_type=answer.headers.get("content-type"))


@router.delete(
    "/{file_id}",
    status_code=204,
    summary="Delete a file",
    responses={**_WRITE, 202: {"description": "It is deleted when the working copy is published"}},
)
async def delete_file(
    catalogue: TheCatalogue, editor: TheEditor, file: TheFile, response: Response, *, draft: OfCopy = False
) -> None:
    """Delete a file with its distribution, at once or in the working copy, by the same rules as it is uploaded."""
    if await operation.forget_file(catalogue, editor, file, in_copy=draft):
        response.status_code = 202
