"""The OAuth 2.1 endpoints, in their own dialect (RFC 6749, 5)."""

import base64
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

from fastapi import APIRouter, Depends, Request
from fastapi.openapi.models import HTTPBase
from fastapi.responses import JSONResponse
from fastapi.security.base import SecurityBase
from pydantic import BaseModel, Field
from starlette.responses import Response

from services.auth.api.service import Service
from services.auth.domain.client import Credentials
from services.auth.operations.tokens import TokenRefused, TokenRequest, issue_token
from services.kernel.errors import TooLarge
from services.kernel.problems import RESPONSES

FORM = "application/x-www-form-urlencoded"
LONGEST_FORM_BYTES = 64 * 1024
_REPEATABLE = {"resource"}
_BEARER = "Bearer"
_NOT_STORED = {"Cache-Control": "no-store", "Pragma": "no-cache"}
router = APIRouter(tags=["Tokens"])


class TokenAnswer(BaseModel):
    """An access token (RFC 6749, 5.1)."""

    access_token: str = Field(
        description="ES256 JWT (RFC 9068)", examples=["eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9…"]
    )
    token_type: str = Field(examples=["Bearer"])
    expires_in: int = Field(description="Seconds until it expires", examples=[600])
    scope: str = Field(description="The actions it grants somewhere", examples=["read write"])


class TokenError(BaseModel):
    """Why no token is given (RFC 6749, 5.2)."""

    error: str = Field(
        description="`invalid_request`, `invalid_client`, `invalid_scope`, …", examples=["invalid_client"]
    )
    error_description: str = Field(examples=["The client is unknown, or its secret is wrong"])


_FIELDS: dict[str, Any] = {
    "grant_type": {"type": "string", "enum": ["client_credentials"]},
    "client_id": {"type": "string", "description": "Unless the client authenticates with HTTP Basic"},
    "client_secret": {"type": "string", "format": "password", "description": "As `client_id`"},
    "scope": {"type": "string", "description": "Actions to narrow the token to, with spaces between"},
    "resource": {"type": "string", "format": "uri", "description": "What the token is for (RFC 8707)"},
    "audience": {"type": "string", "enum": ["hiroba"]},
}
_BODY = {
    "required": True,
    "content": {
        FORM: {
            "schema": {"type": "object", "required": ["grant_type"], "properties": _FIELDS},
            "example": {"grant_type": "client_credentials", "scope": "read"},
        }
    },
}
_REFUSED: dict[int | str, dict[str, Any]] = {
    400: {"model": TokenError, "description": "The request is refused"},
    401: {"model": TokenError, "description": "The client does not authenticate"},
    413: RESPONSES[413],
    503: RESPONSES[503],
}


class _ClientBasic(SecurityBase):
    """Declares in the OpenAPI document that a client may authenticate with HTTP Basic; the request is read below."""

    scheme_name = "ClientBasic"
    model = HTTPBase(scheme="basic", description="A client's identifier and secret, for `/oauth/token` only")

    async def __call__(self, request: Request) -> None:
        """Leave the request as it is."""


@router.post(
    "/oauth/token",
    summary="Get an access token",
    response_model=TokenAnswer,
    responses=_REFUSED,
    dependencies=[Depends(_ClientBasic())],
    openapi_extra={"requestBody": _BODY, "security": [{}]},
)
async def token(service: Service, request: Request) -> Response:
    """Exchange a client's credentials for a token that every service accepts, for ten minutes unless set otherwise.

    The client authenticates with HTTP Basic (`client_secret_basic`) or in the form (`client_secret_post`), not both.
    The token carries the client's grants in all its tenants; `scope` narrows them to some actions.
    """
    try:
        issued = await issue_token(service, await _read_request(request))
    except TokenRefused as error:
        return _refuse(error)
    answer = TokenAnswer(
        access_token=issued.text,
        token_type=_BEARER,
        expires_in=issued.expires_in_s,
        scope=issued.scope,
    )
    return JSONResponse(answer.model_dump(), headers=_NOT_STORED)


def _refuse(error: TokenRefused) -> Response:
    body = TokenError(error=error.error, error_description=error.detail).model_dump()
    if error.error != "invalid_client":
        return JSONResponse(body, 400, _NOT_STORED)
    challenge = {"WWW-Authenticate": 'Basic realm="hiroba", charset="UTF-8"'}
    return JSONResponse(body, 401, {**_NOT_STORED, **challenge})


async def _read_request(request: Request) -> TokenRequest:
    form, resources = await _read_form(request)
    basic = _read_basic(request.headers.get("authorization"))
    posted = _read_posted(form)
    if basic is not None and posted is not None:
        raise TokenRefused("invalid_request", "The client authenticates in two ways")
    credentials = basic or posted
    request.state.actor = "" if credentials is None else credentials.client_id[:100]
    grant_type = form.get("grant_type", "")
    if not grant_type:
        raise TokenRefused("invalid_request", "grant_type is missing")
    return TokenRequest(grant_type, credentials, form, resources)


async def _read_form(request: Request) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the form's parameters, each once (RFC 6749, 3.2), and the resources, which may be several."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise TokenRefused("invalid_request", f"The body must be {FORM}")
    try:
        pairs = parse_qsl((await _body(request)).decode(), keep_blank_values=True, errors="strict", max_num_fields=100)
    except ValueError as error:
        raise TokenRefused("invalid_request", "The form cannot be read") from error
    names = [name for name, _ in pairs if name not in _REPEATABLE]
    for name in names:
        if names.count(name) > 1:
            raise TokenRefused("invalid_request", f"{name[:50]} is given more than once")
    # a parameter without a value counts as left out (RFC 6749, 3.2)
    form = {name: value for name, value in pairs if value and name not in _REPEATABLE}
    return form, tuple(value for name, value in pairs if value and name in _REPEATABLE)


async def _body(request: Request) -> bytes:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LONGEST_FORM_BYTES:
            raise TooLarge(f"The form is larger than {LONGEST_FORM_BYTES} bytes")
    return body


def _read_basic(header: str | None) -> Credentials | None:
    """Read HTTP Basic credentials, form-encoded before base64 (RFC 6749, 2.3.1)."""
    if header is None:
        return None
    scheme, _, encoded = header.partition(" ")
    try:
        name, separator, secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except ValueError:
        separator = ""
    if scheme.lower() != "basic" or not separator:
        raise TokenRefused("invalid_client", "Authorization must be HTTP Basic with a client's credentials")
    return Credentials(unquote_plus(name), unquote_plus(secret))


def _read_posted(form: Mapping[str, str]) -> Credentials | None:
    """Read the credentials in the form. A `client_id` alone identifies but does not authenticate."""
    if "client_secret" not in form:
        return None
    return Credentials(form.get("client_id", ""), form["client_secret"])
