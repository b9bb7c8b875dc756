"""The userinfo endpoint (OpenID Connect Core, 5.3)."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.security import HTTPBearer
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse, Response

from services.auth.api.client_request import NOT_STORED
from services.auth.api.form import FORM, read_form
from services.auth.api.service import Service, refusals
from services.auth.openid.userinfo import userinfo
from services.kernel.errors import BadData, NotAllowed, NotAuthenticated
from services.kernel.identity import TokenVerifier

router = APIRouter(tags=["Sign-in"])
_SIGNED = "application/jwt"
_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {_SIGNED: {"schema": {"type": "string"}}},
        "description": "The claims, signed where so registered",
    },
    **refusals(401, 403),
}
_bearer = HTTPBearer(auto_error=False, description="Access token of auth's `/oauth/token`; not needed in open mode")


class UserInfo(BaseModel):
    """What the application may know of the person."""

    model_config = ConfigDict(extra="allow")

    sub: str = Field(description="The person, as the ID token names it", examples=["u-k7m2pq9rs4tuvwxy"])
    name: str | None = Field(None, description="With the scope `profile`", examples=["山田 花子"])
    preferred_username: str | None = Field(None, description="The login, with `profile`")
    updated_at: int | None = Field(None, description="When this was last changed, with `profile`")
    tenant: str | None = Field(None, description="Where the person belongs, with `profile`", examples=["takamatsu"])
    municipality_code: str | None = Field(None, description="Its 全国地方公共団体コード, with `profile`")
    ial: int | None = Field(None, description="Level of identity proofing, with `profile`")
    email: str | None = Field(None, description="With the scope `email`, where the login is an address")
    email_verified: bool | None = Field(None, description="Whether the address was verified, with `email`")


@router.get("/oauth/userinfo", summary="Tell who signed in", response_model=UserInfo, responses=_ANSWERS)
async def read(service: Service, request: Request, _: Annotated[object, Depends(_bearer)] = None) -> Response:
    """Return the claims that the token's scope lets the application know: `openid`, `profile`, `email`.

    As JSON, or as a JWT of the registered `userinfo_signed_response_alg`.
    """
    return await _answer(service, request, request.headers.get("authorization"))


@router.post(
    "/oauth/userinfo",
    summary="Tell who signed in, asked by POST",
    response_model=UserInfo,
    responses=_ANSWERS,
    openapi_extra={"requestBody": {"content": {FORM: {"schema": {"type": "object"}}}, "required": False}},
)
async def post(service: Service, request: Request, _: Annotated[object, Depends(_bearer)] = None) -> Response:
    """Return the same; the token may stand in the form as `access_token` (RFC 6750, 2.2)."""
    authorization = request.headers.get("authorization")
    if authorization is None:
        try:
            form, _resources = await read_form(request)
        except BadData:
            form = {}
        authorization = f"Bearer {form['access_token']}" if "access_token" in form else None
    return await _answer(service, request, authorization)


async def _answer(service: Service, request: Request, authorization: str | None) -> Response:
    verifier: TokenVerifier = request.app.state.verifier
    try:
        principal = await verifier.identify(authorization)
        request.state.principal = principal
        told = await userinfo(service, principal)
    except NotAuthenticated as error:
        return _refuse(401, None if authorization is None else "invalid_token", error.detail)
    except NotAllowed as error:
        return _refuse(403, "insufficient_scope", error.detail)
    if told.signed is not None:
        return Response(told.signed, headers=NOT_STORED, media_type=_SIGNED)
    return JSONResponse(told.claims, headers=NOT_STORED)


def _refuse(status: int, error: str | None, detail: str) -> Response:
    """Refuse with a challenge (RFC 6750, 3)."""
    challenge = 'Bearer realm="hiroba"' + (f', error="{error}"' if error else "")
    body = {"type": "about:blank", "status": status, "detail": detail, **({"error": error} if error else {})}
    headers = {**NOT_STORED, "WWW-Authenticate": challenge}
    return JSONResponse(body, status, headers, media_type="application/problem+json")
