"""Who calls, and what its token grants: every service verifies tokens itself against auth's cached keys."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from services.kernel.errors import NotAllowed, NotAuthenticated, Unavailable

AUDIENCE = "hiroba"
_ALGORITHMS = ["ES256"]
_REFRESH_S = 300
_LEAST_REFRESH_S = 5
_CACHED_TOKENS = 4096


@dataclass(frozen=True, slots=True)
class Grant:
    """Which actions a caller may do, in which tenant, service path (`/#`: the subtree) and entity types."""

    tenant: str
    actions: tuple[str, ...]
    path: str = "/#"
    types: tuple[str, ...] = ("*",)

    def covers(self, action: str, tenant: str, path: str) -> bool:
        """Tell whether the grant reaches an action on a service path, which may itself end in `/#`."""
        return (
            self.tenant in ("*", tenant) and ("*" in self.actions or action in self.actions) and self._covers_path(path)
        )

    def _covers_path(self, path: str) -> bool:
        if self.path == "/#":
            return True
        if not self.path.endswith("/#"):
            return path == self.path
        base = self.path.removesuffix("/#")
        return path.removesuffix("/#") == base or path.startswith(base + "/")


@dataclass(frozen=True, slots=True)
class Principal:
    """The caller: a client, perhaps acting for a user, with its grants."""

    subject: str
    client_id: str
    grants: tuple[Grant, ...]

    def require(self, action: str, tenant: str, paths: Iterable[str] = ("/#",)) -> None:
        """Refuse unless every service path is granted. Raises NotAllowed."""
        for path in paths:
            if not any(grant.covers(action, tenant, path) for grant in self.grants):
                where = f"tenant {tenant or '(default)'}, service path {path}"
                raise NotAllowed(f"Client {self.client_id} has no grant to {action} in {where}")


OPEN = Principal("anonymous", "anonymous", (Grant("*", ("*",)),))
"""The caller without a token in the open local profile."""


class TokenVerifier:
    """Verifies access tokens (RFC 9068: ES256, issuer, audience, lifetime) with keys cached from the issuer."""

    def __init__(self, issuer: str, auth_url: str, *, is_open: bool) -> None:
        self._issuer = issuer
        self._keys_url = f"{auth_url.rstrip('/')}/jwks.json"
        self._is_open = is_open
        self._keys: KeySet | None = None
        self._fetched = -float("inf")
        self._verified: dict[str, tuple[Principal, float]] = {}

    async def identify(self, authorization: str | None) -> Principal:
        """Return who sends an `Authorization` header. Raises NotAuthenticated, Unavailable."""
        if authorization is None:
            if self._is_open:
                return OPEN
            raise NotAuthenticated("The request carries no token")
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise NotAuthenticated("Authorization must be 'Bearer' and a token")
        cached = self._verified.get(token)
        if cached is not None and cached[1] > time.time():
            return cached[0]
        return await self._verify(token.strip())

    async def _verify(self, token: str) -> Principal:
        try:
            claims = await self._decode(token)
            jwt.JWTClaimsRegistry(
                iss={"essential": True, "value": self._issuer},
                aud={"essential": True, "value": AUDIENCE},
                exp={"essential": True},
            ).validate(claims)
        except (JoseError, ValueError) as error:
            raise NotAuthenticated("The token is not valid") from error
        principal = _principal(claims)
        if len(self._verified) >= _CACHED_TOKENS:
            self._verified.clear()
        self._verified[token] = principal, float(claims["exp"])
        return principal

    async def _decode(self, token: str) -> dict[str, Any]:
        keys = await self._key_set(_REFRESH_S)
        try:
            return jwt.decode(token, keys, algorithms=_ALGORITHMS).claims
        except (JoseError, ValueError):
            keys = await self._key_set(_LEAST_REFRESH_S)  # the key may be newer than the cache
            return jwt.decode(token, keys, algorithms=_ALGORITHMS).claims

    async def _key_set(self, oldest_s: float) -> KeySet:
        if self._keys is not None and time.monotonic() - self._fetched < oldest_s:
            return self._keys
        try:
            async with httpx.AsyncClient(timeout=5) as client:
                answer = await client.get(self._keys_url)
                answer.raise_for_status()
            self._keys = KeySet.import_key_set(answer.json())
            self._fetched = time.monotonic()
        except (httpx.HTTPError, ValueError) as error:
            if self._keys is None:
                raise Unavailable("The authorisation server's keys cannot be read") from error
        return self._keys


def _principal(claims: Mapping[str, object]) -> Principal:
    grants = claims.get("grants")
    if not isinstance(grants, list):
        grants = []
    return Principal(
        subject=str(claims.get("sub", "")),
        client_id=str(claims.get("client_id", claims.get("sub", ""))),
        grants=tuple(
            Grant(
                tenant=str(grant["tenant"]),
                actions=tuple(grant["actions"]),
                path=str(grant.get("path", "/#")),
                types=tuple(grant.get("types", ("*",))),
            )
            for grant in grants
        ),
    )
