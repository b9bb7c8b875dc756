"""The REST view of declared attribute indexes, beside the faces."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, Field

from services.broker.operations import attribute_indexes
from services.broker.operations.broker import Broker
from services.kernel.app import Caller
from services.kernel.identity import Principal
from services.kernel.problems import RESPONSES
from services.kernel.tenancy import Tenant, name_in_headers

router = APIRouter(prefix="/indexes", tags=["Attribute indexes"], responses=RESPONSES)
Name = Annotated[str, Path(min_length=1, max_length=1000, description="Name of the attribute, or its IRI")]


class Index(BaseModel):
    """An attribute that the tenant queries by its value."""

    attribute: str = Field(description="IRI of the attribute")
    is_ready: bool = Field(description="Whether all values are in, so that queries use it")
    declared_at: datetime = Field(description="When it was declared")


async def _open(request: Request, principal: Principal, action: str) -> tuple[Broker, Tenant]:
    broker: Broker = request.app.state.broker
    name = name_in_headers(request.headers)
    principal.require(action, name)
    return broker, await broker.tenants.find(name)


async def _expanded(broker: Broker, tenant: Tenant, name: str) -> str:
    return (await broker.contexts.of_tenant(tenant)).expand(name)


@router.get("", summary="List attribute indexes")
async def list_indexes(request: Request, caller: Caller) -> list[Index]:
    """Return the tenant's indexes in order of their names."""
    broker, tenant = await _open(request, caller, "read")
    found = await attribute_indexes.find(broker.pool, tenant)
    return [Index.model_validate(each, from_attributes=True) for each in found]


@router.put("/{attribute:path}", summary="Declare an attribute index", status_code=204)
async def declare_index(request: Request, caller: Caller, attribute: Name) -> Response:
    """Let queries that compare the attribute's value find its entities by it; the values are read in beside.

    A tenant may have 20 indexes. Each makes writes of its attribute a little dearer.
    """
    broker, tenant = await _open(request, caller, "admin")
    await attribute_indexes.declare(broker.pool, tenant, await _expanded(broker, tenant, attribute))
    return Response(status_code=204)


@router.delete("/{attribute:path}", summary="Drop an attribute index", status_code=204)
async def drop_index(request: Request, caller: Caller, attribute: Name) -> Response:
    """Forget an index and its values; queries read the entities again."""
    broker, tenant = await _open(request, caller, "admin")
    await attribute_indexes.drop(broker.pool, tenant, await _expanded(broker, tenant, attribute))
    return Response(status_code=204)
