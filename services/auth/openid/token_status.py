"""What has become of a token: asked by introspection (RFC 7662), ended by revocation (RFC 7009)."""

from collections.abc import Mapping
from typing import Any

import orjson
from joserfc import jws
from sqlalchemy.ext.asyncio import AsyncConnection

from services.auth.domain.openid.tokens import hash_of
from services.auth.openid.client_authentication import KnownClient
from services.auth.openid.sign_in import end_authorizations, still_holds
from services.auth.operations.auth import Auth
from services.auth.store import authorizations, people, policy_changes
from services.auth.store.database import transaction
from services.kernel.errors import NotAuthenticated
from services.kernel.identity import Principal, TokenVerifier

_TOLD = ("iss", "sub", "client_id", "aud", "iat", "exp", "jti", "scope", "grants", "acr", "auth_time", "act")
_INACTIVE: Mapping[str, Any] = {"active": False}


async def introspect(auth: Auth, verifier: TokenVerifier, known: KnownClient, token: str) -> Mapping[str, Any]:
    """Return what a token is worth now; of one that is worth nothing, or another client's refresh token, no more."""
    try:
        principal = await verifier.identify(f"Bearer {token}")
    except NotAuthenticated:
        return await _introspect_refresh_token(auth, known, token)
    async with transaction(auth.engine) as connection:
        if not await is_current(connection, principal) or not await _holds(auth, connection, principal):
            return _INACTIVE
    claims = orjson.loads(jws.extract_compact(token.encode()).payload)
    return {"active": True, "token_type": "Bearer", **{name: claims[name] for name in _TOLD if name in claims}}


async def revoke(auth: Auth, verifier: TokenVerifier, known: KnownClient, token: str) -> None:
    """End a token of a client: a refresh token with all that came of its authorization, an access token alone.

    What is no token, or not the client's, is passed over (RFC 7009, 2.2).
    """
    now = auth.clock()
    async with transaction(auth.engine) as connection:
        refresh = await authorizations.find_refresh_token(connection, hash_of(token))
        held = await authorizations.find(connection, refresh.authorization_id) if refresh else None
        if held is not None and held.client_id == known.client.client_id:
            ended = await authorizations.revoke(connection, held.authorization_id, now)
            await end_authorizations(connection, ended, now)
    if refresh is not None:
        return
    try:
        principal = await verifier.identify(f"Bearer {token}")
    except NotAuthenticated:
        return
    if principal.client_id == known.client.client_id and principal.token_id:
        async with transaction(auth.engine) as connection:
            await policy_changes.outdate(connection, principal.token_id, now)


async def is_current(connection: AsyncConnection, principal: Principal) -> bool:
    """Tell whether nothing has ended a token, as the database has it: services follow within a second."""
    named = (principal.subject, principal.client_id, principal.token_id, principal.authorization_id)
    return principal.revision is None or await policy_changes.latest(connection, named) <= principal.revision


async def _introspect_refresh_token(auth: Auth, known: KnownClient, token: str) -> Mapping[str, Any]:
    async with transaction(auth.engine) as connection:
        refresh = await authorizations.find_refresh_token(connection, hash_of(token))
        if refresh is None or refresh.used_at is not None:
            return _INACTIVE
        held = await authorizations.find(connection, refresh.authorization_id)
        if held is None or held.client_id != known.client.client_id:
            return _INACTIVE
        if not still_holds(held, await people.find(connection, held.user_id), auth.clock()):
            return _INACTIVE
    return {
        "active": True,
        "client_id": held.client_id,
        "sub": held.user_id,
        "scope": " ".join(held.scope),
        "iat": int(refresh.created_at.timestamp()),
        "exp": int(held.expires_at.timestamp()),
    }


async def _holds(auth: Auth, connection: AsyncConnection, principal: Principal) -> bool:
    """Tell whether the authorization that a person's token came of still holds."""
    if not principal.authorization_id:
        return True
    held = await authorizations.find(connection, principal.authorization_id)
    return held is not None and still_holds(held, await people.find(connection, held.user_id), auth.clock())
