"""What the endpoints that clients call share: the form, read and answered in the words of OAuth (RFC 6749, 5)."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from authlib.oauth2.rfc7523 import JWTBearerClientAssertion
from fastapi import Request
from fastapi.openapi.models import HTTPBase
from fastapi.responses import JSONResponse
from fastapi.security.base import SecurityBase
from pydantic import BaseModel, Field
from starlette.responses import Response

from services.auth.api.form import read_form
from services.auth.openid.client_request import ClientRequest
from services.auth.openid.refusal import TokenRefused
from services.kernel.errors import BadData
from services.kernel.problems import RESPONSES

NOT_STORED = {"Cache-Control": "no-store", "Pragma": "no-cache"}


class TokenError(BaseModel):
    """Why a client's request is refused (RFC 6749, 5.2)."""

    error: str = Field(
        description="`invalid_request`, `invalid_client`, `invalid_grant`, …", examples=["invalid_client"]
    )
    error_description: str = Field(examples=["The client is unknown, or its secret is wrong"])


REFUSED: dict[int | str, dict[str, Any]] = {
    400: {"model": TokenError, "description": "The request is refused"},
    401: {"model": TokenError, "description": "The client does not authenticate"},
    413: RESPONSES[413],
    503: RESPONSES[503],
}
CLIENT_FIELDS: Mapping[str, Any] = {
    "client_id": {"type": "string", "description": "Unless the client authenticates with HTTP Basic"},
    "client_secret": {"type": "string", "format": "password", "description": "As `client_id`"},
    "client_assertion_type": {"type": "string", "enum": [JWTBearerClientAssertion.CLIENT_ASSERTION_TYPE]},
    "client_assertion": {"type": "string", "description": "A JWT that the client has signed (`private_key_jwt`)"},
}


class ClientBasic(SecurityBase):
    """Declares in the OpenAPI document that a client may authenticate with HTTP Basic."""

    scheme_name = "ClientBasic"
    model = HTTPBase(scheme="basic", description="A client's identifier and secret, for `/oauth/…` only")

    async def __call__(self, request: Request) -> None:
        """Leave the request as it is."""


async def answer(request: Request, operation: Callable[[ClientRequest], Awaitable[Mapping[str, Any]]]) -> Response:
    """Answer a client's form with what an operation makes of it, or with why it is refused. Raises TooLarge."""
    try:
        asked = await _read(request)
        try:
            told = await operation(asked)
        finally:
            request.state.actor = asked.presented[:100]
    except TokenRefused as error:
        return _refuse(error)
    return JSONResponse(dict(told), headers=NOT_STORED)


async def _read(request: Request) -> ClientRequest:
    try:
        form, resources = await read_form(request)
    except BadData as error:
        raise TokenRefused("invalid_request", error.detail) from error
    return ClientRequest(request.headers, form, resources)


def _refuse(error: TokenRefused) -> Response:
    body = TokenError(error=error.error, error_description=error.detail).model_dump()
    if error.error != "invalid_client":
        return JSONResponse(body, 400, NOT_STORED)
    challenge = {"WWW-Authenticate": 'Basic realm="hiroba", charset="UTF-8"'}
    return JSONResponse(body, 401, {**NOT_STORED, **challenge})
