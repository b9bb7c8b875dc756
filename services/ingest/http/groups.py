"""`/iot/groups` and its older name `/iot/services`."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Query, Request
from starlette.responses import Response

from services.ingest.domain.device import GROUP_KEYS, LISTS, Group
from services.ingest.http.dialect import answers, responses
from services.ingest.http.group_bodies import GroupBody, GroupChanges, GroupList, GroupsBody, ServiceList, ServicesBody
from services.ingest.http.headers import ProvisionedPlace
from services.ingest.http.ignored import ignored_fields
from services.ingest.http.parameters import AskedPage, GroupName
from services.ingest.operations.provisioning import Provisioning

router = APIRouter(tags=["Groups"])


def provisioning_of(request: Request) -> Provisioning:
    """Return the service's provisioning."""
    provisioning: Provisioning = request.app.state.parts.provisioning
    return provisioning


Registrar = Annotated[Provisioning, Depends(provisioning_of)]
_EXAMPLE = {
    "apikey": "fukui-river",
    "resource": "/iot/json",
    "entity_type": "WaterLevelObserved",
    "autoprovision": False,
    "attributes": [{"object_id": "level", "name": "waterLevel", "type": "Number", "unitCode": "MTR"}],
}


@router.post(
    "/iot/services", status_code=201, summary="Create groups (older name)", responses=responses(400, 401, 403, 409)
)
async def create_services(
    place: ProvisionedPlace,
    registrar: Registrar,
    response: Response,
    body: Annotated[ServicesBody, Body(examples=[{"services": [_EXAMPLE]}])],
) -> dict[str, Any]:
    """Create configuration groups, all or none. An API key belongs to one tenant."""
    response.headers.update(ignored_fields(body.services, "services"))
    return await _create(place, registrar, body.services)


@router.post("/iot/groups", status_code=201, summary="Create groups", responses=responses(400, 401, 403, 409))
async def create_groups(
    place: ProvisionedPlace,
    registrar: Registrar,
    response: Response,
    body: Annotated[GroupsBody, Body(examples=[{"groups": [_EXAMPLE]}])],
) -> dict[str, Any]:
    """Create configuration groups, all or none. An API key belongs to one tenant."""
    response.headers.update(ignored_fields(body.groups, "groups"))
    return await _create(place, registrar, body.groups)


async def _create(place: ProvisionedPlace, registrar: Registrar, bodies: list[GroupBody]) -> dict[str, Any]:
    path = place.exact_path
    groups = []
    for body in bodies:
        fields = {name: value for name, value in body.stored().items() if name not in GROUP_KEYS}
        groups.append(Group(place.tenant, path, body.resource, body.apikey, fields))
    await registrar.create_groups(place.tenant, groups)
    return {}


@router.get("/iot/services", summary="List groups (older name)", responses=answers(ServiceList, 400, 401, 403))
async def list_services(place: ProvisionedPlace, page: AskedPage, registrar: Registrar) -> dict[str, Any]:
    """List the groups of a service path, or of the tenant with the service path `/*`: `{count, services}`."""
    count, groups = await registrar.list_groups(place.tenant, place.path, page)
    return {"count": count, "services": [_shown(group) for group in groups]}


@router.get("/iot/groups", summary="List groups", responses=answers(GroupList, 400, 401, 403))
async def list_groups(place: ProvisionedPlace, page: AskedPage, registrar: Registrar) -> dict[str, Any]:
    """List the groups of a service path, or of the tenant with the service path `/*`: `{count, groups}`."""
    count, groups = await registrar.list_groups(place.tenant, place.path, page)
    return {"count": count, "groups": [_shown(group) for group in groups]}


@router.put(
    "/iot/services",
    status_code=204,
    response_class=Response,
    summary="Change a group (older name)",
    responses=responses(400, 401, 403, 404, 409),
)
@router.put(
    "/iot/groups",
    status_code=204,
    response_class=Response,
    summary="Change a group",
    responses=responses(400, 401, 403, 404, 409),
)
async def change_group(place: ProvisionedPlace, name: GroupName, registrar: Registrar, body: GroupChanges) -> Response:
    """Change the fields that the body has, and keep the others. Measures follow the change at once.

    Another `apikey` or `resource` in the body replaces the group's own.
    """
    await registrar.change_group(place.tenant, place.exact_path, name, body.stored())
    return Response(status_code=204, headers=ignored_fields([body]))


@router.delete(
    "/iot/services",
    status_code=204,
    response_class=Response,
    summary="Remove a group (older name)",
    responses=responses(400, 401, 403, 404),
)
@router.delete(
    "/iot/groups",
    status_code=204,
    response_class=Response,
    summary="Remove a group",
    responses=responses(400, 401, 403, 404),
)
async def remove_group(
    place: ProvisionedPlace,
    name: GroupName,
    registrar: Registrar,
    device: Annotated[bool, Query(description="Whether the devices of the service path go too")] = False,  # noqa: FBT002
) -> Response:
    """Remove a group, and with `device=true` the devices of its service path."""
    await registrar.remove_group(place.tenant, place.exact_path, name, with_devices=device)
    return Response(status_code=204)


def _shown(group: Group) -> dict[str, Any]:
    keys = {"service": group.tenant, "subservice": group.path, "resource": group.resource, "apikey": group.apikey}
    return {**keys, **dict.fromkeys(LISTS, ()), **group.fields}
