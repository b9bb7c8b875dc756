"""`/imports/{run}/refused`: the rows that became no entities, to be read, corrected and sent again."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.ingest.http.import_models import CorrectionResult, RefusedPage, RefusedRowInfo, shown_run
from services.ingest.http.imports import ERRORS, FoundRun
from services.ingest.http.parameters import AskedPage, NamedTenant
from services.ingest.operations.corrections import written_rows
from services.kernel.problems import RESPONSES

router = APIRouter(prefix="/imports/{run_id}", tags=["Imports"])
_CSV = "text/csv; charset=utf-8"
_FOUND = {**ERRORS, 404: RESPONSES[404]}
_BODY = {
    "requestBody": {
        "required": True,
        "description": "Rows of `refused.csv`, corrected; the column `←row` names them",
        "content": {"text/csv": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.get("/refused", summary="List a run's refused rows", responses=_FOUND)
async def list_refused(request: Request, run: FoundRun, page: AskedPage, tenant: NamedTenant) -> RefusedPage:
    """List the rows that became no entities, with the reason, the column at fault and what stood in them."""
    count, rows = await request.app.state.parts.refusals.list(tenant, run.run_id, page)
    return RefusedPage(count=count, rows=[RefusedRowInfo.model_validate(each, from_attributes=True) for each in rows])


@router.get(
    "/refused.csv",
    summary="Download a run's refused rows",
    response_class=Response,
    responses={**_FOUND, 200: {"content": {"text/csv": {}}, "description": "In the file's own layout, and why"}},
)
async def download_refused(request: Request, run: FoundRun, tenant: NamedTenant) -> Response:
    """Download the refused rows in their own layout, with their number, reason, column at fault and detail.

    These further columns begin with `←`, as columns of instructions do: an import leaves them out.
    """
    _, rows = await request.app.state.parts.refusals.list(tenant, run.run_id)
    headers = {"Content-Disposition": f'attachment; filename="import-{run.run_id}-refused.csv"'}
    return Response(written_rows(rows), media_type=_CSV, headers=headers)


@router.post(
    "/refused",
    summary="Send corrected rows again",
    openapi_extra=_BODY,
    responses={**_FOUND, 409: RESPONSES[409], 413: RESPONSES[413]},
)
async def send_corrected(request: Request, run: FoundRun, tenant: NamedTenant) -> CorrectionResult:
    """Read corrected rows as their run read them, write what can be written now, and bring the run's report up to date.

    Rows that are refused again stay among the refused ones, with the new reason.
    """
    done = await request.app.state.parts.correcting.take(run, await request.body())
    return CorrectionResult(sent=done.sent, accepted=done.accepted, refused=done.refused, run=shown_run(done.run))
