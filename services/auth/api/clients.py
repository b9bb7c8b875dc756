"""Routes of clients."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from services.auth.api.client_json import (
    ClientChange,
    ClientJson,
    ClientList,
    ClientWithSecret,
    NewClientJson,
    Secret,
)
from services.auth.api.service import Caller, Part, Service, refusals
from services.auth.operations import clients
from services.auth.operations.clients import NewClient

router = APIRouter(tags=["Clients"])
ClientId = Annotated[str, Path(description="Identifier of the client", max_length=64, examples=["river-watch"])]


@router.post("/clients", status_code=201, summary="Register a client", responses=refusals(401, 403, 409))
async def create_client(service: Service, caller: Caller, new: NewClientJson, response: Response) -> ClientWithSecret:
    """Register a program and get its secret, which is shown only now.

    Needs `admin` in every tenant that the grants name; `*`, the default tenant and a client without grants are for
    administrators of all tenants.
    """
    wanted = NewClient(tuple(grant.to_grant() for grant in new.grants), new.title, new.client_id)
    created, secret = await clients.create_client(service, caller, wanted)
    response.headers["Location"] = f"/clients/{created.client_id}"
    response.headers["Cache-Control"] = "no-store"
    return ClientWithSecret(**ClientJson.model_validate(created).model_dump(), client_secret=secret)


@router.get("/clients", summary="List clients", responses=refusals(401, 403))
async def list_clients(service: Service, caller: Caller, part: Part) -> ClientList:
    """List the clients all of whose grants lie in tenants that the caller administers, by identifier."""
    found, total = await clients.list_clients(service, caller, part)
    return ClientList(total=total, clients=[ClientJson.model_validate(each) for each in found])


@router.get("/clients/{client_id}", summary="Show a client", responses=refusals(401, 403, 404))
async def show_client(service: Service, caller: Caller, client_id: ClientId) -> ClientJson:
    """Show a client without its secret. One that the caller does not administer is not found."""
    return ClientJson.model_validate(await clients.find_client(service, caller, client_id))


@router.patch("/clients/{client_id}", summary="Change a client", responses=refusals(401, 403, 404, 409))
async def change_client(service: Service, caller: Caller, client_id: ClientId, change: ClientChange) -> ClientJson:
    """Change title, status or grants. Tokens that are out already stay valid until they expire.

    The last administrator of all tenants stays one.
    """
    return ClientJson.model_validate(await clients.change_client(service, caller, client_id, change.given))


@router.delete(
    "/clients/{client_id}", status_code=204, summary="Delete a client", responses=refusals(401, 403, 404, 409)
)
async def remove_client(service: Service, caller: Caller, client_id: ClientId) -> None:
    """Delete a client. The last administrator of all tenants cannot be deleted."""
    await clients.remove_client(service, caller, client_id)


@router.post("/clients/{client_id}/secret", summary="Renew a client's secret", responses=refusals(401, 403, 404))
async def renew_secret(service: Service, caller: Caller, client_id: ClientId, response: Response) -> Secret:
    """Give a client a new secret, shown only now; the old one ends at once."""
    renewed = await clients.renew_secret(service, caller, client_id)
    response.headers["Cache-Control"] = "no-store"
    return Secret.model_validate(renewed)
