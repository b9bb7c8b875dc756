"""Tenants in JSON."""

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field

from services.auth.api.municipality_json import LocalGovernmentJson
from services.auth.domain.local_government import Gazetteer
from services.auth.domain.tenant import LARGEST_POPULATION, Kind, Status, Tenant

_EXAMPLE: dict[str, Any] = {
    "kind": "municipality",
    "code": "372013",
    "title": "高松市",
    "title_en": "Takamatsu",
    "parent": "kagawa",
    "population": 417496,
}

Name = Annotated[
    str, Field(description="Name in `Fiware-Service`, `[a-z0-9_]{1,50}`, folded to lower case", max_length=100)
]


class TenantChange(BaseModel):
    """The fields of a tenant that a request gives. A field left out stays; null takes it away."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_EXAMPLE]})

    kind: Kind | None = Field(None, description="What it is; told by `code` unless given, else `other`")
    status: Status | None = Field(None, description="A suspended tenant is unusable in every service")
    title: str | None = Field(None, description="Name in Japanese; the code's unless given")
    title_en: str | None = Field(None, description="Name in English; a prefecture's code's unless given")
    code: str | None = Field(None, description="全国地方公共団体コード, six digits, check digit verified, unique")
    parent: str | None = Field(None, description="Name of the tenant above it in the tree")
    population: int | None = Field(None, strict=True, ge=0, le=LARGEST_POPULATION, description="Inhabitants")
    default_context: str | None = Field(
        None, description="URL of the @context for entities written without one; the core @context unless given"
    )

    @property
    def given(self) -> dict[str, Any]:
        """The fields that the request holds, with their values."""
        return {name: getattr(self, name) for name in self.model_fields_set if name != "name"}


class NewTenant(TenantChange):
    """A tenant to be created."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "takamatsu", **_EXAMPLE}]})

    name: Name


class TenantJson(BaseModel):
    """A tenant."""

    model_config = ConfigDict(from_attributes=True)

    name: str = Field(description="Name in `Fiware-Service`", examples=["takamatsu"])
    kind: Kind
    status: Status
    title: str | None = Field(description="Name in Japanese", examples=["高松市"])
    title_en: str | None = Field(description="Name in English", examples=["Takamatsu"])
    code: str | None = Field(description="全国地方公共団体コード", examples=["372013"])
    parent: str | None = Field(description="Name of the tenant above it", examples=["kagawa"])
    population: int | None = Field(description="Inhabitants", examples=[417496])
    default_context: str | None = Field(description="URL of the default @context; null: the core @context")
    created_at: datetime
    modified_at: datetime
    local_government: LocalGovernmentJson | None = Field(None, description="What the built-in list tells of the code")

    @classmethod
    def of(cls, tenant: Tenant, gazetteer: Gazetteer) -> Self:
        """Represent a tenant."""
        known = gazetteer.find(tenant.code)
        represented = cls.model_validate(tenant)
        represented.local_government = LocalGovernmentJson.model_validate(known) if known else None
        return represented


class TenantList(BaseModel):
    """One page of tenants."""

    total: int = Field(description="How many there are on all pages", examples=[2])
    tenants: list[TenantJson]


class TenantChanged(BaseModel):
    """A tenant in the change feed, as it is now."""

    model_config = ConfigDict(from_attributes=True)

    name: str = Field(examples=["takamatsu"])
    status: Status
    code: str | None = Field(examples=["372013"])
    title: str | None = Field(examples=["高松市"])
    title_en: str | None
    parent: str | None = Field(examples=["kagawa"])
    kind: Kind
    default_context: str | None
    position: int = Field(description="Place of its last change in the feed", examples=[2])


class FeedPage(BaseModel):
    """Tenants changed after a position, the oldest change first."""

    model_config = ConfigDict(from_attributes=True)

    position: int = Field(description="Ask for the changes after this one next", examples=[2])
    tenants: list[TenantChanged]
