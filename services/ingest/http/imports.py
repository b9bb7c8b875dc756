"""`/imports`: CSV files of a city, turned into entities."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from services.ingest.http.headers import WrittenPlace
from services.ingest.http.parameters import AskedPage, NamedTenant
from services.ingest.operations.imports import read_file
from services.ingest.store.runs import ImportRun
from services.kernel.app import Caller
from services.kernel.errors import InvalidRequest
from services.kernel.problems import RESPONSES

router = APIRouter(prefix="/imports", tags=["Imports"])
_ERRORS: dict[int | str, dict[str, Any]] = {status: RESPONSES[status] for status in (400, 401, 403)}
_TYPES = ("text/csv", "application/csv", "text/plain", "text/tab-separated-values", "application/octet-stream")
_LARGEST_ID = 2**63 - 1
_BODY = {
    "requestBody": {
        "required": True,
        "description": "The file: UTF-8, UTF-16 or Shift_JIS (CP932), separated by commas or tabs",
        "content": {
            "text/csv": {
                "schema": {"type": "string", "format": "binary"},
                "example": "#property,latitude,longitude,code,reservoirName,address\n"
                "1,34.3514581987302,134.114020985276,372010006,新池,屋島東町明神1055\n",
            }
        },
    }
}


class WantedMapping(BaseModel):
    """What the file is, where its columns do not tell."""

    type: str | None = Field(None, max_length=200, description="Type of the entities", examples=["Reservoir"])
    mapping: str | None = Field(None, max_length=200, description="Name of the mapping, of `/imports/mappings`")


class Rows(BaseModel):
    """Some rows of the file, numbered as a spreadsheet shows them: the header is row 1."""

    count: int
    rows: list[int] = Field(description="At most 1,000 of them")


class Repair(Rows):
    """Rows that were accepted after a repair."""

    rule: str = Field(examples=["full-width"])
    description: str


class RefusedRows(Rows):
    """Rows that did not become entities."""

    reason: str = Field(examples=["no-name"])
    detail: str = Field(description="The reason of the first of them")


class ImportReport(BaseModel):
    """The account of every row: `rows = accepted + empty + refused`."""

    type: str = Field(description="Type of the entities", examples=["Reservoir"])
    mapping: str = Field(description="Mapping that was used", examples=["reservoir-list"])
    encoding: str = Field(description="Encoding of the file", examples=["utf-8"])
    dropped_columns: list[str] = Field(description="Columns without a name or of instructions")
    unused_columns: list[str] = Field(description="Columns that the mapping does not read")
    rows: int | None = Field(None, description="Rows of the file without its header")
    accepted: int | None = Field(None, description="Rows that are now entities")
    created: int | None = Field(None, description="Entities that the broker reports as new")
    empty: Rows | None = Field(None, description="Rows without content, numbered or not")
    repaired: list[Repair] = []
    refused: list[RefusedRows] = []


class Run(BaseModel):
    """An import run."""

    id: int
    started_at: datetime
    finished_at: datetime | None
    status: str = Field(description="`running`, `finished`, or `failed` for want of the broker", examples=["finished"])
    report: ImportReport


class Runs(BaseModel):
    """A page of import runs, newest first."""

    count: int
    runs: list[Run]


class MappingInfo(BaseModel):
    """A kind of file that can be imported."""

    name: str = Field(examples=["reservoir-list"])
    title: str
    type: str = Field(examples=["Reservoir"])
    recognised_by: list[str] = Field(description="Columns that every such file has")


@router.post(
    "",
    status_code=201,
    summary="Import a CSV file",
    openapi_extra=_BODY,
    responses={**_ERRORS, **{status: RESPONSES[status] for status in (404, 413, 503)}},
)
async def import_file(
    request: Request,
    response: Response,
    principal: Caller,
    wanted: Annotated[WantedMapping, Query()],
    place: WrittenPlace,
) -> Run:
    """Turn the rows of a file into entities `urn:ngsi-ld:<Type>:<tenant>-<number>`, the same ones every time.

    Attributes that a row has are written; those it has not stay as they are in the broker.
    """
    kind = request.headers.get("content-type", "text/csv").partition(";")[0].strip().lower()
    if kind not in _TYPES:
        raise InvalidRequest(f"Content-Type must be text/csv, not {kind}", field="Content-Type")
    parts = request.app.state.parts
    file = await read_file(await request.body(), parts.mappings, wanted.type, wanted.mapping)
    principal.require("write", place.tenant, [place.exact_path], [file.mapping.type])
    run = await parts.importing.run(file, place.tenant, place.exact_path)
    response.headers["Location"] = f"/imports/{run.run_id}"
    return _shown(run)


@router.get("", summary="List import runs", responses=_ERRORS)
async def list_runs(request: Request, principal: Caller, page: AskedPage, tenant: NamedTenant) -> Runs:
    """List the import runs of a tenant, newest first."""
    principal.require("write", tenant)
    count, runs = await request.app.state.parts.runs.list(tenant, page)
    return Runs(count=count, runs=[_shown(run) for run in runs])


@router.get("/mappings", summary="List the kinds of files", responses=_ERRORS)
async def list_mappings(request: Request, principal: Caller) -> list[MappingInfo]:
    """List the mappings, and by which columns they are recognised."""
    return [MappingInfo(**each.model_dump(include=_SHOWN)) for each in request.app.state.parts.mappings.all()]


@router.get("/{run_id}", summary="Read an import run", responses={**_ERRORS, 404: RESPONSES[404]})
async def read_run(
    request: Request,
    principal: Caller,
    run_id: Annotated[int, Path(ge=1, le=_LARGEST_ID, description="Number of the run")],
    tenant: NamedTenant,
) -> Run:
    """Read one import run with its report."""
    principal.require("write", tenant)
    return _shown(await request.app.state.parts.runs.find(tenant, run_id))


_SHOWN = {"name", "title", "type", "recognised_by"}


def _shown(run: ImportRun) -> Run:
    document: dict[str, Any] = dict(run.report)
    return Run(
        id=run.run_id,
        started_at=run.started_at,
        finished_at=run.finished_at,
        status=run.status,
        report=ImportReport.model_validate(document),
    )
