"""The device authorization endpoint (RFC 8628), and the page on which a person lets a device in."""

from typing import Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from services.auth.api.authorization import DEVICE, Visiting, item_words
from services.auth.api.browser import PageRoute, Visitor
from services.auth.api.client_request import CLIENT_FIELDS, REFUSED, ClientBasic, answer
from services.auth.api.form import FORM
from services.auth.api.service import Service
from services.auth.domain.openid.device_grant import read_user_code, shown
from services.auth.openid import device
from services.auth.openid.sign_in import SignedIn, signed_in
from services.auth.openid.token_endpoint import let_wait
from services.auth.operations.auth import Auth
from services.kernel.errors import BadData, NotFound

router = APIRouter(tags=["Tokens"])
pages = APIRouter(tags=["Sign-in"], route_class=PageRoute, include_in_schema=False)


class DeviceAnswer(BaseModel):
    """What a device is told (RFC 8628, 3.2)."""

    device_code: str = Field(description="What it asks the token endpoint with")
    user_code: str = Field(description="What the person types in", examples=["BCDF-GHJK"])
    verification_uri: str = Field(description="Where", examples=["https://auth.example.jp/oauth/device"])
    verification_uri_complete: str = Field(description="The same with the code in it, for a QR code")
    expires_in: int = Field(description="Seconds until both codes expire", examples=[600])
    interval: int = Field(description="Seconds to wait between two questions", examples=[5])


_FIELDS: dict[str, Any] = {
    "scope": {"type": "string", "description": "What the device asks for, as in an authorization request"},
    **CLIENT_FIELDS,
}


@router.post(
    "/oauth/device_authorization",
    summary="Let a device wait for a person",
    response_model=DeviceAnswer,
    responses=REFUSED,
    dependencies=[Depends(ClientBasic())],
    openapi_extra={
        "requestBody": {"required": True, "content": {FORM: {"schema": {"type": "object", "properties": _FIELDS}}}},
        "security": [{}],
    },
)
async def begin(service: Service, request: Request) -> Response:
    """Give a device without a browser two codes: one to show to a person, one to ask the token endpoint with."""
    return await answer(request, lambda asked: let_wait(service, asked))


@pages.get("/oauth/device")
async def page(service: Service, visitor: Visiting, user_code: str = "") -> Response:
    """Ask for the code that a device shows; the person signs in first."""
    present = await signed_in(service, visitor.browser.session)
    if present is None:
        return visitor.go(f"/oauth/sign-in?request={DEVICE}{read_user_code(user_code) or ''}")
    return visitor.page("device", visitor.language(), {"code": user_code[:20], "fault": None})


@pages.post("/oauth/device")
async def decide(service: Service, visitor: Visiting, request: Request) -> Response:
    """Take the code, show what the device asks for, and take the person's decision."""
    form = await visitor.form()
    present = await signed_in(service, visitor.browser.session)
    if present is None:
        return visitor.go(f"/oauth/sign-in?request={DEVICE}")
    request.state.actor = present.user.user_id
    typed, decision = form.get("user_code", ""), form.get("decision")
    if decision is None:
        return await _ask(service, visitor, present, typed)
    if decision not in ("allow", "deny"):
        raise BadData("decision must be allow or deny", field="decision")
    await device.decide(service, present, typed, allowed=decision == "allow")
    text = "device_allowed" if decision == "allow" else "device_denied"
    return visitor.page("message", visitor.language(), {"title": "device", "text": text})


async def _ask(service: Auth, visitor: Visitor, present: SignedIn, typed: str) -> Response:
    language = visitor.language()
    try:
        wish = await device.find_wish(service, present, typed)
    except NotFound:
        return visitor.page("device", language, {"code": typed[:20], "fault": "device_unknown"}, 404)
    values = {
        "application": wish.application.details,
        "items": [item_words(item, language) for item in wish.grant.scope],
        "login": present.user.name or present.user.login,
        "code": shown(wish.grant.user_code),
    }
    return visitor.page("device_consent", language, values)
