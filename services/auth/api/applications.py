"""Routes of applications: what administrators see and approve."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from services.auth.api.service import Caller, Part, Service, refusals
from services.auth.domain.openid.application import Application
from services.auth.openid import applications

router = APIRouter(tags=["Sign-in"])
ClientId = Annotated[str, Path(description="Identifier of the application", max_length=64)]


class ApplicationJson(BaseModel):
    """An application."""

    client_id: str = Field(examples=["c-7m2pq9rs4tuvwxyz"])
    name: str = Field(description="What people are shown", examples=["バスの窓"])
    tenant: str | None = Field(description="Tenant whose administrators answer for it", examples=["takamatsu"])
    owner: str | None = Field(description="The person who registered it")
    status: Literal["applied", "active", "refused"] = Field(description="`applied` waits for approval")
    application_type: str
    token_endpoint_auth_method: str
    redirect_uris: list[str]
    scope: list[str] = Field(description="All that it may ask for")
    subject_type: str
    created_at: datetime
    modified_at: datetime

    @classmethod
    def of(cls, application: Application) -> "ApplicationJson":
        """Represent an application."""
        details = application.details
        return cls.model_validate(
            {
                "client_id": application.client_id,
                "name": details.name,
                "tenant": application.tenant,
                "owner": application.owner,
                "status": application.status,
                "application_type": details.application_type,
                "token_endpoint_auth_method": details.auth_method,
                "redirect_uris": list(details.redirect_uris),
                "scope": list(details.scope),
                "subject_type": details.subject_type,
                "created_at": application.created_at,
                "modified_at": application.modified_at,
            }
        )


class ApplicationList(BaseModel):
    """One page of applications."""

    total: int = Field(description="How many there are on all pages", examples=[1])
    applications: list[ApplicationJson]


class Decision(BaseModel):
    """Whether an application is approved."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"status": "active"}]})

    status: Literal["active", "refused"] = Field(description="`active` signs people in, `refused` does not")


@router.get("/applications", summary="List applications", responses=refusals(401))
async def list_applications(service: Service, caller: Caller, part: Part) -> ApplicationList:
    """List the applications of the tenants that the caller administers, and those that the caller has registered."""
    found, total = await applications.list_applications(service, caller, part)
    return ApplicationList(total=total, applications=[ApplicationJson.of(each) for each in found])


@router.get("/applications/{client_id}", summary="Show an application", responses=refusals(401, 404))
async def show_application(service: Service, caller: Caller, client_id: ClientId) -> ApplicationJson:
    """Show an application. One that the caller neither administers nor has registered is not found."""
    return ApplicationJson.of(await applications.find_application(service, caller, client_id))


@router.patch("/applications/{client_id}", summary="Approve an application", responses=refusals(401, 403, 404))
async def decide_application(
    service: Service, caller: Caller, client_id: ClientId, decision: Decision
) -> ApplicationJson:
    """Approve or refuse an application; the tokens of a refused one end within a second.

    Needs `admin` in its tenant, in all tenants for one that belongs to none.
    """
    return ApplicationJson.of(await applications.decide_application(service, caller, client_id, decision.status))


@router.delete(
    "/applications/{client_id}", status_code=204, summary="Delete an application", responses=refusals(401, 404)
)
async def remove_application(service: Service, caller: Caller, client_id: ClientId) -> None:
    """Delete an application with all that people have allowed it. Who registered it may, and who administers it."""
    await applications.remove_application(service, caller, client_id)
