"""Introspection (RFC 7662) and revocation (RFC 7009) of tokens."""

from typing import Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from services.auth.api.client_request import CLIENT_FIELDS, REFUSED, ClientBasic, answer
from services.auth.api.form import FORM
from services.auth.api.service import Service
from services.auth.openid import token_endpoint

router = APIRouter(tags=["Tokens"])


class Introspection(BaseModel):
    """What a token is worth; of one that is worth nothing, only that (RFC 7662, 2.2)."""

    model_config = ConfigDict(extra="allow")

    active: bool = Field(description="Whether it is accepted now")
    client_id: str | None = Field(None, description="Whom it was given to")
    sub: str | None = Field(None, description="Whom it stands for")
    scope: str | None = Field(None, description="What it is for")
    exp: int | None = Field(None, description="When it expires")


_FIELDS: dict[str, Any] = {
    "token": {"type": "string", "description": "An access or refresh token"},
    "token_type_hint": {"type": "string", "description": "`access_token` or `refresh_token`; both are looked for"},
    **CLIENT_FIELDS,
}
_BODY = {
    "requestBody": {
        "required": True,
        "content": {FORM: {"schema": {"type": "object", "required": ["token"], "properties": _FIELDS}}},
    },
    "security": [{}],
}


@router.post(
    "/oauth/introspect",
    summary="Tell what a token is worth",
    response_model=Introspection,
    responses=REFUSED,
    dependencies=[Depends(ClientBasic())],
    openapi_extra=_BODY,
)
async def introspect(service: Service, request: Request) -> Response:
    """Tell whether a token is accepted now, and what for. Any client that authenticates may ask of access tokens.

    The hub's services need not: they verify tokens themselves.
    """
    return await answer(request, lambda asked: token_endpoint.introspect(service, asked, request.app.state.verifier))


@router.post(
    "/oauth/revoke",
    summary="End a token",
    responses={**REFUSED, 200: {"description": "It is not valid, or was none"}},
    response_class=Response,
    dependencies=[Depends(ClientBasic())],
    openapi_extra=_BODY,
)
async def revoke(service: Service, request: Request) -> Response:
    """End a token of the client's: within a second every service refuses it.

    A refresh token ends with the access tokens that came of it. What is no token counts as ended.
    """
    return await answer(request, lambda asked: token_endpoint.revoke(service, asked, request.app.state.verifier))
