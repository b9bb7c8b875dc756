"""The OAuth 2.1 token endpoint, in its own dialect (RFC 6749, 5)."""

from typing import Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from services.auth.api.client_request import CLIENT_FIELDS, REFUSED, ClientBasic, answer
from services.auth.api.form import FORM
from services.auth.api.service import Service
from services.auth.openid.token_endpoint import GRANT_TYPES, issue_token
from services.auth.openid.token_exchange import ACCESS_TOKEN
from services.auth.tokens.access_token import AccessToken

router = APIRouter(tags=["Tokens"])


class TokenAnswer(BaseModel):
    """An access token (RFC 6749, 5.1), with what a person's sign-in adds."""

    access_token: str = Field(
        description="ES256 JWT (RFC 9068)", examples=["eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9…"]
    )
    token_type: str = Field(examples=["Bearer"])
    expires_in: int = Field(description="Seconds until it expires", examples=[600])
    scope: str = Field(description="The actions it grants somewhere", examples=["read write"])
    refresh_token: str | None = Field(None, description="For one use, where `offline_access` is allowed")
    id_token: str | None = Field(None, description="Who signed in, where `openid` is asked for")
    issued_token_type: str | None = Field(None, description="What a token exchange has given (RFC 8693, 2.2.1)")

    @classmethod
    def for_key(cls, issued: AccessToken, response: Response) -> "TokenAnswer":
        """Return what a service is told that has sent a key, which nothing on the way keeps."""
        response.headers["Cache-Control"] = "no-store"
        return cls(
            access_token=issued.text,
            token_type="Bearer",  # noqa: S106
            expires_in=issued.expires_in_s,
            scope=issued.scope,
        )


_FIELDS: dict[str, Any] = {
    "grant_type": {"type": "string", "enum": list(GRANT_TYPES)},
    **CLIENT_FIELDS,
    "scope": {"type": "string", "description": "Actions to narrow the token to, with spaces between"},
    "resource": {"type": "string", "format": "uri", "description": "What the token is for (RFC 8707)"},
    "audience": {"type": "string", "enum": ["hiroba"]},
    "code": {"type": "string", "description": "What the application was called back with"},
    "redirect_uri": {"type": "string", "description": "As in the authorization request"},
    "code_verifier": {"type": "string", "description": "What the `code_challenge` was made of (RFC 7636)"},
    "refresh_token": {"type": "string", "description": "The last refresh token that was given"},
    "device_code": {"type": "string", "description": "What the device was told (RFC 8628)"},
    "subject_token": {"type": "string", "description": "The access token of whom the client acts for (RFC 8693)"},
    "subject_token_type": {"type": "string", "enum": [ACCESS_TOKEN]},
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


@router.post(
    "/oauth/token",
    summary="Get an access token",
    response_model=TokenAnswer,
    responses=REFUSED,
    dependencies=[Depends(ClientBasic())],
    openapi_extra={"requestBody": _BODY, "security": [{}]},
)
async def token(service: Service, request: Request) -> Response:
    """Exchange what a client holds for a token that every service accepts, for ten minutes unless set otherwise.

    The client authenticates with HTTP Basic (`client_secret_basic`), in the form (`client_secret_post`) or with a
    signed assertion (`private_key_jwt`); a public one sends its `client_id`. With `client_credentials` the token
    carries the client's own grants, else those of the person's roles; `scope` narrows them to some actions.
    """
    return await answer(request, lambda asked: issue_token(service, asked))
