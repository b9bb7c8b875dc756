"""Services and their providers in JSON."""

from datetime import datetime
from typing import Any, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from services.auth.domain.agreement import AGREED_ACTIONS, Agreement
from services.auth.domain.provided_service import CHECKLIST, MOST_PURPOSES, ProvidedService, Status, Storage
from services.kernel.identity.assurance import Assurance

_EXAMPLE: dict[str, Any] = {
    "service_id": "bus-navi",
    "tenant": "takamatsu",
    "provider": "o-1f2e3d4c5b6a7988",
    "title": "バス運行情報",
    "area": "/bus",
    "storage": "separated",
    "purposes": ["timetable"],
}


class AssuranceJson(BaseModel):
    """A level of identity proofing (身元確認) and one of authentication (当人認証)."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)

    ial: int = Field(0, strict=True, ge=0, le=3, description="Level of identity proofing, 0 to 3")
    aal: int = Field(0, strict=True, ge=0, le=3, description="Level of authentication, 0 to 3")

    def to_value(self) -> Assurance:
        """Return the value."""
        return Assurance(self.ial, self.aal)


_TITLE = Field(description="What it is called", max_length=400)
_PURPOSES: Any = Field([], description="What its data are used for, as words", max_length=MOST_PURPOSES)
_STORAGE = Field(
    description="`external`: registrations only, the data stay at their source; `internal`: in the shared store;"
    " `separated`: in the shared store, reached only by grants that name the area"
)
_OWN = Field(AssuranceJson(), description="Levels that the service itself has; its clients' tokens carry them")
_ASKED = Field(AssuranceJson(), description="Levels that it asks of whoever uses its data area")
_STARTS = Field(None, description="Not usable before; at once unless given")
_ENDS = Field(None, description="Not usable from then on; never unless given")
_AUDIT = Field(None, description="When it is to be audited next")


class NewServiceJson(BaseModel):
    """A service that applies to be provided."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_EXAMPLE]})

    service_id: str | None = Field(None, description="3 to 40 of a-z, 0-9 and '-'; made up unless given", max_length=40)
    tenant: str = Field(description="Tenant under which it is provided", max_length=100)
    provider: str = Field(description="Organisation that provides it, of that tenant", max_length=64)
    title: str = _TITLE
    description: str | None = Field(None, description="What it does", max_length=4000)
    area: str = Field(description="Service path below which its data lie; no other service's", max_length=600)
    storage: Storage = _STORAGE
    purposes: list[str] = _PURPOSES
    assurance: AssuranceJson = _OWN
    asked: AssuranceJson = _ASKED
    starts_at: AwareDatetime | None = _STARTS
    ends_at: AwareDatetime | None = _ENDS
    next_audit_at: AwareDatetime | None = _AUDIT

    def to_value(self, service_id: str, applied_by: str) -> ProvidedService:
        """Return the value."""
        given: dict[str, Any] = self.model_dump(exclude={"service_id"})
        given |= {"assurance": self.assurance.to_value(), "asked": self.asked.to_value()}
        given["purposes"] = tuple(self.purposes)
        return ProvidedService(**given, service_id=service_id, applied_by=applied_by)


class ServiceChange(BaseModel):
    """The fields of a service that a request gives; the others stay."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"ends_at": "2027-03-31T15:00:00Z"}]})

    title: str = Field("", description="What it is called", max_length=400)
    description: str | None = Field(None, description="What it does", max_length=4000)
    storage: Storage = Field("internal", description="Storage mode; fixed when the service is approved")
    purposes: list[str] = _PURPOSES
    assurance: AssuranceJson = _OWN
    asked: AssuranceJson = _ASKED
    starts_at: AwareDatetime | None = _STARTS
    ends_at: AwareDatetime | None = _ENDS
    next_audit_at: AwareDatetime | None = _AUDIT

    @property
    def given(self) -> dict[str, Any]:
        """The fields that the request holds, with their values."""
        values = {name: getattr(self, name) for name in self.model_fields_set}
        for name in {"assurance", "asked"} & values.keys():
            values[name] = values[name].to_value()
        return values


class StepJson(BaseModel):
    """A step in the life of a service."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"status": "approved", "checklist": dict.fromkeys(CHECKLIST, True)}]},
    )

    status: Literal["approved", "active", "suspended", "ended"] = Field(description="What it becomes")
    reason: str | None = Field(None, description="Why; wanted for `suspended` and `ended`")
    checklist: dict[str, bool] = Field(
        {}, description=f"For `approved` all confirmed: {', '.join(f'`{item}`' for item in CHECKLIST)}", max_length=50
    )


