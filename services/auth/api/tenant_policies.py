"""Routes of a tenant's policies in Cedar."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from services.auth.api.service import Caller, Service, refusals
from services.auth.operations import tenant_policies
from services.kernel.identity.policies import SCHEMA

router = APIRouter(tags=["Policies"])
TAG = {"name": "Policies", "description": "Policies in Cedar beyond the grants, and decisions (OpenID AuthZEN)"}
TenantName = Annotated[str, Path(description="Name of the tenant", max_length=100, examples=["takamatsu"])]
_EXAMPLE = """@id("office-hours")
forbid (principal, action, resource in Hiroba::Type::"Resident")
when { context.hour < 8 || context.hour >= 18 };"""


class PoliciesJson(BaseModel):
    """A tenant's policies."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"text": _EXAMPLE}]})

    text: str = Field(description="Policies in Cedar; empty: none")


class RevisionJson(BaseModel):
    """Where in the feed of tenants policies are told."""

    revision: int = Field(description="Position in the feed of tenants", examples=[7])


class SchemaJson(BaseModel):
    """What policies may speak of."""

    text: str = Field(description="The schema in Cedar's syntax")


@router.put("/tenants/{name}/policies", summary="Set a tenant's policies", responses=refusals(401, 403, 404))
async def put_policies(service: Service, caller: Caller, name: TenantName, wanted: PoliciesJson) -> RevisionJson:
    """Set policies that hold beyond the grants: `permit` adds to what grants allow, `forbid` overrides everything.

    They are held against the schema; what is wrong is refused with each policy named (`errors`). Every service
    obeys them within a second. Needs `admin` in the tenant.
    """
    return RevisionJson(revision=await tenant_policies.put_policies(service, caller, name, wanted.text))


@router.get("/tenants/{name}/policies", summary="Show a tenant's policies", responses=refusals(401, 403, 404))
async def show_policies(service: Service, caller: Caller, name: TenantName) -> PoliciesJson:
    """Show a tenant's policies. Needs `admin` in the tenant."""
    return PoliciesJson(text=await tenant_policies.policies_of(service, caller, name))


@router.get("/policies/schema", summary="Show what policies may speak of")
async def show_schema() -> SchemaJson:
    """Show the schema that policies are held against."""
    return SchemaJson(text=SCHEMA.strip())
