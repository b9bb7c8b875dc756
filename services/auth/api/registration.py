"""Dynamic client registration (RFC 7591, 7592; OpenID Connect Dynamic Client Registration 1.0)."""

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import JSONResponse
from fastapi.security import HTTPBearer
from pydantic import BaseModel, Field, ValidationError
from starlette.responses import Response

from services.auth.api.client_request import NOT_STORED
from services.auth.api.registration_json import RegisteredJson, RegistrationJson, represent
from services.auth.api.service import Service
from services.auth.openid import registration
from services.auth.openid.registration import Registration, RegistrationRefused
from services.kernel.errors import BadData, HubError, NotAllowed, NotAuthenticated, Unavailable
from services.kernel.identity import Principal, TokenVerifier
from services.kernel.problems import RESPONSES

router = APIRouter(tags=["Sign-in"])
ClientId = Annotated[str, Path(description="Identifier of the application", max_length=64)]
_bearer = HTTPBearer(auto_error=False, scheme_name="Registration", description="`registration_access_token`")
_initial = HTTPBearer(auto_error=False, description="Access token of auth's `/oauth/token`; not needed in open mode")
_METADATA, _REDIRECT = "invalid_client_metadata", "invalid_redirect_uri"


class RegistrationError(BaseModel):
    """Why a registration is refused (RFC 7591, 3.2.2)."""

    error: str = Field(examples=[_METADATA])
    error_description: str = Field(examples=["redirect_uris is missing"])


_REFUSED: dict[int | str, dict[str, Any]] = {
    400: {"model": RegistrationError, "description": "The registration is refused"},
    401: {"model": RegistrationError, "description": "No valid token"},
    403: {"model": RegistrationError, "description": "The caller may not register"},
    503: RESPONSES[503],
}
_SCHEMA = RegistrationJson.model_json_schema(ref_template="#/components/schemas/{model}")
_BODY = {"requestBody": {"required": True, "content": {"application/json": {"schema": _SCHEMA}}}}


@router.post(
    "/oauth/register",
    status_code=201,
    summary="Register an application (RFC 7591)",
    response_model=RegisteredJson,
    responses=_REFUSED,
    openapi_extra=_BODY,
)
async def register(service: Service, request: Request, _: Annotated[object, Depends(_initial)] = None) -> Response:
    """Register an application that signs people in; its secret is shown only now.

    With a token of an administrator it is active at once. `HIROBA_AUTH_REGISTRATION` says whether others may: people
    who are signed in, whose application an administrator approves (`approval`), or everybody (`open`).
    """
    try:
        principal = await _principal(request)
        made = await registration.register(service, principal, await _read(request))
    except HubError as error:
        return _refuse(error)
    return _answer(service, made, 201)


@router.get(
    "/oauth/register/{client_id}",
    summary="Show a registration (RFC 7592)",
    response_model=RegisteredJson,
    responses=_REFUSED,
)
async def show(
    service: Service, request: Request, client_id: ClientId, _: Annotated[object, Depends(_bearer)] = None
) -> Response:
    """Return what the application has told of itself, to who has its registration access token."""
    try:
        return _answer(service, await registration.registered(service, client_id, _token(request)), 200)
    except HubError as error:
        return _refuse(error)


@router.put(
    "/oauth/register/{client_id}",
    summary="Change a registration (RFC 7592)",
    response_model=RegisteredJson,
    responses=_REFUSED,
    openapi_extra=_BODY,
)
async def change(
    service: Service, request: Request, client_id: ClientId, _: Annotated[object, Depends(_bearer)] = None
) -> Response:
    """Replace what the application tells of itself; the answer holds a new registration access token."""
    try:
        token = _token(request)
        await registration.registered(service, client_id, token)
        given = await _read(request, client_id)
        return _answer(service, await registration.change_registration(service, client_id, token, given), 200)
    except HubError as error:
        return _refuse(error)


@router.delete(
    "/oauth/register/{client_id}",
    status_code=204,
    summary="Delete a registration (RFC 7592)",
    responses=_REFUSED,
    response_class=Response,
)
async def remove(
    service: Service, request: Request, client_id: ClientId, _: Annotated[object, Depends(_bearer)] = None
) -> Response:
    """Delete the application; the tokens that it has end within a second."""
    try:
        await registration.remove_registration(service, client_id, _token(request))
    except HubError as error:
        return _refuse(error)
    return Response(status_code=204)


async def _principal(request: Request) -> Principal | None:
    """Return who registers, None for who shows nothing. Raises NotAuthenticated."""
    verifier: TokenVerifier = request.app.state.verifier
    header = request.headers.get("authorization")
    try:
        principal = await verifier.identify(header)
    except NotAuthenticated:
        if header is not None:
            raise
        return None
    request.state.principal = principal
    return principal


def _token(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise NotAuthenticated("The request carries no registration access token")
    return token


async def _read(request: Request, client_id: str | None = None) -> Registration:
    try:
        document = orjson.loads(await request.body())
        if isinstance(document, dict) and client_id is not None and document.get("client_id", client_id) != client_id:
            raise RegistrationRefused(_METADATA, "client_id is not that of the application")
        return RegistrationJson.model_validate(document).to_registration()
    except ValidationError as error:
        fault = error.errors()[0]
        field = ".".join(map(str, fault["loc"]))
        code = _REDIRECT if field.startswith("redirect_uris") or "redirect_uris" in fault["msg"] else _METADATA
        detail = fault["msg"].removeprefix("Value error, ")
        raise RegistrationRefused(code, f"{field}: {detail}" if field else detail, field or None) from error
    except orjson.JSONDecodeError as error:
        raise RegistrationRefused(_METADATA, "The body is not JSON") from error


def _answer(service: Service, found: registration.Registered, status: int) -> Response:
    return JSONResponse(represent(found, service.issuer.url.rstrip("/")), status, NOT_STORED)


def _refuse(error: HubError) -> Response:
    """Answer a refusal in the words of RFC 7591. Raises Unavailable."""
    if isinstance(error, Unavailable):
        raise error
    status, code = 400, _METADATA
    headers = dict(NOT_STORED)
    if isinstance(error, RegistrationRefused):
        code = error.error
    elif isinstance(error, NotAuthenticated):
        status, code = 401, "invalid_token"
        headers["WWW-Authenticate"] = 'Bearer realm="hiroba", error="invalid_token"'
    elif isinstance(error, NotAllowed):
        status, code = 403, "insufficient_scope"
    elif not isinstance(error, BadData):
        raise error
    return JSONResponse({"error": code, "error_description": error.detail}, status, headers)