class ServiceJson(BaseModel):
    """A service."""

    model_config = ConfigDict(from_attributes=True)

    service_id: str = Field(examples=["bus-navi"])
    tenant: str = Field(examples=["takamatsu"])
    provider: str = Field(description="Organisation that provides it")
    title: str = Field(examples=["バス運行情報"])
    description: str | None
    area: str = Field(description="Service path below which its data lie", examples=["/bus"])
    storage: Storage
    status: Status
    reason: str | None = Field(description="Why it has this status")
    purposes: list[str]
    checklist: dict[str, bool] = Field(description="What was confirmed when it was approved")
    assurance: AssuranceJson
    asked: AssuranceJson
    starts_at: datetime | None
    ends_at: datetime | None
    next_audit_at: datetime | None
    is_audit_overdue: bool = Field(description="Whether it should have been audited by now")
    applied_by: str
    approved_by: str | None
    created_at: datetime
    approved_at: datetime | None
    modified_at: datetime

    @classmethod
    def of(cls, service: ProvidedService, now: datetime) -> Self:
        """Represent a service."""
        values = {name: getattr(service, name) for name in cls.model_fields if name != "is_audit_overdue"}
        return cls.model_validate({**values, "is_audit_overdue": service.is_audit_overdue(now)})


class ServiceList(BaseModel):
    """One page of services."""

    total: int = Field(description="How many there are on all pages", examples=[1])
    services: list[ServiceJson]


class NewServiceClient(BaseModel):
    """A client of a service to be made."""

    model_config = ConfigDict(extra="forbid")

    title: str | None = Field(None, description="What it is", examples=["運行情報の受信"])


class NewAgreementJson(BaseModel):
    """Who is to use a service's data, for what, from when to when."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"user_service": "walk-navi", "types": ["BusStop"], "actions": ["read"]}]},
    )

    user_service: str | None = Field(None, description="The service that uses it", max_length=40)
    user_client: str | None = Field(None, description="Or the client that uses it", max_length=64)
    actions: list[str] = Field(
        ["read", "subscribe"],
        description=f"Some of {', '.join(f'`{action}`' for action in AGREED_ACTIONS)}",
        max_length=10,
    )
    types: list[str] = Field(["*"], description="Entity types, short names or IRIs; `*` all", max_length=100)
    attributes: list[str] = Field(["*"], description="Attributes of them; `*` all", max_length=200)
    attests: bool = Field(
        False, strict=True, description="Whether the user attests the consent that person-related data take"
    )
    starts_at: AwareDatetime | None = _STARTS
    ends_at: AwareDatetime | None = _ENDS

    def to_value(self, agreement_id: str, service_id: str) -> Agreement:
        """Return the value; its tenant and maker are told later."""
        given = self.model_dump()
        listed = {name: tuple(given[name]) for name in ("actions", "types", "attributes")}
        return Agreement(**{**given, **listed}, agreement_id=agreement_id, service_id=service_id, tenant="", made_by="")


class AgreementJson(BaseModel):
    """An agreement on the use of a service."""

    model_config = ConfigDict(from_attributes=True)

    agreement_id: str
    service_id: str
    user_service: str | None
    user_client: str | None
    actions: list[str]
    types: list[str]
    attributes: list[str]
    attests: bool
    starts_at: datetime | None
    ends_at: datetime | None
    made_by: str
    created_at: datetime


class NewAuditJson(BaseModel):
    """An audit of a service."""

    model_config = ConfigDict(extra="forbid")

    audited_at: AwareDatetime = Field(description="When it was audited")
    passed: bool = Field(strict=True, description="Whether it passed")
    note: str | None = Field(None, description="What was found")
    next_audit_at: AwareDatetime | None = _AUDIT


class AuditJson(BaseModel):
    """An audit that took place."""

    model_config = ConfigDict(from_attributes=True)

    audit_id: str
    audited_at: datetime
    passed: bool
    note: str | None
    audited_by: str
