"""`/exports`: entities written back as the files that they came from."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response, StreamingResponse

from services.ingest.http.headers import WrittenPlace
from services.ingest.http.imports import ERRORS, RunId
from services.ingest.operations.exporting import Export, export_of
from services.ingest.sink.reading import Sought
from services.kernel.app import OPTIONAL_TOKEN, Reader
from services.kernel.problems import RESPONSES

router = APIRouter(prefix="/exports", tags=["Imports"])
_FOUND = {
    **ERRORS,
    200: {"content": {"text/csv": {"schema": {"type": "string"}}}, "description": "The file"},
    404: RESPONSES[404],
    503: RESPONSES[503],
}
_ENCODINGS = {"utf-8": "utf-8", "utf-8-bom": "utf-8-sig", "cp932": "cp932"}


class WantedExport(BaseModel):
    """How the file is written."""

    type: str | None = Field(
        None, min_length=1, max_length=200, description="Type of the entities, if not the mapping's"
    )
    encoding: Literal["utf-8", "utf-8-bom", "cp932"] = Field(
        "utf-8-bom", description="With `cp932`, signs that Shift_JIS lacks become 〓"
    )


@router.get(
    "/mappings/{name}",
    summary="Export entities in a mapping's layout",
    response_class=Response,
    responses=_FOUND,
    openapi_extra=OPTIONAL_TOKEN,
)
async def export_mapping(
    request: Request,
    principal: Reader,
    name: Annotated[str, Path(max_length=100, description="Name of a mapping")],
    wanted: Annotated[WantedExport, Query()],
    place: WrittenPlace,
) -> Response:
    """Write all entities of a mapping's type as CSV with the columns of its `layout`, as an import reads them.

    Needs `read`; no token where the tenant opens the type to all.
    """
    parts = request.app.state.parts
    mapping = (
        await parts.importing.shelf(place.tenant) if principal.grants_in(place.tenant) else parts.mappings
    ).named(name)
    return await _answer(request, principal, Export(mapping), wanted, (place.tenant, place.exact_path))


@router.get(
    "/runs/{run_id}",
    summary="Export entities in the layout of an imported file",
    response_class=Response,
    responses={**_FOUND, 409: RESPONSES[409]},
    openapi_extra=OPTIONAL_TOKEN,
)
async def export_run(
    request: Request, principal: Reader, run_id: RunId, wanted: Annotated[WantedExport, Query()], place: WrittenPlace
) -> Response:
    """Write all entities of an import's type as CSV with the columns that its file had.

    Needs `read`; no token where the tenant opens the type to all.
    """
    if not principal.grants_in(place.tenant):
        principal.require("read", place.tenant)
    run = await request.app.state.parts.runs.find(place.tenant, run_id)
    return await _answer(request, principal, export_of(run), wanted, (place.tenant, str(run.plan["path"])))


async def _answer(
    request: Request, principal: Reader, export: Export, wanted: WantedExport, place: tuple[str, str]
) -> Response:
    mapping = export.mapping if wanted.type is None else export.mapping.model_copy(update={"type": wanted.type})
    principal.require("read", place[0], [place[1]], [mapping.type])
    token = request.headers.get("authorization")
    sought = Sought(place[0], mapping.type, place[1], {"Authorization": token} if token else {})
    export = replace(export, mapping=mapping, encoding=_ENCODINGS[wanted.encoding])
    parts = request.app.state.parts.exporting.rows(export, sought)
    first = await anext(parts)
    charset = "Shift_JIS" if wanted.encoding == "cp932" else "utf-8"
    headers = {"Content-Disposition": f'attachment; filename="{export.mapping.name}.csv"'}
    return StreamingResponse(_joined(first, parts), media_type=f"text/csv; charset={charset}", headers=headers)


async def _joined(first: bytes, parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for part in parts:
        yield part
