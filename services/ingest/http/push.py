"""`/push/{connector}`: documents that others send, known by their signature."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, Field

from services.ingest.http.dialect import responses
from services.ingest.operations.connecting import Pushed
from services.kernel.tenancy import fold_name

router = APIRouter(tags=["Measures"])
_BODY = {
    "requestBody": {
        "required": True,
        "description": "The document: a file, JSON or what a feed publishes",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


class Taken(BaseModel):
    """The document is stored and is being imported."""

    run: int = Field(description="Number of the import run")


@router.post(
    "/push/{name}",
    status_code=202,
    summary="Send a document to a connector",
    openapi_extra=_BODY,
    responses=responses(400, 401, 403, 404, 413, 503),
)
async def push_document(
    request: Request,
    name: Annotated[str, Path(max_length=100, description="Name of the connector")],
    tenant: Annotated[str, Query(max_length=50, description="Tenant; none: the default one")] = "",
) -> Taken:
    """Take a document for a connector with `push`. The sender is known by what the connector's header shows.

    The answer means that the document is stored: its import goes on whatever happens.
    """
    pushed = Pushed(await request.body(), request.headers)
    run = await request.app.state.parts.connecting.take(name, fold_name(tenant, "tenant"), pushed)
    return Taken(run=run.run_id)
