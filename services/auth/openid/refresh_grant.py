"""The refresh token grant (RFC 6749, 6): each refresh token is for one use."""

from dataclasses import dataclass

from authlib.oauth2.rfc6749 import TokenMixin
from authlib.oauth2.rfc6749.grants import RefreshTokenGrant

from services.auth.domain.openid.authorization import Authorization, RefreshToken
from services.auth.domain.openid.tokens import hash_of
from services.auth.openid.call import wait
from services.auth.openid.client_authentication import KnownClient
from services.auth.openid.permission import end_authorization, own_authorization, permission_of
from services.auth.openid.person_grant import PersonGrant
from services.auth.openid.person_tokens import Permission
from services.auth.store import authorizations


@dataclass(frozen=True, slots=True)
class ShownRefreshToken(TokenMixin):
    """A refresh token that a client shows, with what it was given for."""

    token: RefreshToken
    authorization: Authorization

    def check_client(self, client: KnownClient) -> bool:
        """Tell whether it is the client's."""
        return self.authorization.client_id == client.client_id

    def get_scope(self) -> str:
        """Return what the person has allowed."""
        return " ".join(self.authorization.scope)


class RefreshGrant(PersonGrant, RefreshTokenGrant):
    """Exchanges a refresh token for new tokens and a new refresh token.

    One that comes back was stolen, from here or there: it ends the authorization (RFC 9700, 4.14.2).
    """

    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token: str) -> ShownRefreshToken | None:  # type: ignore[override]
        """Return the client's refresh token, which others wait for until the call's end; None if it gives nothing."""
        call = self.server.call
        found = wait(authorizations.find_refresh_token(call.connection, hash_of(refresh_token)))
        authorization = own_authorization(call, self.request.client, found)
        if found is None or authorization is None:
            return None
        if found.used_at is not None:
            end_authorization(call, authorization)
            return None
        return ShownRefreshToken(found, authorization)

    def authenticate_user(self, refresh_token: ShownRefreshToken) -> Permission:
        """Return what the person has let the client do. Raises Refused if it has ended."""
        return permission_of(self.server.call, self.request.client, refresh_token.authorization)

    def revoke_old_credential(self, refresh_token: ShownRefreshToken) -> None:  # type: ignore[override]
        """Note that it is used, and let the authorization last on."""
        call = self.server.call
        wait(authorizations.use_refresh_token(call.connection, refresh_token.token.token_hash, call.now))
        until = call.now + call.auth.lifetimes.refresh
        wait(authorizations.prolong(call.connection, refresh_token.authorization.authorization_id, until))
