"""Routes of legal classes and consent."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from services.auth.api.polling import LONGEST_WAIT_S, long_poll
from services.auth.api.service import Caller, Service, refusals
from services.auth.domain.consent import Consent, ConsentWish
from services.auth.domain.data_class import MOST_CLASSES
from services.auth.operations import consents
from services.auth.operations.feed import Feed
from services.kernel.identity.rules import LEGAL_CLASSES, ClassRule

router = APIRouter(tags=["Consent"])
TAG = {"name": "Consent", "description": "Legal classes of personal data, and consents of persons with receipts"}
TenantName = Annotated[str, Path(description="Name of the tenant", max_length=100, examples=["takamatsu"])]
_WISH: dict[str, Any] = {
    "subject": "u-k7m2pq9rs4tuvwxy",
    "service": "walk-navi",
    "purpose": "route",
    "type": "Resident",
    "attributes": ["address"],
}


class DataClassJson(BaseModel):
    """The legal class of an attribute."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"type": "Resident", "attribute": "address", "legal_class": "personal", "subject": "account"}]
        },
    )

    type: str = Field(description="Entity type, short name or IRI, as requests for consent write it")
    attribute: str = Field(description="Attribute of it")
    legal_class: Literal["personal", "pseudonymised", "anonymised", "related"] = Field(
        description="; ".join(f"`{name}`: {text}" for name, text in LEGAL_CLASSES.items())
    )
    subject: str | None = Field(None, description="Attribute that names the person; the entity's id unless given")

    def to_value(self) -> ClassRule:
        """Return the value."""
        return ClassRule(self.type, self.attribute, self.legal_class, self.subject)


class DataClassesJson(BaseModel):
    """The legal classes of a tenant's attributes, all of them."""

    model_config = ConfigDict(extra="forbid")

    classes: list[DataClassJson] = Field(max_length=MOST_CLASSES)


class ConsentWishJson(BaseModel):
    """What a person lets a service receive, or does so no more."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_WISH]})

    subject: str = Field(description="The person, as the data name it", max_length=1000)
    service: str = Field(description="The receiving service", max_length=64)
    purpose: str = Field(description="One of the service's purposes", max_length=100)
    type: str = Field(description="Entity type", max_length=1000)
    attributes: list[str] = Field(
        ["*"], description="Attributes; `*` all that take consent", min_length=1, max_length=100
    )

    def to_value(self, tenant: str) -> ConsentWish:
        """Return the value."""
        return ConsentWish(tenant, self.subject, self.service, self.purpose, self.type, tuple(self.attributes))


class ConsentJson(BaseModel):
    """A consent to one attribute as it stands now."""

    model_config = ConfigDict(from_attributes=True)

    subject: str
    service: str = Field(validation_alias="service_id")
    purpose: str
    type: str
    attribute: str
    given: bool = Field(description="False: withdrawn")
    changed_at: datetime


class ReceiptJson(BaseModel):
    """What was given or withdrawn, when and by whom, in a chain of hashes."""

    model_config = ConfigDict(from_attributes=True)

    tenant: str
    number: int
    at: datetime
    document: dict[str, Any] = Field(description="`kind`, `subject`, `service`, `purpose`, `type`, `attributes`, `by`")
    previous: str = Field(description="Hash of the receipt before it")
    hash: str = Field(description="SHA-256 over all the rest")


class VerificationJson(BaseModel):
    """Whether the chain of receipts holds."""

    count: int
    is_valid: bool
    broken_at: int | None = Field(description="Number of the first receipt that is not what it was")


class ConsentChangeJson(BaseModel):
    """A consent in the feed, as it is now."""

    tenant: str
    subject: str
    service: str
    purpose: str
    type: str
    attribute: str
    given: bool
    position: int


class ConsentFeedPage(BaseModel):
    """Consents changed after a position, the oldest change first."""

    position: int
    changes: list[ConsentChangeJson]


@router.put("/tenants/{name}/classes", status_code=204, summary="Set legal classes", responses=refusals(401, 403, 404))
async def put_classes(service: Service, caller: Caller, name: TenantName, wanted: DataClassesJson) -> None:
    """Set the legal classes of a tenant's attributes, all of them. Needs `admin` in the tenant.

    What has a class is shown to who may `hold` it. To others: `personal` with the person's consent; `pseudonymised`
    never; `anonymised` as any data; `related` with consent, or where the receiver attests it.
    """
    await consents.put_classes(service, caller, name, [each.to_value() for each in wanted.classes])


@router.get("/tenants/{name}/classes", summary="Show legal classes", responses=refusals(401, 403, 404))
async def show_classes(service: Service, caller: Caller, name: TenantName) -> DataClassesJson:
    """Show the legal classes of a tenant's attributes. Needs `admin` in the tenant."""
    return DataClassesJson.model_validate({"classes": await consents.classes_of(service, caller, name)})


