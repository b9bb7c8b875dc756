"""Routes of organisations that are there already."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from services.auth.api.service import Caller, Part, Service, refusals
from services.auth.operations import organisations

router = APIRouter(tags=["People"])
OrganisationId = Annotated[str, Path(description="Identifier of the organisation", max_length=64)]


class ListedOrganisation(BaseModel):
    """An organisation with who belongs to it."""

    model_config = ConfigDict(from_attributes=True)

    organisation_id: str = Field(examples=["o-1f2e3d4c5b6a7988"])
    tenant: str = Field(examples=["takamatsu"])
    title: str = Field(examples=["危機管理課"])
    members: list[str] = Field(description="Identifiers of the users who belong to it")


class OrganisationList(BaseModel):
    """One page of organisations."""

    total: int = Field(description="How many there are on all pages", examples=[1])
    organisations: list[ListedOrganisation]


@router.get("/organisations", summary="List organisations", responses=refusals(401, 403))
async def list_organisations(service: Service, caller: Caller, part: Part) -> OrganisationList:
    """List the organisations of the tenants that the caller administers, with their members."""
    found, total = await organisations.list_organisations(service, caller, part)
    return OrganisationList(total=total, organisations=[ListedOrganisation.model_validate(each) for each in found])


@router.delete(
    "/organisations/{organisation_id}",
    status_code=204,
    summary="Delete an organisation",
    responses=refusals(401, 403, 404),
)
async def remove_organisation(service: Service, caller: Caller, organisation_id: OrganisationId) -> None:
    """Delete an organisation with the roles that are bound to it; tokens of its members end within a second."""
    await organisations.remove_organisation(service, caller, organisation_id)


@router.delete(
    "/organisations/{organisation_id}/members/{user_id}",
    status_code=204,
    summary="Take a user out of an organisation",
    responses=refusals(401, 403, 404),
)
async def leave_organisation(
    service: Service,
    caller: Caller,
    organisation_id: OrganisationId,
    user_id: Annotated[str, Path(description="Identifier of the user", max_length=64)],
) -> None:
    """Take a user out of an organisation; tokens with its roles end within a second. Repeating it changes nothing."""
    await organisations.leave_organisation(service, caller, organisation_id, user_id)
