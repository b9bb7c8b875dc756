"""Introspection (RFC 7662) and revocation (RFC 7009) of tokens."""

from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from services.auth.api.client_request import CLIENT_FIELDS, NOT_STORED, REFUSED, ClientBasic, read_client, refuse
from services.auth.api.form import FORM
from services.auth.api.service import Service
from services.auth.openid import token_status
from services.auth.openid.client_authentication import KnownClient, know
from services.auth.operations.auth import Auth
from services.auth.operations.tokens import TokenRefused
from services.kernel.identity import TokenVerifier

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
    try:
        known, token = await _read(service, request)
        if known.is_public:
            return refuse(TokenRefused("invalid_client", "The client does not authenticate"))
    except TokenRefused as error:
        return refuse(error)
    verifier: TokenVerifier = request.app.state.verifier
    found = await token_status.introspect(service, verifier, known, token)
    return JSONResponse(dict(found), headers=NOT_STORED)


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
    try:
        known, token = await _read(service, request)
    except TokenRefused as error:
        return refuse(error)
    await token_status.revoke(service, request.app.state.verifier, known, token)
    return Response(status_code=200, headers=NOT_STORED)


async def _read(service: Auth, request: Request) -> tuple[KnownClient, str]:
    asked = await read_client(request)
    known = await know(service, asked.presented)
    if "token" not in asked.form:
        raise TokenRefused("invalid_request", "token is missing")
    return known, asked.form["token"]
