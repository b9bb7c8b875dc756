"""What all grants of the token endpoint share."""

from collections.abc import Collection
from urllib.parse import urlsplit

from authlib.oauth2.rfc6749 import BaseGrant

from services.auth.domain.openid.application import AUTH_METHODS
from services.auth.openid.call import wait
from services.auth.openid.client_authentication import KnownClient
from services.auth.openid.client_request import ClientRequest
from services.auth.openid.refusal import Refused
from services.auth.openid.server import Server
from services.auth.operations.standing import standing_of
from services.auth.tokens.access_token import AccessToken
from services.kernel.errors import NotAllowed
from services.kernel.identity import AUDIENCE

Answer = dict[str, str | int]


class HubGrant(BaseGrant):
    """A grant for tokens of the hub: its client authenticates by any method, and stands for something now."""

    TOKEN_ENDPOINT_AUTH_METHODS: Collection[str] = AUTH_METHODS
    request: ClientRequest
    server: Server

    def authenticate_token_endpoint_client(self) -> KnownClient:
        """Return the client. Raises OAuth2Error, also for a service that cannot be used now."""
        client: KnownClient = super().authenticate_token_endpoint_client()  # type: ignore[assignment]
        _refuse_other_audiences(self.request)
        call = self.server.call
        if client.client is not None:
            try:
                self.request.standing = wait(standing_of(call.connection, client.client, call.now))
            except NotAllowed as error:
                raise Refused("unauthorized_client", error.detail) from error
        return client


def answer_of(token: AccessToken) -> Answer:
    """Return what the token endpoint tells of a token (RFC 6749, 5.1)."""
    return {
        "token_type": "Bearer",
        "access_token": token.text,
        "expires_in": token.expires_in_s,
        "scope": token.scope,
    }


def _refuse_other_audiences(request: ClientRequest) -> None:
    """Hold `resource` and `audience` against what tokens are for: the hub as a whole (RFC 8707, 2)."""
    if not all(_is_resource(resource) for resource in request.resources):
        raise Refused("invalid_target", "resource must be an absolute URI without a fragment")
    if request.form.get("audience", AUDIENCE) != AUDIENCE:
        raise Refused("invalid_target", f"audience must be {AUDIENCE}")


def _is_resource(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return bool(parts.scheme and parts.netloc) and "#" not in text
