"""How a request of a client shows who it is (RFC 6749, 2.3; RFC 7523, 2.2), read at the endpoints that clients call."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

import orjson
from fastapi import Request
from fastapi.openapi.models import HTTPBase
from fastapi.responses import JSONResponse
from fastapi.security.base import SecurityBase
from pydantic import BaseModel, Field
from starlette.responses import Response

from services.auth.api.form import read_form
from services.auth.openid.client_authentication import ASSERTION_TYPE, Presented
from services.auth.operations.tokens import TokenRefused
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
    "client_assertion_type": {"type": "string", "enum": [ASSERTION_TYPE]},
    "client_assertion": {"type": "string", "description": "A JWT that the client has signed (`private_key_jwt`)"},
}


class ClientBasic(SecurityBase):
    """Declares in the OpenAPI document that a client may authenticate with HTTP Basic; `read_client` reads it."""

    scheme_name = "ClientBasic"
    model = HTTPBase(scheme="basic", description="A client's identifier and secret, for `/oauth/…` only")

    async def __call__(self, request: Request) -> None:
        """Leave the request as it is."""


@dataclass(frozen=True, slots=True)
class ClientRequest:
    """A client's form, and what it shows of who it is; None: nothing at all."""

    presented: Presented | None
    form: Mapping[str, str]
    resources: tuple[str, ...]


async def read_client(request: Request) -> ClientRequest:
    """Read a form that a client sends. Raises TokenRefused, TooLarge."""
    try:
        form, resources = await read_form(request)
    except BadData as error:
        raise TokenRefused("invalid_request", error.detail) from error
    ways = [way for way in (_read_basic(request), _read_posted(form), _read_assertion(form)) if way is not None]
    if len(ways) > 1:
        raise TokenRefused("invalid_request", "The client authenticates in two ways")
    presented = ways[0] if ways else None
    if presented is None and "client_id" in form:
        presented = Presented(form["client_id"], "none")
    if presented is not None and form.get("client_id", presented.client_id) != presented.client_id:
        raise TokenRefused("invalid_request", "client_id is not that of the client that authenticates")
    request.state.actor = "" if presented is None else presented.client_id[:100]
    return ClientRequest(presented, form, resources)


def refuse(error: TokenRefused) -> Response:
    """Answer a refusal in the words of OAuth."""
    body = TokenError(error=error.error, error_description=error.detail).model_dump()
    if error.error != "invalid_client":
        return JSONResponse(body, 400, NOT_STORED)
    challenge = {"WWW-Authenticate": 'Basic realm="hiroba", charset="UTF-8"'}
    return JSONResponse(body, 401, {**NOT_STORED, **challenge})


def _read_basic(request: Request) -> Presented | None:
    """Read HTTP Basic credentials, form-encoded before base64 (RFC 6749, 2.3.1)."""
    header = request.headers.get("authorization")
    if header is None:
        return None
    scheme, _, encoded = header.partition(" ")
    try:
        name, separator, secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except ValueError:
        separator = ""
    if scheme.lower() != "basic" or not separator:
        raise TokenRefused("invalid_client", "Authorization must be HTTP Basic with a client's credentials")
    return Presented(unquote_plus(name), "client_secret_basic", unquote_plus(secret))


def _read_posted(form: Mapping[str, str]) -> Presented | None:
    """Read the credentials in the form."""
    if "client_secret" not in form:
        return None
    return Presented(form.get("client_id", ""), "client_secret_post", form["client_secret"])


def _read_assertion(form: Mapping[str, str]) -> Presented | None:
    """Read an assertion, and which client it says it is of, before anything of it is believed (RFC 7523, 3)."""
    assertion = form.get("client_assertion")
    if assertion is None:
        return None
    if form.get("client_assertion_type") != ASSERTION_TYPE:
        raise TokenRefused("invalid_request", f"client_assertion_type must be {ASSERTION_TYPE}")
    client_id = form.get("client_id") or _subject(assertion)
    return Presented(client_id, "private_key_jwt", assertion)


def _subject(assertion: str) -> str:
    try:
        payload = assertion.split(".")[1]
        claims = orjson.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return str(claims["sub"])
    except (ValueError, KeyError, IndexError, TypeError, AttributeError):
        raise TokenRefused("invalid_client", "The client assertion cannot be read") from None