@router.post("/tenants/{name}/consents", status_code=201, summary="Give consent", responses=refusals(401, 403, 404))
async def give_consent(service: Service, caller: Caller, name: TenantName, wish: ConsentWishJson) -> ReceiptJson:
    """Let a service receive attributes of a person for a purpose, at once; returns the receipt.

    By the person itself (the token's subject), or by who may `hold` all data of the tenant.
    """
    return ReceiptJson.model_validate(await consents.change_consent(service, caller, "given", wish.to_value(name)))


@router.post(
    "/tenants/{name}/consents/withdrawals",
    status_code=201,
    summary="Withdraw consent",
    responses=refusals(401, 403, 404),
)
async def withdraw_consent(service: Service, caller: Caller, name: TenantName, wish: ConsentWishJson) -> ReceiptJson:
    """Withdraw consent; the context broker gives nothing more within a second, in notifications neither."""
    return ReceiptJson.model_validate(await consents.change_consent(service, caller, "withdrawn", wish.to_value(name)))


@router.get("/tenants/{name}/consents", summary="Show a person's consents", responses=refusals(401, 403, 404))
async def show_consents(
    service: Service,
    caller: Caller,
    name: TenantName,
    subject: Annotated[str, Query(description="The person, as the data name it", max_length=1000)],
) -> list[ConsentJson]:
    """Show the consents of a person, withdrawn ones too, the oldest change first."""
    found = await consents.consents_of(service, caller, name, subject)
    return [ConsentJson.model_validate(each) for each in found]


@router.get("/tenants/{name}/consents/receipts", summary="List receipts", responses=refusals(401, 403, 404))
async def list_receipts(
    service: Service,
    caller: Caller,
    name: TenantName,
    after: Annotated[int, Query(ge=0, le=2**53, description="Number of the last one seen")] = 0,
    limit: Annotated[int, Query(ge=1, le=consents.MOST_RECEIPTS, description="Most receipts in the answer")] = 100,
) -> list[ReceiptJson]:
    """List the receipts of a tenant in their order. Needs `admin` in the tenant."""
    found = await consents.receipts_of(service, caller, name, after, limit)
    return [ReceiptJson.model_validate(each) for each in found]


@router.get("/tenants/{name}/consents/verification", summary="Verify receipts", responses=refusals(401, 403, 404))
async def verify_receipts(service: Service, caller: Caller, name: TenantName) -> VerificationJson:
    """Tell whether any receipt was changed or is missing. Needs `admin` in the tenant."""
    count, broken = await consents.verify_receipts(service, caller, name)
    return VerificationJson(count=count, is_valid=broken is None, broken_at=broken)


@router.get("/feed/consents", summary="Follow consents", responses=refusals(401, 403))
async def follow_consents(
    request: Request,
    caller: Caller,
    after: Annotated[int, Query(ge=0, le=2**63 - 1, description="Position reached so far; 0: from the start")] = 0,
    wait_s: Annotated[float, Query(ge=0, le=LONGEST_WAIT_S, description="How long to wait for a change, seconds")] = 0,
) -> ConsentFeedPage:
    """Return the consents changed after a position, waiting for one. For the hub's services (`report` everywhere)."""
    caller.require("report", "*")
    feed: Feed[Consent] = request.app.state.consent_feed
    found = await long_poll(request, feed, after, wait_s)
    changes = [
        ConsentChangeJson(
            tenant=each.tenant,
            subject=each.subject,
            service=each.service_id,
            purpose=each.purpose,
            type=each.type,
            attribute=each.attribute,
            given=each.given,
            position=each.position,
        )
        for each in found.changes
    ]
    return ConsentFeedPage(position=found.position, changes=changes)
