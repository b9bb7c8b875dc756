"""Calls to external OpenID providers, and the verification of what they say (OpenID Connect Core, 3.1.3.7)."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, RSAKey

from services.auth.domain.openid.provider import Provider
from services.auth.tokens.client_keys import ClientKeys
from services.kernel.clock import system_clock
from services.kernel.errors import BadData, NotAuthenticated

_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_LEEWAY_S = 60
_ASSERTION_LIFE_S = 60


@dataclass(frozen=True, slots=True)
class ProviderMetadata:
    """Where a provider is called."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str


async def read_metadata(calls: ClientKeys, provider: Provider) -> ProviderMetadata:
    """Read a provider's metadata. Raises BadData if it is away, or is another one than it should be."""
    document = await calls.fetch(provider.discovery_url)
    try:
        if str(document["issuer"]).rstrip("/") != provider.issuer.rstrip("/"):
            raise BadData("The provider's metadata name another issuer", field="issuer")
        names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        return ProviderMetadata(*(str(document[name]) for name in names))
    except (KeyError, TypeError) as error:
        raise BadData("The provider's metadata cannot be read") from error


async def exchange_code(
    calls: ClientKeys, provider: Provider, metadata: ProviderMetadata, redeem: Mapping[str, str]
) -> str:
    """Exchange a code for an ID token. Raises NotAuthenticated, BadData."""
    form = {"grant_type": "authorization_code", **redeem, **_credentials(provider, metadata)}
    basic = (provider.client_id, provider.client_secret) if provider.client_secret else None
    answer = await calls.post(metadata.token_endpoint, form, basic)
    token = answer.get("id_token") if isinstance(answer, dict) else None
    if not isinstance(token, str):
        raise NotAuthenticated("The provider gives no ID token")
    return token


async def verified_claims(
    calls: ClientKeys, of: tuple[Provider, ProviderMetadata], told: tuple[str, str], now: datetime
) -> Mapping[str, Any]:
    """Verify an ID token, `told` before the nonce it must hold; returns its claims. Raises NotAuthenticated."""
    (provider, metadata), (token, nonce) = of, told
    try:
        kid = jws.extract_compact(token.encode()).headers().get("kid")
        keys = await calls.keys_at(metadata.jwks_uri, kid if isinstance(kid, str) else None)
        usable = {"keys": [key for key in keys["keys"] if key.get("kty") in ("EC", "RSA", "OKP")]}
        decoded = jwt.decode(token, KeySet.import_key_set(usable), algorithms=provider.algorithms)  # type: ignore[arg-type]
        claims = decoded.claims
        jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=_LEEWAY_S,
            iss={"essential": True, "values": [provider.issuer.rstrip("/"), provider.issuer.rstrip("/") + "/"]},
            aud={"essential": True, "value": provider.client_id},
            nonce={"essential": True, "value": nonce},
            exp={"essential": True},
            sub={"essential": True},
        ).validate(claims)
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise NotAuthenticated("The provider's ID token is not valid") from error
    if claims.get("azp", provider.client_id) != provider.client_id:
        raise NotAuthenticated("The provider's ID token is for another application")
    if provider.acr_values and claims.get("acr", provider.acr_values.split()[0]) not in provider.acr_values.split():
        raise NotAuthenticated("The provider has not signed the person in as surely as was asked for")
    return claims


def _credentials(provider: Provider, metadata: ProviderMetadata) -> dict[str, str]:
    """Return the parameters that authenticate at the provider with a key (RFC 7523); none where a secret does."""
    if provider.private_key is None:
        return {}
    kind = ECKey if provider.private_key.get("kty") == "EC" else RSAKey
    algorithm = "ES256" if kind is ECKey else "RS256"
    key = kind.import_key(provider.private_key)
    issued_at = int(system_clock().timestamp())
    claims = {
        "iss": provider.client_id,
        "sub": provider.client_id,
        "aud": metadata.token_endpoint,
        "jti": secrets.token_hex(16),
        "iat": issued_at,
        "exp": issued_at + _ASSERTION_LIFE_S,
    }
    header = {"alg": algorithm, "typ": "JWT", **({"kid": key.kid} if key.kid else {})}
    assertion = jwt.encode(header, claims, key, algorithms=[algorithm])
    return {
        "client_id": provider.client_id,
        "client_assertion_type": _ASSERTION_TYPE,
        "client_assertion": assertion,
    }
