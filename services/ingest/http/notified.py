"""What the context broker tells of attributes that ingest subscribed to: commands (`cmdMode`), and configuration."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from services.ingest.sink.registrations import SEAL_HEADER
from services.kernel.app import caller
from services.kernel.errors import NotAuthenticated
from services.kernel.problems import RESPONSES
from services.kernel.seal import SealBroken
from services.kernel.tenancy import name_in_headers

router = APIRouter(tags=["Commands"])
_ERRORS: dict[int | str, dict[str, Any]] = {status: RESPONSES[status] for status in (400, 401, 403, 404, 503)}
_EXAMPLE = {
    "subscriptionId": "60b0cedd497e8b681d40b58e",
    "data": [{"id": "urn:ngsi-ld:Lamp:1", "type": "Lamp", "on": {"type": "command", "value": "now", "metadata": {}}}],
}


class NotifiedAttribute(BaseModel):
    """An attribute as NGSIv2 has it."""

    model_config = ConfigDict(extra="allow")

    value: Any = Field(None, description="What is commanded; `null`: nothing yet")


class NotifiedEntity(BaseModel):
    """An entity whose commands have changed; its further members are attributes."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, NotifiedAttribute] = Field(init=False)

    id: str = Field(description="Its id")
    type: str | None = Field(None, description="Its type")


class Notification(BaseModel):
    """A notification of NGSIv2, in the normalized format."""

    subscription: str = Field("", alias="subscriptionId", description="Which subscription it belongs to")
    data: list[NotifiedEntity] = Field(max_length=1000, description="The entities")


@router.post(
    "/notify",
    status_code=204,
    response_class=Response,
    summary="Give commands (notification of NGSIv2)",
    responses=_ERRORS,
)
async def take_notification(
    request: Request, notification: Annotated[Notification, Body(examples=[_EXAMPLE])]
) -> Response:
    """Take the commands among the attributes notified; those without a value are none.

    The broker shows the seal that the subscription gave it; without one the caller needs a grant to `write`.
    """
    for entity in notification.data:
        tenant = await _tenant_of(request, entity.id)
        values = {name: each.value for name, each in (entity.model_extra or {}).items() if each.value is not None}
        if values:
            await request.app.state.parts.commanding.give(tenant, (entity.id, None), values)
    return Response(status_code=204)


@router.post(
    "/notify/configuration",
    status_code=204,
    response_class=Response,
    summary="Tell a device of its configuration (notification of NGSIv2)",
    responses=_ERRORS,
)
async def take_configuration(
    request: Request, notification: Annotated[Notification, Body(examples=[_EXAMPLE])]
) -> Response:
    """Tell a device what has changed of the attributes that it subscribed to; 503 where it cannot be reached now.

    The broker shows the seal that the subscription gave it, and nobody else can.
    """
    tenant, number = _opened(request, request.headers.get(SEAL_HEADER) or "")
    if not number.isdecimal():
        raise NotAuthenticated("The seal is not that of a configuration subscription")
    for entity in notification.data:
        values = {name: each.value for name, each in (entity.model_extra or {}).items()}
        await request.app.state.parts.configuring.notify(tenant, int(number), values)
    return Response(status_code=204)


def _opened(request: Request, sealed: str) -> tuple[str, str]:
    """Return the tenant and what else a subscription's seal says. Raises NotAuthenticated."""
    try:
        tenant, _, rest = request.app.state.parts.seal.open(sealed).partition("\n")
    except SealBroken as error:
        raise NotAuthenticated("The seal of the subscription is not ours") from error
    return tenant, rest


async def _tenant_of(request: Request, entity_id: str) -> str:
    """Return the tenant in which the sender may command an entity. Raises NotAuthenticated, NotAllowed."""
    sealed = request.headers.get(SEAL_HEADER)
    if sealed is None:
        tenant = name_in_headers(request.headers)
        (await caller(request)).require("write", tenant)
        return tenant
    tenant, sealed_id = _opened(request, sealed)
    if sealed_id != entity_id:
        raise NotAuthenticated("The seal of the subscription is that of another entity")
    return tenant
