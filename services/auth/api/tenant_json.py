"""Tenants in JSON."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, create_model

from services.auth.api.municipality_json import LocalGovernmentJson
from services.auth.domain.limits import QUOTAS, RETENTION
from services.auth.domain.local_government import Gazetteer
from services.auth.domain.open_data import OpenData
from services.auth.domain.tenant import INHERITABLE, LARGEST_POPULATION, DeviceKeys, Kind, Status, Tenant

_EXAMPLE: dict[str, Any] = {
    "kind": "municipality",
    "code": "372013",
    "title": "高松市",
    "title_en": "Takamatsu",
    "parent": "kagawa",
    "population": 417496,
}

Name = Annotated[
    str,
    Field(
        description="Name, `[a-z0-9_][a-z0-9_-]{0,49}`, folded to lower case; `Fiware-Service` cannot carry a `-`",
        max_length=100,
    ),
]


class OpenDataJson(BaseModel):
    """A part of a tenant that everybody may read without a token."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)

    path: str = Field("/#", description="Service path; with `/#` at its end everything below it too", max_length=600)
    types: list[str] = Field(["*"], description="Entity types, short names or IRIs; `*` all", max_length=100)
    attributes: list[str] = Field(["*"], description="Attributes of them; `*` all", max_length=200)

    def to_value(self) -> OpenData:
        """Return the value."""
        return OpenData(self.path, tuple(self.types), tuple(self.attributes))


_Figure = Annotated[int | None, Field(strict=True)]
QuotasJson = create_model(
    "QuotasJson",
    __config__=ConfigDict(extra="forbid"),
    __doc__="Most that a tenant may have or do; what is left out is not limited.",
    **{name: (_Figure, Field(None, description=text)) for name, text in QUOTAS.items()},  # type: ignore[call-overload]
)
RetentionJson = create_model(
    "RetentionJson",
    __config__=ConfigDict(extra="forbid"),
    __doc__="How long is kept what grows; what is left out is kept as the installation does.",
    **{name: (_Figure, Field(None, description=text)) for name, text in RETENTION.items()},  # type: ignore[call-overload]
)


class TenantChange(BaseModel):
    """The fields of a tenant that a request gives. A field left out stays; null takes it away."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_EXAMPLE]})

    kind: Kind | None = Field(None, description="What it is; told by `code` unless given, else `other`")
    status: Literal["active", "suspended"] | None = Field(
        None, description="A suspended tenant is unusable in every service"
    )
    title: str | None = Field(None, description="Name in Japanese; the code's unless given")
    title_en: str | None = Field(None, description="Name in English; a prefecture's code's unless given")
    code: str | None = Field(None, description="全国地方公共団体コード, six digits, check digit verified, unique")
    parent: str | None = Field(None, description="Name of the tenant above it in the tree")
    population: int | None = Field(None, strict=True, ge=0, le=LARGEST_POPULATION, description="Inhabitants")
    default_context: str | None = Field(
        None, description="URL of the @context for entities written without one; the core @context unless given"
    )

    billing_party: str | None = Field(None, description="Tenant that pays for it; itself unless given")
    quotas: QuotasJson | None = Field(None, description="Most that it may have or do, all of its limits")
    retention: RetentionJson | None = Field(None, description="How long is kept what grows, all of it")
    inherits: list[str] | None = Field(
        None,
        description=f"What grants over a subtree above may do in it, some of {', '.join(INHERITABLE)}; "
        "nothing unless given",
        max_length=10,
    )
    open_data: list[OpenDataJson] | None = Field(None, description="What everybody may read without a token")
    device_keys: DeviceKeys | None = Field(
        None, description="Whether devices that send over HTTP must show a device key; `optional` unless given"
    )

    @property
    def given(self) -> dict[str, Any]:
        """The fields that the request holds, with their values."""
        values = {name: getattr(self, name) for name in self.model_fields_set if name != "name"}
        for name in {"quotas", "retention"} & values.keys():
            values[name] = None if values[name] is None else values[name].model_dump()
        if values.get("open_data") is not None:
            values["open_data"] = [part.to_value() for part in values["open_data"]]
        return values


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
    billing_party: str | None = Field(description="Tenant that pays for it; null: itself")
    quotas: dict[str, int] = Field(description="Most that it may have or do", examples=[{"entities": 100000}])
    retention: dict[str, int] = Field(description="How long is kept what grows", examples=[{"history_days": 400}])
    inherits: list[str] = Field(description="What grants over a subtree above may do in it", examples=[["read"]])
    open_data: list[OpenDataJson] = Field(description="What everybody may read without a token")
    device_keys: DeviceKeys = Field(description="Whether devices that send over HTTP must show a device key")
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
    """A tenant in the change feed, as it is now; one that is `deleted` has only its name, code and title left."""

    model_config = ConfigDict(from_attributes=True)

    name: str = Field(examples=["takamatsu"])
    status: Status | Literal["deleted"]
    code: str | None = Field(examples=["372013"])
    title: str | None = Field(examples=["高松市"])
    title_en: str | None = None
    parent: str | None = Field(None, examples=["kagawa"])
    kind: Kind = "other"
    default_context: str | None = None
    quotas: dict[str, int] = Field({}, description="Most that it may have or do")
    retention: dict[str, int] = Field({}, description="How long is kept what grows")
    inherits: list[str] = Field([], description="What grants over a subtree above may do in it")
    open_data: list[OpenDataJson] = Field([], description="What everybody may read without a token")
    device_keys: DeviceKeys = Field(
        "optional", description="Whether devices that send over HTTP must show a device key"
    )
    access: dict[str, Any] = Field({}, description="What it asks of callers beyond grants: areas, levels, …")
    position: int = Field(description="Place of its last change in the feed", examples=[2])


class FeedPage(BaseModel):
    """Tenants changed after a position, the oldest change first."""

    model_config = ConfigDict(from_attributes=True)

    position: int = Field(description="Ask for the changes after this one next", examples=[2])
    tenants: list[TenantChanged]


class RowsJson(BaseModel):
    """A service's word that it holds nothing of a tenant any more."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"rows": 2304}]})

    rows: int = Field(description="How many rows it has deleted", ge=0, le=2**53)


class DeletionJson(BaseModel):
    """How far the deletion of a tenant has come."""

    model_config = ConfigDict(from_attributes=True)

    name: str = Field(examples=["takamatsu"])
    status: Literal["deleting", "deleted"]
    rows: dict[str, int] = Field(description="Rows that each service has deleted", examples=[{"broker": 2304}])
    awaited: list[str] = Field(description="Services that have not confirmed yet", examples=[["catalog", "ingest"]])
