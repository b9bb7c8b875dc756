"""The REST view of deliveries, beside the faces: health of subscriptions, dead letters, sending them again."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, Field

from services.broker.operations import deliveries
from services.broker.operations.broker import Broker
from services.kernel.app import Caller
from services.kernel.identity import Principal
from services.kernel.paging import MAXIMUM_LIMIT, Page
from services.kernel.problems import RESPONSES
from services.kernel.tenancy import Tenant, name_in_headers

router = APIRouter(prefix="/deliveries", tags=["Deliveries"], responses=RESPONSES)
SubscriptionId = Annotated[str, Path(description="Id of the subscription, of either face")]
Limit = Annotated[int, Query(ge=1, le=MAXIMUM_LIMIT, description="Most answers")]
Offset = Annotated[int, Query(ge=0, description="Answers to pass over")]


class Health(BaseModel):
    """How the deliveries of one subscription fare."""

    subscription_id: str = Field(description="Id of the subscription", examples=["urn:ngsi-ld:Subscription:1"])
    api: str = Field(description="The API that it was made with", examples=["ngsi-ld", "ngsiv2"])
    is_active: bool = Field(description="Whether changes are notified; not where it was paused or failed too often")
    pending: int = Field(description="Notifications that wait")
    parked: int = Field(description="Notifications that were given up: the dead letters")
    parked_since: datetime | None = Field(description="When the oldest dead letter was given up")
    delivered: int = Field(description="Notifications that the receiver took")
    times_sent: int = Field(description="Notifications sent, tries included")
    times_failed: int = Field(description="Those that failed")
    fails_in_row: int = Field(description="Failures since the last success")
    lag_s: float = Field(description="Age in seconds of the oldest notification that waits")
    last_notification: datetime | None = Field(description="When one was last sent, with success or without")
    last_success: datetime | None = Field(description="When one was last delivered")
    last_success_code: int | None = Field(description="The receiver's answer to it; none over MQTT")
    last_failure: datetime | None = Field(description="When one last failed")
    last_failure_reason: str | None = Field(description="Why")
    next_try: datetime | None = Field(description="When a failed one is tried again")
    stopped: str | None = Field(None, description="Why the hub stopped it: its maker may see nothing any more")


class Letter(BaseModel):
    """A notification that was given up."""

    number: int = Field(description="Its number, to send it again")
    kind: str = Field(description="What happened to the entity", examples=["entityUpdated"])
    entities: list[str] = Field(description="Ids of the entities")
    created_at: datetime = Field(description="When it fell due")
    parked_at: datetime = Field(description="When it was given up")
    reason: str = Field(description="Why")


class Resend(BaseModel):
    """Which dead letters to send again."""

    numbers: list[int] | None = Field(None, max_length=1000, description="Their numbers; all unless given")


class Resent(BaseModel):
    """How many dead letters were put back."""

    resent: int = Field(description="Number of notifications that wait again")


async def _open(request: Request, principal: Principal) -> tuple[Broker, Tenant]:
    broker: Broker = request.app.state.broker
    name = name_in_headers(request.headers)
    principal.require("subscribe", name)
    return broker, await broker.tenants.find(name)


@router.get("", summary="List how subscriptions fare")
async def list_health(request: Request, caller: Caller, limit: Limit = 20, offset: Offset = 0) -> list[Health]:
    """Return a page of the tenant's subscriptions of both faces, in order of their ids."""
    broker, tenant = await _open(request, caller)
    found = await deliveries.all_health(broker, tenant, Page(limit, offset))
    return [Health.model_validate(each, from_attributes=True) for each in found]


@router.get("/{subscription_id}", summary="Tell how one subscription fares")
async def show_health(request: Request, caller: Caller, subscription_id: SubscriptionId) -> Health:
    """Return the figures of one subscription."""
    broker, tenant = await _open(request, caller)
    return Health.model_validate(await deliveries.health(broker, tenant, subscription_id), from_attributes=True)


@router.get("/{subscription_id}/dead-letters", summary="List a subscription's dead letters")
async def list_dead_letters(
    request: Request, caller: Caller, subscription_id: SubscriptionId, limit: Limit = 20, offset: Offset = 0
) -> list[Letter]:
    """Return a page of the notifications that were given up, oldest first."""
    broker, tenant = await _open(request, caller)
    found = await deliveries.dead_letters(broker, tenant, subscription_id, Page(limit, offset))
    return [
        Letter(
            number=each.notice.seq,
            kind=each.notice.kind,
            entities=[entity.uri for entity in each.notice.entities],
            created_at=each.notice.created_at,
            parked_at=each.parked_at,
            reason=each.reason,
        )
        for each in found
    ]


@router.post("/{subscription_id}/resend", summary="Send dead letters again")
async def resend(request: Request, caller: Caller, subscription_id: SubscriptionId, which: Resend) -> Resent:
    """Put dead letters back into the queue, behind what waits already, and try at once."""
    broker, tenant = await _open(request, caller)
    return Resent(resent=await deliveries.resend(broker, tenant, subscription_id, which.numbers))
