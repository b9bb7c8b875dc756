"""The route through which every service hands out all that it keeps of a tenant."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import StreamingResponse

from services.kernel.app import Caller
from services.kernel.problems import RESPONSES
from services.kernel.tenancy.directory import TenantDirectory
from services.kernel.tenancy.names import fold_name

NDJSON = "application/x-ndjson"
router = APIRouter(tags=["Tenant data"])
TAG = {"name": "Tenant data", "description": "All that the service keeps of a tenant, for who leaves or audits"}
_LINES = {"description": "One JSON object a line: `{table, row}`", "content": {NDJSON: {"schema": {"type": "string"}}}}


@router.get(
    "/tenants/{name}/export",
    summary="Export all that this service keeps of a tenant",
    response_class=StreamingResponse,
    responses={200: _LINES, **{status: RESPONSES[status] for status in (400, 401, 403, 404, 503)}},
)
async def export_tenant(
    request: Request,
    caller: Caller,
    name: Annotated[str, Path(description="Name of the tenant", max_length=100, examples=["takamatsu"])],
) -> StreamingResponse:
    """Stream every row of the tenant as of one instant, a JSON object a line: `{"table": "entity", "row": {…}}`.

    Also of a suspended tenant. Needs `admin` in the tenant.
    """
    folded = fold_name(name, "name")
    caller.require("admin", folded)
    tenants: TenantDirectory = request.app.state.tenants()
    lines = await tenants.export(folded)

    async def body() -> AsyncIterator[bytes]:
        async for line in lines:
            yield line

    disposition = f'attachment; filename="{folded or "default"}.ndjson"'
    return StreamingResponse(body(), media_type=NDJSON, headers={"Content-Disposition": disposition})
