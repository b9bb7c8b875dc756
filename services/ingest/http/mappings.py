"""`/imports/mappings`: the kinds of files that ingest knows, and a tenant's own."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from services.ingest.http.imports import ERRORS
from services.ingest.http.parameters import NamedTenant
from services.ingest.importing.mapping import Mapping, dumped
from services.kernel.app import Caller
from services.kernel.errors import InvalidRequest
from services.kernel.problems import RESPONSES

router = APIRouter(prefix="/imports/mappings", tags=["Imports"])
_MOST = 500
Name = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,99}$", description="Name of the mapping")]


class MappingInfo(BaseModel):
    """A kind of file that can be imported."""

    name: str = Field(examples=["reservoir-list"])
    title: str
    type: str = Field(examples=["Reservoir"])
    recognised_by: list[str | list[str]] = Field(description="Columns that every such file has; of a list, one of them")
    is_own: bool = Field(description="Whether it is the tenant's own")


class MappingBody(Mapping):
    """A mapping, without its name, which is in the path."""

    name: str = Field("", exclude=True, description="Left out, or as in the path")


@router.get("", summary="List the kinds of files", responses=ERRORS)
async def list_mappings(request: Request, principal: Caller, tenant: NamedTenant) -> list[MappingInfo]:
    """List the mappings, and by which columns they are recognised.

    A tenant's own stand first, for callers that have a grant in it.
    """
    parts = request.app.state.parts
    if not principal.grants_in(tenant):
        return [_shown(each, is_own=False) for each in parts.mappings.all()]
    own = {each["name"] for each in await parts.own_mappings.all(tenant)}
    shelf = await parts.importing.shelf(tenant)
    return [_shown(each, is_own=each.name in own) for each in shelf.all()]


def _shown(mapping: Mapping, *, is_own: bool) -> MappingInfo:
    return MappingInfo(
        name=mapping.name,
        title=mapping.title,
        type=mapping.type,
        recognised_by=[each if isinstance(each, str) else list(each) for each in mapping.recognised_by],
        is_own=is_own,
    )


@router.get("/{name}", summary="Read a mapping", responses={**ERRORS, 404: RESPONSES[404]})
async def read_mapping(request: Request, principal: Caller, name: Name, tenant: NamedTenant) -> dict[str, Any]:
    """Read a mapping as it is stored: what a tenant's own may begin with."""
    parts = request.app.state.parts
    shelf = await parts.importing.shelf(tenant) if principal.grants_in(tenant) else parts.mappings
    return dumped(shelf.named(name))


@router.put(
    "/{name}",
    summary="Store a mapping",
    status_code=204,
    responses={**ERRORS, 201: {"description": "It is new"}, 409: RESPONSES[409]},
)
async def put_mapping(
    request: Request, principal: Caller, name: Name, body: MappingBody, tenant: NamedTenant
) -> Response:
    """Store a tenant's own mapping. One of the name of a mapping that comes with ingest stands instead of it."""
    principal.require("provision", tenant)
    if body.name not in ("", name):
        raise InvalidRequest(f"name is {body.name:.60}, in the path it is {name}", field="name")
    parts = request.app.state.parts
    mapping = Mapping.model_validate({**body.model_dump(exclude={"name"}), "name": name})
    known = await parts.tenants.find_or_create(tenant)
    own = {each["name"] for each in await parts.own_mappings.all(tenant)}
    if name not in own and len(own) >= _MOST:
        raise InvalidRequest(f"A tenant has at most {_MOST} mappings of its own", field="name")
    is_new = await parts.own_mappings.put(known.tenant_id, name, dumped(mapping), parts.clock())
    return Response(status_code=201 if is_new else 204)


@router.delete("/{name}", summary="Delete a mapping", status_code=204, responses={**ERRORS, 404: RESPONSES[404]})
async def delete_mapping(request: Request, principal: Caller, name: Name, tenant: NamedTenant) -> Response:
    """Delete a tenant's own mapping. Its entities and runs stay."""
    principal.require("provision", tenant)
    await request.app.state.parts.own_mappings.remove(tenant, name)
    return Response(status_code=204)
