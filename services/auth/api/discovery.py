"""What a client can find out by itself: the published keys, and the server's metadata."""

from typing import Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from services.auth.api.service import Service
from services.auth.domain.openid.application import AUTH_METHODS
from services.auth.domain.openid.authorization_request import CLAIM_NAMES, PROMPTS, RESPONSE_MODES
from services.auth.domain.openid.scope import SCOPES
from services.auth.openid.client_assertion import ASSERTION_ALGORITHMS
from services.auth.openid.client_authentication import SECRET_METHODS
from services.auth.openid.token_endpoint import GRANT_TYPES
from services.kernel.identity.assurance import ACR_VALUES
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
    """The authorisation server's metadata (RFC 8414, 2; OpenID Connect Discovery 1.0, 3), of what there is."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    userinfo_endpoint: str
    revocation_endpoint: str
    introspection_endpoint: str
    end_session_endpoint: str
    device_authorization_endpoint: str
    jwks_uri: str
    registration_endpoint: str
    service_documentation: str
    scopes_supported: list[str]
    response_types_supported: list[str]
    response_modes_supported: list[str]
    grant_types_supported: list[str]
    subject_types_supported: list[str]
    id_token_signing_alg_values_supported: list[str]
    userinfo_signing_alg_values_supported: list[str]
    token_endpoint_auth_methods_supported: list[str]
    token_endpoint_auth_signing_alg_values_supported: list[str]
    revocation_endpoint_auth_methods_supported: list[str]
    introspection_endpoint_auth_methods_supported: list[str]
    code_challenge_methods_supported: list[str]
    claims_supported: list[str]
    claims_parameter_supported: bool
    request_parameter_supported: bool
    request_uri_parameter_supported: bool
    acr_values_supported: list[str]
    prompt_values_supported: list[str]
    ui_locales_supported: list[str]
    authorization_response_iss_parameter_supported: bool


@router.get("/jwks.json", summary="Read the keys that verify tokens", responses={503: RESPONSES[503]})
async def keys(service: Service, response: Response) -> KeySetJson:
    """Return the public keys. A key appears here ten minutes before it signs the first token."""
    response.headers["Cache-Control"] = f"public, max-age={KEYS_MAX_AGE_S}"
    return KeySetJson.model_validate(await service.keys.public_set())


@router.get("/.well-known/oauth-authorization-server", summary="Read the server's metadata (RFC 8414)")
async def authorization_server(service: Service) -> Metadata:
    """Tell where the endpoints are and what they support."""
    return _metadata(service)


@router.get("/.well-known/openid-configuration", summary="Read the server's metadata (OpenID Connect)")
async def openid_configuration(service: Service) -> Metadata:
    """Tell the same under the address at which OpenID Connect clients look."""
    return _metadata(service)


def _metadata(service: Service) -> Metadata:
    base = service.issuer.url.rstrip("/")
    return Metadata(
        issuer=service.issuer.url,
        authorization_endpoint=f"{base}/oauth/authorize",
        token_endpoint=f"{base}/oauth/token",
        userinfo_endpoint=f"{base}/oauth/userinfo",
        revocation_endpoint=f"{base}/oauth/revoke",
        introspection_endpoint=f"{base}/oauth/introspect",
        end_session_endpoint=f"{base}/oauth/logout",
        device_authorization_endpoint=f"{base}/oauth/device_authorization",
        jwks_uri=f"{base}/jwks.json",
        registration_endpoint=f"{base}/oauth/register",
        service_documentation=f"{base}/docs",
        scopes_supported=list(SCOPES),
        response_types_supported=["code"],
        response_modes_supported=list(RESPONSE_MODES),
        grant_types_supported=list(GRANT_TYPES),
        subject_types_supported=["public", "pairwise"],
        id_token_signing_alg_values_supported=["ES256", "RS256"],
        userinfo_signing_alg_values_supported=["ES256", "RS256", "none"],
        token_endpoint_auth_methods_supported=list(AUTH_METHODS),
        token_endpoint_auth_signing_alg_values_supported=list(ASSERTION_ALGORITHMS),
        revocation_endpoint_auth_methods_supported=list(AUTH_METHODS),
        introspection_endpoint_auth_methods_supported=list(SECRET_METHODS),
        code_challenge_methods_supported=["S256"],
        claims_supported=["sub", "auth_time", "acr", "amr", "sid", *sorted(CLAIM_NAMES)],
        claims_parameter_supported=True,
        request_parameter_supported=False,
        request_uri_parameter_supported=False,
        acr_values_supported=list(ACR_VALUES),
        prompt_values_supported=list(PROMPTS),
        ui_locales_supported=["ja", "en"],
        authorization_response_iss_parameter_supported=True,
    )
