"""Routes of tenants and their change feed."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from services.auth.api.polling import LONGEST_WAIT_S, long_poll
from services.auth.api.service import Caller, Part, Service, refusals
from services.auth.api.tenant_json import (
    DeletionJson,
    FeedPage,
    NewTenant,
    RowsJson,
    TenantChange,
    TenantChanged,
    TenantJson,
    TenantList,
)
from services.auth.domain.tenant import Confirmation, Kind, Tenant, TenantFilter, Tombstone
from services.auth.operations import deletions, export, tenants
from services.auth.operations.feed import Feed
from services.kernel.tenancy.routes import NDJSON

router = APIRouter(tags=["Tenants"])
TenantName = Annotated[str, Path(description="Name of the tenant", max_length=100, examples=["takamatsu"])]
_CREATED = {"model": TenantJson, "description": "Created", "headers": {"Location": {"schema": {"type": "string"}}}}

_EXPORTED = {"description": "One JSON object a line", "content": {NDJSON: {"schema": {"type": "string"}}}}


def _wanted(
    parent: Annotated[str | None, Query(description="Only those directly below this tenant")] = None,
    code: Annotated[str | None, Query(pattern="^[0-9]{6}$", description="Only the one with this code")] = None,
    kind: Annotated[Kind | None, Query(description="Only those of this kind")] = None,
) -> TenantFilter:
    return TenantFilter(parent, code, kind)


Wanted = Annotated[TenantFilter, Depends(_wanted)]


@router.post(
    "/tenants", status_code=201, summary="Create a tenant", responses={**refusals(401, 403, 409), 201: _CREATED}
)
async def create_tenant(service: Service, caller: Caller, new: NewTenant, response: Response) -> TenantJson:
    """Create a tenant. Its name is taken from `Fiware-Service` in every service within a second.

    A `code` fills in `kind`, `title` and, for prefectures, `title_en` where they are not given. `parent` must exist.
    Needs the action `admin` in all tenants (`*`).
    """
    created = await tenants.create_tenant(service, caller, new.name, new.given)
    response.headers["Location"] = f"/tenants/{created.name}"
    return TenantJson.of(created, service.gazetteer)


@router.put(
    "/tenants/{name}", summary="Create or change a tenant", responses={**refusals(401, 403, 409), 201: _CREATED}
)
async def put_tenant(
    service: Service, caller: Caller, name: TenantName, change: TenantChange, response: Response
) -> TenantJson:
    """Create a tenant, or change the given fields of the one there is; repeating a request changes nothing.

    Creating needs `admin` in all tenants, or, with an empty object and where first writes create tenants, `report`,
    which the hub's services have. Changing needs `admin` as in PATCH.
    """
    tenant, is_new = await tenants.put_tenant(service, caller, name, change.given)
    if is_new:
        response.status_code = 201
        response.headers["Location"] = f"/tenants/{tenant.name}"
    return TenantJson.of(tenant, service.gazetteer)


@router.get("/tenants", summary="List tenants", responses=refusals(401))
async def list_tenants(
    service: Service,
    caller: Caller,
    part: Part,
    wanted: Wanted,
) -> TenantList:
    """List tenants by name. The default tenant, which has no name, is not among them. Any caller may."""
    found, total = await tenants.list_tenants(service, wanted, part)
    return TenantList(total=total, tenants=[TenantJson.of(each, service.gazetteer) for each in found])


@router.get("/tenants/{name}", summary="Show a tenant", responses=refusals(401, 404))
async def show_tenant(service: Service, caller: Caller, name: TenantName) -> TenantJson:
    """Show a tenant, with what the built-in list tells of its code. Any caller may."""
    return TenantJson.of(await tenants.find_tenant(service, name), service.gazetteer)


@router.patch("/tenants/{name}", summary="Change a tenant", responses=refusals(401, 403, 404, 409))
async def change_tenant(service: Service, caller: Caller, name: TenantName, change: TenantChange) -> TenantJson:
    """Change the given fields; null takes a field away (RFC 7396).

    Needs `admin` in the tenant, and `admin` in all tenants for `kind`, `code`, `parent`, `population`, `status`,
    `billing_party` and `quotas`.
    """
    changed = await tenants.change_tenant(service, caller, name, change.given)
    return TenantJson.of(changed, service.gazetteer)


@router.get(
    "/tenants/{name}/export",
    summary="Export all that auth keeps of a tenant",
    response_class=Response,
    responses={**refusals(401, 403, 404), 200: _EXPORTED},
)
async def export_tenant(service: Service, caller: Caller, name: TenantName) -> Response:
    """Return the tenant and what belongs to it, a JSON object a line: `{"table": "tenant", "row": {…}}`.

    Every service has this route for what it keeps itself. Hashes of secrets are left out. Needs `admin` in the tenant.
    """
    lines = await export.export_tenant(service, caller, name)
    disposition = f'attachment; filename="{name.lower()}.ndjson"'
    return Response(b"".join(lines), media_type=NDJSON, headers={"Content-Disposition": disposition})


@router.delete(
    "/tenants/{name}",
    status_code=202,
    summary="Delete a tenant with all that it has",
    responses=refusals(401, 403, 404, 409),
)
async def delete_tenant(service: Service, caller: Caller, name: TenantName) -> DeletionJson:
    """Close a tenant at once and for good, and let every service delete its rows; repeating it shows how far it is.

    It is gone, and its name free, when all services have confirmed. Not while other tenants lie below it or have it
    pay for them. Export it first: nothing can be brought back. Needs `admin` in all tenants.
    """
    return DeletionJson.model_validate(await deletions.delete_tenant(service, caller, name))


@router.get("/tenants/{name}/deletion", summary="Show how far a deletion is", responses=refusals(401, 403, 404, 409))
async def show_deletion(service: Service, caller: Caller, name: TenantName) -> DeletionJson:
    """Show which services have confirmed, and how many rows each has deleted; also when the tenant is gone.

    Needs `admin` in all tenants.
    """
    return DeletionJson.model_validate(await deletions.show_deletion(service, caller, name))


@router.put(
    "/tenants/{name}/deletion/{confirming}",
    summary="Confirm that a service holds nothing more",
    responses=refusals(401, 403, 404, 409),
)
async def confirm_deletion(
    service: Service,
    caller: Caller,
    name: TenantName,
    confirming: Annotated[str, Path(description="Name of the service", max_length=20, examples=["broker"])],
    told: RowsJson,
) -> DeletionJson:
    """Take a service's word that it holds nothing more of a tenant that is being deleted.

    The service itself confirms; an administrator of all tenants does for one that is no longer run.
    """
    confirmation = Confirmation(confirming, told.rows, service.clock())
    return DeletionJson.model_validate(await deletions.confirm_deletion(service, caller, name, confirmation))


@router.get("/feed/tenants", summary="Follow the changes of tenants", responses=refusals(401))
async def follow_tenants(
    request: Request,
    caller: Caller,
    after: Annotated[int, Query(ge=0, le=2**63 - 1, description="Position reached so far; 0: from the start")] = 0,
    wait_s: Annotated[float, Query(ge=0, le=LONGEST_WAIT_S, description="How long to wait for a change, seconds")] = 0,
) -> FeedPage:
    """Return the tenants changed after a position, each once, as they are now, in the order of their last changes.

    A long poll: without changes it waits for one, and after `wait_s` answers with none. At most 500 changes come at
    once; go on with the `position` of the answer. Positions only grow and none is passed over: a position that is
    visible has all earlier ones visible. An answer whose position is smaller than `after` means that the feed has
    begun anew: start again from 0. Any caller may.
    """
    feed: Feed[Tenant | Tombstone] = request.app.state.feed
    found = await long_poll(request, feed, after, wait_s)
    return FeedPage(position=found.position, tenants=[TenantChanged.model_validate(each) for each in found.changes])
