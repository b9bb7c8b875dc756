"""`/imports`: a city's files and feeds, turned into entities."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from services.ingest.feeds.feed import Destination
from services.ingest.http.headers import WrittenPlace
from services.ingest.http.import_models import ImportReport, Run, Runs, shown_report, shown_run
from services.ingest.http.parameters import AskedPage, NamedTenant
from services.ingest.http.sent_document import WantedImport, read_sending
from services.ingest.store.runs import RunFilter
from services.kernel.app import Caller
from services.kernel.errors import NotAllowed
from services.kernel.problems import RESPONSES

router = APIRouter(prefix="/imports", tags=["Imports"])
ERRORS: dict[int | str, dict[str, Any]] = {status: RESPONSES[status] for status in (400, 401, 403)}
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_JSON = "application/json"
_LARGEST_ID = 2**63 - 1
RunId = Annotated[int, Path(ge=1, le=_LARGEST_ID, description="Number of the run")]
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_FORM = {"schema": {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}}}
_BODY = {
    "requestBody": {
        "required": True,
        "description": "The document itself, of any content type: CSV (UTF-8, UTF-16, Shift_JIS, EUC-JP, ISO-2022-JP; "
        "commas, tabs, semicolons or bars), a spreadsheet (XLSX, XLS, ODS), or what a feed publishes; or a form with "
        f"it as its only file. As `{_JSON}`, the address to fetch it from",
        "content": {
            "text/csv": {
                "schema": {"type": "string", "format": "binary"},
                "example": "#property,latitude,longitude,code,reservoirName,address\n"
                "1,34.3514581987302,134.114020985276,372010006,新池,屋島東町明神1055\n",
            },
            _XLSX: _BINARY,
            "application/octet-stream": _BINARY,
            "multipart/form-data": _FORM,
            _JSON: {
                "schema": {
                    "type": "object",
                    "required": ["url"],
                    "properties": {"url": {"type": "string", "format": "uri"}},
                },
                "example": {"url": "https://opendata.example.jp/372013_aed.csv"},
            },
        },
    }
}


class SoughtRuns(BaseModel):
    """Which runs are meant."""

    status: Literal["running", "finished", "failed", "stopped"] | None = Field(None, description="How the run is")
    type: str | None = Field(None, max_length=200, description="Type of the entities")
    connector: str | None = Field(None, max_length=100, description="Name of the connector that fetched the document")
    q: str | None = Field(
        None, max_length=200, description="Part of file name, title, type, mapping, feed or connector"
    )
    since: datetime | None = Field(None, description="Runs that began at this time or later")


@router.post(
    "",
    status_code=201,
    summary="Import a file or a feed's document",
    openapi_extra=_BODY,
    response_model=Run | ImportReport,
    responses={
        **ERRORS,
        200: {"model": ImportReport, "description": "What an import would report (`dry_run`)"},
        202: {"model": Run, "description": "The run is not finished yet: `Location` tells how far it is"},
        **{status: RESPONSES[status] for status in (404, 413, 503)},
    },
)
async def import_document(
    request: Request,
    response: Response,
    principal: Caller,
    wanted: Annotated[WantedImport, Query()],
    place: WrittenPlace,
) -> Run | ImportReport:
    """Turn the records of a document into entities `urn:ngsi-ld:<Type>:<tenant>-<number>`, the same ones every time.

    Attributes that a row has are written; those it has not stay as they are in the broker. The run goes on if the
    answer does not wait for it, if the broker is away for a while, and if the process is killed.
    """
    parts = request.app.state.parts
    sending = await read_sending(request, wanted)
    opened = await parts.importing.open(sending, place.tenant)
    principal.require("write", place.tenant, [place.exact_path], list(opened.types))
    destination = Destination(place.tenant, place.exact_path)
    if wanted.dry_run:
        response.status_code = 200
        return shown_report(await parts.importing.try_out(opened, destination, sending))
    begun = await parts.importing.begin(opened, destination, sending)
    wait_s = 0 if "respond-async" in request.headers.get("prefer", "") else wanted.wait_s
    run = await parts.importing.wait(begun, wait_s)
    response.headers["Location"] = f"/imports/{run.run_id}"
    if run.finished_at is None:
        response.status_code = 202
    return shown_run(run)


@router.get("", summary="List import runs", responses=ERRORS)
async def list_runs(
    request: Request,
    principal: Caller,
    page: AskedPage,
    sought: Annotated[SoughtRuns, Query()],
    tenant: NamedTenant,
) -> Runs:
    """List the import runs of a tenant, newest first."""
    principal.require("write", tenant)
    wanted = RunFilter(tenant, sought.status, sought.type, sought.connector, sought.q, sought.since)
    count, runs = await request.app.state.parts.runs.list(wanted, page)
    return Runs(count=count, runs=[shown_run(run) for run in runs])


class FeedInfo(BaseModel):
    """A kind of document that can be imported besides files."""

    name: str = Field(examples=["gtfs-jp"])
    title: str
    types: list[str] = Field(description="Types of its entities")
    options: dict[str, str] = Field(description="What may be said about a document, with `option=name=value`")


@router.get("/feeds", summary="List the feeds", responses=ERRORS)
async def list_feeds(request: Request, principal: Caller) -> list[FeedInfo]:
    """List the kinds of documents that are converted besides files: timetables, vehicle positions, warnings."""
    feeds = request.app.state.parts.feeds.all()
    return [
        FeedInfo(name=each.name, title=each.title, types=list(each.types), options=dict(each.options)) for each in feeds
    ]


async def found_run(request: Request, principal: Caller, run_id: RunId, tenant: NamedTenant) -> Any:
    """Find the run that a path names, among those of the tenant that the headers name.

    The caller may write all there is in the tenant, or else what the run has written.
    """
    runs = request.app.state.parts.runs
    try:
        principal.require("write", tenant)
    except NotAllowed:
        if not principal.grants_in(tenant):
            raise
        run = await runs.find(tenant, run_id)
        principal.require("write", tenant, [run.plan.get("path", "/#")], str(run.report["type"]).split(", "))
        return run
    return await runs.find(tenant, run_id)


FoundRun = Annotated[Any, Depends(found_run)]


@router.get("/{run_id}", summary="Read an import run", responses={**ERRORS, 404: RESPONSES[404]})
async def read_run(run: FoundRun) -> Run:
    """Read one import run with its report, or how far it is."""
    return shown_run(run)


@router.post(
    "/{run_id}/stop",
    summary="Stop an import run",
    responses={**ERRORS, 404: RESPONSES[404], 409: RESPONSES[409]},
)
async def stop_run(request: Request, run: FoundRun, tenant: NamedTenant) -> Run:
    """Stop a run where it is; the entities that it has written stay."""
    parts = request.app.state.parts
    await parts.jobs.stop(tenant, run.run_id, parts.clock())
    return shown_run(await parts.runs.find(tenant, run.run_id))
