"""Verification of access tokens, by every service itself."""

import time
from collections.abc import Mapping
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError

from services.kernel.errors import NotAuthenticated
from services.kernel.identity.grant import Grant
from services.kernel.identity.keys import REFRESH_S, HttpKeys, KeyCache, KeySource
from services.kernel.identity.principal import OPEN, Principal
from services.kernel.identity.revisions import Revisions
from services.kernel.identity.sent_keys import SentKeys, is_key

AUDIENCE = "hiroba"
TOKEN_TYPE = "at+jwt"  # noqa: S105  # a media type (RFC 9068, 2.1)
SERVICE_CLAIM = "svc"
"""The provided service that the client belongs to: `{"id", "purposes"}`."""

_ALGORITHMS = ["ES256"]
_LEEWAY_S = 10
_CACHED_TOKENS = 4096
_LONGEST_TOKEN = 64 * 1024


class TokenVerifier:
    """Verifies access tokens (RFC 9068, 4: type, ES256, issuer, audience, lifetime) with the issuer's cached keys.

    `keys` is where the keys come from; auth's `/jwks.json` unless given. `revisions` tells which tokens are outdated.
    Keys of devices and people are exchanged at auth for a token, which is kept in their stead for a minute; one that
    has ended before that is asked for anew, since the key may stand for something else by now.
    """

    def __init__(
        self,
        issuer: str,
        auth_url: str,
        *,
        is_open: bool,
        keys: KeySource | None = None,
        revisions: Revisions | None = None,
    ) -> None:
        self._issuer = issuer
        self._sent_keys = SentKeys(auth_url)
        self.revisions = revisions or Revisions()
        self._keys = KeyCache(keys or HttpKeys(auth_url))
        self._is_open = is_open
        self._verified: dict[str, tuple[Principal, float]] = {}

    async def identify(self, authorization: str | None) -> Principal:
        """Return who sends an `Authorization` header. Raises NotAuthenticated, Unavailable."""
        if authorization is None:
            if self._is_open:
                return OPEN
            raise NotAuthenticated("The request carries no token")
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token or len(token) > _LONGEST_TOKEN:
            raise NotAuthenticated("Authorization must be 'Bearer' and a token")
        principal = await self._known(await self._sent_keys.token_of(token) if is_key(token) else token)
        if is_key(token) and self.revisions.is_outdated(principal):
            principal = await self._known(await self._sent_keys.renewed_token_of(token))
        if self.revisions.is_outdated(principal):
            raise NotAuthenticated("The token is outdated: what it grants has changed, ask for a new one")
        return principal

    async def _known(self, token: str) -> Principal:
        cached = self._verified.get(token)
        return cached[0] if cached is not None and cached[1] > time.time() else await self._verify(token)

    async def _verify(self, token: str) -> Principal:
        try:
            claims = await self._decode(token)
            principal = _principal(claims)
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise NotAuthenticated("The token is not valid") from error
        if len(self._verified) >= _CACHED_TOKENS:
            self._verified.clear()
        # not longer than the keys are believed, so that a withdrawn key ends its tokens
        self._verified[token] = principal, min(float(claims["exp"]), time.time() + REFRESH_S)
        return principal

    async def _decode(self, token: str) -> dict[str, Any]:
        key = await self._keys.find(_key_id(token))
        if key is None:
            raise ValueError("The key is not one of the issuer's")
        decoded = jwt.decode(token, key, algorithms=_ALGORITHMS)
        if str(decoded.header.get("typ", "")).lower() not in (TOKEN_TYPE, f"application/{TOKEN_TYPE}"):
            raise ValueError("The token is no access token")
        jwt.JWTClaimsRegistry(
            leeway=_LEEWAY_S,
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": AUDIENCE},
            exp={"essential": True},
        ).validate(decoded.claims)
        return decoded.claims


def _key_id(token: str) -> str:
    """Read which key a token says it is signed with, before anything of it is believed."""
    kid = jws.extract_compact(token.encode()).headers().get("kid")
    if not isinstance(kid, str):
        raise ValueError("The token names no key")  # noqa: TRY004  # a fault of the token, not of the program
    return kid


def _principal(claims: Mapping[str, object]) -> Principal:
    grants = claims.get("grants")
    revision = claims.get("rev")
    service = claims.get(SERVICE_CLAIM)
    provided = service if isinstance(service, dict) else {}
    return Principal(
        subject=str(claims.get("sub", "")),
        client_id=str(claims.get("client_id", claims.get("sub", ""))),
        grants=tuple(Grant.of(grant) for grant in (grants if isinstance(grants, list) else ())),
        ial=_level(claims.get("ial")),
        aal=_level(claims.get("aal")),
        revision=revision if isinstance(revision, int) else None,
        service=str(provided.get("id", "")),
        purposes=tuple(map(str, provided.get("purposes", ()))),
        token_id=str(claims.get("jti", "")),
        authorization_id=str(claims.get("aid", "")),
    )


def _level(claim: object) -> int:
    return claim if isinstance(claim, int) and 0 <= claim <= 3 else 0
