"""The client credentials grant (RFC 6749, 4.4): a client gets a token of its own."""

from typing import Any

from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant

from services.auth.domain.access import narrow
from services.auth.openid.call import wait
from services.auth.openid.client_authentication import SECRET_METHODS
from services.auth.openid.hub_grant import Answer, HubGrant, answer_of
from services.auth.openid.refusal import Refused
from services.auth.tokens.access_token import sign
from services.kernel.errors import NotAllowed


class ClientGrant(HubGrant, ClientCredentialsGrant):
    """Gives a client the grants that it stands for, or some actions of them."""

    TOKEN_ENDPOINT_AUTH_METHODS = SECRET_METHODS

    def generate_token(self, *args: Any, scope: str | None = None, **kwargs: Any) -> Answer:
        """Make the token. Raises Refused."""
        call, standing = self.server.call, self.request.standing
        try:
            grants = narrow(standing.grants, scope or "")
        except NotAllowed as error:
            raise Refused("invalid_scope", error.detail) from error
        client = self.request.client
        bearer = standing.bearer(client.client_id, grants, client.revision)
        issuer = call.auth.issuer.living(standing.life_s(call.auth.issuer.token_life_s, call.now))
        return answer_of(sign(issuer, bearer, wait(call.auth.keys.signer()), call.now))
