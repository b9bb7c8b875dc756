"""Who calls, and what its token grants: every service verifies tokens itself against auth's cached keys."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import Key, KeySet

from services.kernel.errors import NotAllowed, NotAuthenticated, Unavailable

AUDIENCE = "hiroba"
TOKEN_TYPE = "at+jwt"  # noqa: S105  # a media type (RFC 9068, 2.1)
KeySource = Callable[[], Awaitable[Mapping[str, Any]]]
"""Returns a JWK set (RFC 7517, 5). Raises Unavailable."""

_ALGORITHMS = ["ES256"]
_REFRESH_S = 300
_LEAST_REFRESH_S = 5
_RETRY_S = 1
_LEEWAY_S = 10
_CACHED_TOKENS = 4096
_LONGEST_TOKEN = 64 * 1024


@dataclass(frozen=True, slots=True)
class Grant:
    """Which actions a caller may do, in which tenant, service path (`/#`: the subtree) and entity types."""

    tenant: str
    actions: tuple[str, ...]
    path: str = "/#"
    types: tuple[str, ...] = ("*",)

    def covers(self, action: str, tenant: str, path: str, entity_type: str = "*") -> bool:
        """Tell whether the grant reaches an action on a service path, which may itself end in `/#`.

        Without an entity type the action concerns all of them, which only a grant over all types reaches.
        """
        return (
            self.tenant in ("*", tenant)
            and ("*" in self.actions or action in self.actions)
            and ("*" in self.types or entity_type in self.types)
            and self._covers_path(path)
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

    def require(self, action: str, tenant: str, paths: Iterable[str] = ("/#",), types: Iterable[str] = ("*",)) -> None:
        """Refuse unless every service path is granted, for every entity type concerned. Raises NotAllowed."""
        kinds = tuple(types)
        for path in paths:
            for kind in kinds:
                if not any(grant.covers(action, tenant, path, kind) for grant in self.grants):
                    where = f"tenant {tenant or '(default)'}, service path {path}"
                    what = where if kind == "*" else f"{where}, type {kind}"
                    raise NotAllowed(f"Client {self.client_id} has no grant to {action} in {what}")


OPEN = Principal("anonymous", "anonymous", (Grant("*", ("*",)),))
"""The caller without a token in the open local profile."""


class HttpKeys:
    """A key source: auth's JWK set over HTTP."""

    def __init__(self, auth_url: str) -> None:
        self._url = f"{auth_url.rstrip('/')}/jwks.json"

    async def __call__(self) -> Mapping[str, Any]:
        """Fetch the set. Raises Unavailable."""
        try:
            async with httpx.AsyncClient(timeout=5) as client:
                answer = await client.get(self._url)
                answer.raise_for_status()
                keys: Mapping[str, Any] = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise Unavailable("The authorisation server's keys cannot be read") from error
        return keys


class KeyCache:
    """The issuer's public keys, fetched when they are old or a key is asked for that is not there.

    The source is asked by one caller at a time and at most every 5 s (every second until it has answered once),
    whatever tokens arrive; while it is away the keys that are known serve on.
    """

    def __init__(self, source: KeySource) -> None:
        self._source = source
        self._keys: dict[str | None, Key] = {}
        self._stale_at = self._retry_at = -float("inf")
        self._lock = asyncio.Lock()

    async def find(self, kid: str) -> Key | None:
        """Return the key of an identifier, None if the issuer has no such key. Raises Unavailable."""
        if self._is_due(kid) and not (kid in self._keys and self._lock.locked()):
            async with self._lock:
                if self._is_due(kid):
                    await self._fetch()
        if not self._keys:
            raise Unavailable("The authorisation server's keys cannot be read")
        return self._keys.get(kid)

    def _is_due(self, kid: str) -> bool:
        return time.monotonic() >= (self._stale_at if kid in self._keys else self._retry_at)

    async def _fetch(self) -> None:
        try:
            fetched = KeySet.import_key_set(await self._source())  # type: ignore[arg-type]
        except (Unavailable, JoseError, ValueError, KeyError, TypeError):
            self._retry_at = time.monotonic() + _RETRY_S
            self._stale_at = time.monotonic() + _LEAST_REFRESH_S
            return
        self._keys = {key.kid: key for key in fetched}
        self._retry_at = time.monotonic() + _LEAST_REFRESH_S
        self._stale_at = time.monotonic() + _REFRESH_S


class TokenVerifier:
    """Verifies access tokens (RFC 9068, 4: type, ES256, issuer, audience, lifetime) with the issuer's cached keys.

    `keys` is where the keys come from; auth's `/jwks.json` unless given.
    """

    def __init__(self, issuer: str, auth_url: str, *, is_open: bool, keys: KeySource | None = None) -> None:
        self._issuer = issuer
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
        cached = self._verified.get(token)
        if cached is not None and cached[1] > time.time():
            return cached[0]
        return await self._verify(token)

    async def _verify(self, token: str) -> Principal:
        try:
            claims = await self._decode(token)
            principal = _principal(claims)
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise NotAuthenticated("The token is not valid") from error
        if len(self._verified) >= _CACHED_TOKENS:
            self._verified.clear()
        # not longer than the keys are believed, so that a withdrawn key ends its tokens
        self._verified[token] = principal, min(float(claims["exp"]), time.time() + _REFRESH_S)
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
            for grant in (grants if isinstance(grants, list) else ())
        ),
    )
