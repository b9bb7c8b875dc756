"""What a client can find out by itself: the published keys, and the server's metadata."""

from typing import Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from services.auth.api.service import Service
from services.auth.domain.access import ACTIONS
from services.auth.operations.tokens import GRANTS
from services.kernel.problems import RESPONSES

KEYS_MAX_AGE_S = 60
router = APIRouter(tags=["Tokens"])


class KeySetJson(BaseModel):
    """A JWK set (RFC 7517, 5)."""

    keys: list[dict[str, Any]] = Field(
        description="Public keys: those that sign, soon will, or have signed tokens which are still valid",
        examples=[[{"kty": "EC", "crv": "P-256", "x": "…", "y": "…", "kid": "…", "use": "sig", "alg": "ES256"}]],
    )


class Metadata(BaseModel):
    """The authorisation server's metadata (RFC 8414, 2), of what there is."""

    issuer: str
    token_endpoint: str
    jwks_uri: str
    service_documentation: str
    grant_types_supported: list[str]
    response_types_supported: list[str]
    scopes_supported: list[str]
    token_endpoint_auth_methods_supported: list[str]


class OpenIdMetadata(Metadata):
    """The same as OpenID Connect wants it (Discovery 1.0, 3)."""

    subject_types_supported: list[str]
    id_token_signing_alg_values_supported: list[str]


@router.get("/jwks.json", summary="Read the keys that verify tokens", responses={503: RESPONSES[503]})
async def keys(service: Service, response: Response) -> KeySetJson:
    """Return the public keys. A key appears here ten minutes before it signs the first token."""
    response.headers["Cache-Control"] = f"public, max-age={KEYS_MAX_AGE_S}"
    return KeySetJson.model_validate(await service.keys.public_set())


@router.get("/.well-known/oauth-authorization-server", summary="Read the server's metadata (RFC 8414)")
async def authorization_server(service: Service) -> Metadata:
    """Tell where the endpoints are and what they support."""
    return Metadata(**_metadata(service))


@router.get("/.well-known/openid-configuration", summary="Read the server's metadata (OpenID Connect)")
async def openid_configuration(service: Service) -> OpenIdMetadata:
    """Tell the same under the address at which OpenID Connect clients look."""
    return OpenIdMetadata(
        **_metadata(service), subject_types_supported=["public"], id_token_signing_alg_values_supported=["ES256"]
    )


def _metadata(service: Service) -> dict[str, Any]:
    issuer = service.issuer.url
    base = issuer.rstrip("/")
    return {
        "issuer": issuer,
        "token_endpoint": f"{base}/oauth/token",
        "jwks_uri": f"{base}/jwks.json",
        "service_documentation": f"{base}/docs",
        "grant_types_supported": list(GRANTS),
        "response_types_supported": [],
        "scopes_supported": list(ACTIONS),
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
    }
