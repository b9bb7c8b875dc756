"""Routes of the levels of assurance that a tenant's data ask."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from services.auth.api.service import Caller, Service, refusals
from services.auth.domain.level_rule import MOST_RULES, LevelRule
from services.auth.operations import level_rules
from services.kernel.identity.assurance import Assurance
from services.kernel.identity.rules import LEVELLED_ACTIONS

router = APIRouter(tags=["Assurance"])
TAG = {"name": "Assurance", "description": "Levels of identity proofing and authentication that data ask"}
TenantName = Annotated[str, Path(description="Name of the tenant", max_length=100, examples=["takamatsu"])]


class LevelRuleJson(BaseModel):
    """Levels that some data ask of who uses them."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"types": ["Resident"], "ial": 2, "aal": 2}]}
    )

    path: str = Field("/#", description="Service path; with `/#` at its end everything below it too", max_length=600)
    types: list[str] = Field(["*"], description="Entity types, short names or IRIs; `*` all", max_length=100)
    attributes: list[str] = Field(["*"], description="Only these attributes of them; `*` all", max_length=200)
    actions: list[str] = Field(
        list(LEVELLED_ACTIONS), description=f"Some of {', '.join(LEVELLED_ACTIONS)}", max_length=10
    )
    ial: int = Field(0, strict=True, ge=0, le=3, description="Level of identity proofing (身元確認), 0 to 3")
    aal: int = Field(0, strict=True, ge=0, le=3, description="Level of authentication (当人認証), 0 to 3")

    def to_value(self) -> LevelRule:
        """Return the value."""
        asked = Assurance(self.ial, self.aal)
        return LevelRule(asked, self.path, tuple(self.types), tuple(self.attributes), tuple(self.actions))


class LevelRulesJson(BaseModel):
    """All levels that a tenant's data ask."""

    model_config = ConfigDict(extra="forbid")

    rules: list[LevelRuleJson] = Field(
        description="The rules; each is held against every caller", max_length=MOST_RULES
    )


@router.put(
    "/tenants/{name}/levels", status_code=204, summary="Set the levels data ask", responses=refusals(401, 403, 404)
)
async def put_levels(service: Service, caller: Caller, name: TenantName, wanted: LevelRulesJson) -> None:
    """Set the levels of assurance that a tenant's data ask of whoever uses them.

    Every decision compares them with the caller's; who is short is refused with 401, `insufficient_user_authentication`
    and the `acr_values` to ask for (RFC 9470). In effect everywhere within a second. Needs `admin` in the tenant.
    """
    await level_rules.put_levels(service, caller, name, [rule.to_value() for rule in wanted.rules])


@router.get("/tenants/{name}/levels", summary="Show the levels data ask", responses=refusals(401, 403, 404))
async def show_levels(service: Service, caller: Caller, name: TenantName) -> LevelRulesJson:
    """Show the levels of assurance that a tenant's data ask. Needs `admin` in the tenant."""
    return LevelRulesJson.model_validate({"rules": await level_rules.levels_of(service, caller, name)})
