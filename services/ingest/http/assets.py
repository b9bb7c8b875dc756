"""`/assets`: how the devices are."""

from datetime import datetime

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from services.ingest.domain.liveness import DeviceState
from services.ingest.http.headers import ProvisionedPlace
from services.ingest.http.parameters import AskedPage
from services.kernel.problems import RESPONSES

router = APIRouter(tags=["Devices"])


class Asset(BaseModel):
    """A device that has been heard."""

    device_id: str = Field(description="How it names itself", examples=["gauge-1"])
    apikey: str = Field(description="The API key under which it is registered; another device may have the same id")
    service_path: str = Field(description="Its service path", examples=["/"])
    entity: str = Field(description="The entity that its measures are written to")
    device_entity: str = Field(description="The entity that tells how it is, where an interval is expected")
    state: str | None = Field(
        description="`active`, `silent`, or null where no interval is expected", examples=["active"]
    )
    last_seen_at: datetime = Field(description="When its last measure came")
    first_seen_at: datetime = Field(description="When its first measure came")
    messages: int = Field(description="How many measures it has sent")
    messages_per_hour: float | None = Field(description="How many an hour, on average")
    battery: float | None = Field(description="What it last told of its battery")
    expected_interval_s: float | None = Field(description="`expectedInterval` of the device or its group")


class Assets(BaseModel):
    """A page of devices, those first that have not been heard for longest."""

    count: int = Field(description="How many there are")
    assets: list[Asset]


@router.get(
    "/assets", summary="List devices and how they are", responses={each: RESPONSES[each] for each in (400, 401, 403)}
)
async def list_assets(request: Request, place: ProvisionedPlace, page: AskedPage) -> Assets:
    """List the devices of a service path, or with `/*` of the tenant, that have been heard."""
    parts = request.app.state.parts
    count, states = await parts.states.list(place.tenant, place.path, page, parts.clock())
    return Assets(count=count, assets=[_shown(each) for each in states])


def _shown(state: DeviceState) -> Asset:
    return Asset(
        device_id=state.device_id,
        apikey=state.apikey,
        service_path=state.path,
        entity=state.entity_id,
        device_entity=state.own_entity_id,
        state=state.state,
        last_seen_at=state.last_seen_at,
        first_seen_at=state.first_seen_at,
        messages=state.messages,
        messages_per_hour=state.per_hour,
        battery=state.battery,
        expected_interval_s=state.expected_s,
    )
