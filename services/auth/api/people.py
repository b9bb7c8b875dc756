"""Routes of users, organisations and roles."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from services.auth.api.service import Caller, Part, Service, refusals
from services.auth.domain.role import ROLES
from services.auth.operations import people
from services.auth.operations.people import NewBinding, NewUser

router = APIRouter(tags=["People"])
UserId = Annotated[str, Path(description="Identifier of the user", max_length=64, examples=["u-k7m2pq9rs4tuvwxy"])]
_NAMED = ", ".join(f"`{role}`" for role in ROLES)


class NewUserJson(BaseModel):
    """A user to be."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"login": "yamada@city.example.jp", "tenant": "takamatsu"}]}
    )

    login: str = Field(description="Name to sign in with, like an e-mail address; unique, folded", max_length=200)
    tenant: str | None = Field(None, description="Where the person belongs; the operator's staff unless given")
    name: str | None = Field(None, description="What the person is called")
    password: str | None = Field(None, description="12 to 128 characters; none can sign in without", max_length=200)
    ial: int = Field(0, strict=True, ge=0, le=3, description="Level of identity proofing (身元確認), 0 to 3")


class UserChange(BaseModel):
    """The fields of a user that a request gives; the others stay."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"status": "suspended"}]})

    name: str | None = Field(None, description="What the person is called")
    status: Literal["active", "suspended"] = Field("active", description="Somebody suspended cannot sign in")
    password: str | None = Field(None, description="A new password, which also ends a lock", max_length=200)
    ial: int = Field(0, strict=True, ge=0, le=3, description="Level of identity proofing, 0 to 3")

    @property
    def given(self) -> dict[str, Any]:
        """The fields that the request holds, with their values."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class UserJson(BaseModel):
    """A user, without the password's hash."""

    model_config = ConfigDict(from_attributes=True)

    user_id: str = Field(examples=["u-k7m2pq9rs4tuvwxy"])
    login: str = Field(examples=["yamada@city.example.jp"])
    tenant: str | None = Field(examples=["takamatsu"])
    name: str | None
    status: Literal["active", "suspended"]
    ial: int
    failures: int = Field(description="Wrong passwords in a row")
    locked_until: datetime | None = Field(description="Until then passwords are refused, right ones too")
    created_at: datetime
    modified_at: datetime
    password_changed_at: datetime | None


class UserList(BaseModel):
    """One page of users."""

    total: int = Field(description="How many there are on all pages", examples=[1])
    users: list[UserJson]


class NewOrganisation(BaseModel):
    """An organisation to be: a department, a company, a group."""

    model_config = ConfigDict(extra="forbid")

    tenant: str = Field(description="Tenant that it belongs to", max_length=100)
    title: str = Field(description="What it is called", max_length=400)


class OrganisationJson(BaseModel):
    """An organisation's identifier."""

    organisation_id: str = Field(examples=["o-1f2e3d4c5b6a7988"])


class NewBindingJson(BaseModel):
    """A role to be bound, for a user or an organisation."""

    model_config = ConfigDict(extra="forbid")

    role: str = Field(description=f"One of {_NAMED}", examples=["editor"], max_length=50)
    tenant: str | None = Field(description="Node of the tree; null: the whole installation", examples=["takamatsu"])
    user_id: str | None = Field(None, description="Who has it", max_length=64)
    organisation_id: str | None = Field(None, description="Or whose members have it", max_length=64)
    valid_until: AwareDatetime | None = Field(None, description="When it ends; never unless given")


class BindingJson(NewBindingJson):
    """A role at a node of the tree."""

    model_config = ConfigDict(from_attributes=True)

    binding_id: str
    created_by: str
    created_at: datetime


@router.post("/users", status_code=201, summary="Create a user", responses=refusals(401, 403, 409))
async def create_user(service: Service, caller: Caller, new: NewUserJson, response: Response) -> UserJson:
    """Create a user, who may do nothing until a role is bound. Needs `admin` in the tenant, or in all for staff."""
    made = await people.create_user(service, caller, NewUser(**new.model_dump()))
    response.headers["Location"] = f"/users/{made.user_id}"
    return UserJson.model_validate(made)


@router.get("/users", summary="List users", responses=refusals(401, 403))
async def list_users(service: Service, caller: Caller, part: Part) -> UserList:
    """List the users who belong to the tenants that the caller administers, by login."""
    found, total = await people.list_users(service, caller, part)
    return UserList(total=total, users=[UserJson.model_validate(each) for each in found])


@router.get("/users/{user_id}", summary="Show a user", responses=refusals(401, 403, 404))
async def show_user(service: Service, caller: Caller, user_id: UserId) -> UserJson:
    """Show a user. One whom the caller does not administer is not found."""
    return UserJson.model_validate(await people.find_user(service, caller, user_id))


@router.patch("/users/{user_id}", summary="Change a user", responses=refusals(401, 403, 404))
async def change_user(service: Service, caller: Caller, user_id: UserId, change: UserChange) -> UserJson:
    """Change name, status, level or password; tokens that were issued for the user end within a second."""
    return UserJson.model_validate(await people.change_user(service, caller, user_id, change.given))


@router.delete("/users/{user_id}", status_code=204, summary="Delete a user", responses=refusals(401, 403, 404))
async def remove_user(service: Service, caller: Caller, user_id: UserId) -> None:
    """Delete a user with roles and memberships; tokens that were issued for the user end within a second."""
    await people.remove_user(service, caller, user_id)


@router.post("/organisations", status_code=201, summary="Create an organisation", responses=refusals(401, 403))
async def create_organisation(service: Service, caller: Caller, new: NewOrganisation) -> OrganisationJson:
    """Create an organisation: its members have the roles that are bound to it. Needs `admin` in the tenant."""
    made = await people.create_organisation(service, caller, new.tenant, new.title)
    return OrganisationJson(organisation_id=made)


@router.put(
    "/organisations/{organisation_id}/members/{user_id}",
    status_code=204,
    summary="Make a user a member of an organisation",
    responses=refusals(401, 403, 404),
)
async def join_organisation(
    service: Service,
    caller: Caller,
    organisation_id: Annotated[str, Path(description="Identifier of the organisation", max_length=64)],
    user_id: UserId,
) -> None:
    """Make a user a member. The caller must administer the tenants of both; repeating it changes nothing."""
    await people.join_organisation(service, caller, organisation_id, user_id)


@router.post("/roles", status_code=201, summary="Bind a role", responses=refusals(401, 403, 404))
async def bind_role(service: Service, caller: Caller, new: NewBindingJson) -> BindingJson:
    """Give a user, or the members of an organisation, a role at a node of the tree of tenants.

    It is inherited downwards as far as the tenants below let it, never upwards. Needs `admin` in the tenant; a role in
    the whole installation, `admin` in all tenants.
    """
    return BindingJson.model_validate(await people.bind_role(service, caller, NewBinding(**new.model_dump())))


@router.get("/roles", summary="List role bindings", responses=refusals(401, 403))
async def list_roles(service: Service, caller: Caller) -> list[BindingJson]:
    """List the role bindings at the nodes that the caller administers, the oldest first."""
    return [BindingJson.model_validate(each) for each in await people.list_bindings(service, caller)]


@router.delete("/roles/{binding_id}", status_code=204, summary="Take a role away", responses=refusals(401, 403, 404))
async def unbind_role(
    service: Service,
    caller: Caller,
    binding_id: Annotated[str, Path(description="Identifier of the binding", max_length=64)],
) -> None:
    """Take a role away; tokens that were issued for its holders end within a second."""
    await people.unbind_role(service, caller, binding_id)
