"""What has become of a token: asked by introspection (RFC 7662), ended by revocation (RFC 7009)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from authlib.oauth2.rfc6749 import InvalidGrantError, InvalidRequestError, TokenMixin
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7662 import IntrospectionEndpoint
from joserfc import jws
from sqlalchemy.ext.asyncio import AsyncConnection

from services.auth.domain.openid.application import AUTH_METHODS
from services.auth.domain.openid.authorization import Authorization
from services.auth.domain.openid.tokens import hash_of
from services.auth.domain.personal_key import key_of
from services.auth.openid.call import wait
from services.auth.openid.client_authentication import SECRET_METHODS, KnownClient
from services.auth.openid.client_request import ClientRequest
from services.auth.openid.permission import end_authorization
from services.auth.openid.server import Server
from services.auth.openid.sign_in import still_holds
from services.auth.store import authorizations, people, policy_changes
from services.kernel.errors import NotAuthenticated
from services.kernel.identity import Principal, TokenVerifier

_TOLD = ("iss", "sub", "client_id", "aud", "iat", "exp", "jti", "scope", "grants", "acr", "auth_time", "act")


@dataclass(frozen=True, slots=True)
class HeldToken(TokenMixin):
    """A token of a client's: what is told of it, whether it is over, and what ends with it.

    That is the authorization of a refresh token, and an access token alone.
    """

    client_id: str
    told: Mapping[str, Any]
    is_over: bool
    authorization: Authorization | None = None
    token_id: str = ""

    def check_client(self, client: KnownClient) -> bool:
        """Tell whether it is the client's."""
        return self.client_id == client.client_id

    def is_expired(self) -> bool:
        """Tell whether it is over; a token that has expired was not found."""
        return self.is_over

    def is_revoked(self) -> bool:
        """Tell whether it is over."""
        return self.is_over


class _StatusEndpoint:
    """What both endpoints share; a token is looked for as either kind, whatever hint is given (RFC 7009, 2.1)."""

    server: Server

    def __init__(self, server: Server, verifier: TokenVerifier) -> None:
        super().__init__(server)  # type: ignore[call-arg]  # Authlib's endpoint
        self._verifier = verifier

    def check_params(self, request: ClientRequest, client: KnownClient) -> None:
        """Refuse a request without a token."""
        if "token" not in request.form:
            raise InvalidRequestError("token is missing")

    def query_token(self, token_string: str, token_type_hint: str | None) -> HeldToken | None:
        """Return a token, None for what is none."""
        call = self.server.call
        try:
            principal = wait(self._verifier.identify(f"Bearer {token_string}"))
        except NotAuthenticated:
            return wait(_refresh_token(call.connection, token_string, call.now))
        claims = orjson.loads(jws.extract_compact(token_string.encode()).payload)
        told = {"token_type": "Bearer", **{name: claims[name] for name in _TOLD if name in claims}}
        is_over = wait(_is_over(call.connection, principal, call.now))
        return HeldToken(principal.client_id, told, is_over, token_id=principal.token_id)


class Introspection(_StatusEndpoint, IntrospectionEndpoint):
    """Tells what a token is worth now; of one that is worth nothing, or another client's refresh token, no more."""

    CLIENT_AUTH_METHODS = SECRET_METHODS

    def check_permission(self, token: HeldToken, client: KnownClient, request: ClientRequest) -> bool:
        """Tell whether a client may know of a token: of access tokens every client may."""
        return token.authorization is None or token.check_client(client)

    def introspect_token(self, token: HeldToken) -> dict[str, Any]:
        """Return what is told."""
        return {"active": True, **token.told}


class Revocation(_StatusEndpoint, RevocationEndpoint):
    """Ends a token of the client's: a refresh token with all that came of its authorization, an access token alone."""

    CLIENT_AUTH_METHODS = AUTH_METHODS

    def authenticate_token(self, request: ClientRequest, client: KnownClient) -> HeldToken | None:
        """Return the client's token; what is none, or another client's, is passed over (RFC 7009, 2.2)."""
        try:
            found: HeldToken | None = super().authenticate_token(request, client)
        except InvalidGrantError:
            return None
        return found

    def revoke_token(self, token: HeldToken, request: ClientRequest) -> None:
        """End it: every service refuses it within a second."""
        call = self.server.call
        if token.authorization is not None:
            end_authorization(call, token.authorization)
        elif token.token_id:
            wait(policy_changes.outdate(call.connection, token.token_id, call.now))


async def is_current(connection: AsyncConnection, principal: Principal) -> bool:
    """Tell whether nothing has ended a token, as the database has it: services follow within a second."""
    named = (principal.subject, principal.client_id, principal.token_id, principal.authorization_id)
    return principal.revision is None or await policy_changes.latest(connection, named) <= principal.revision


async def _refresh_token(connection: AsyncConnection, text: str, now: datetime) -> HeldToken | None:
    refresh = await authorizations.find_refresh_token(connection, hash_of(text))
    held = await authorizations.find(connection, refresh.authorization_id) if refresh is not None else None
    if refresh is None or held is None:
        return None
    user = await people.find(connection, held.user_id)
    is_over = refresh.used_at is not None or not still_holds(held, user, now)
    told = {
        "client_id": held.client_id,
        "sub": held.user_id,
        "scope": " ".join(held.scope),
        "iat": int(refresh.created_at.timestamp()),
        "exp": int(held.expires_at.timestamp()),
    }
    return HeldToken(held.client_id, told, is_over, held)


async def _is_over(connection: AsyncConnection, principal: Principal, now: datetime) -> bool:
    """Tell whether an access token has ended, or the person's authorization that it came of."""
    if not await is_current(connection, principal):
        return True
    if not principal.authorization_id or key_of(principal.authorization_id) is not None:
        return False
    held = await authorizations.find(connection, principal.authorization_id)
    return held is None or not still_holds(held, await people.find(connection, held.user_id), now)
