"""Grants for tokens that come of what a person has let a client do: the access token, what lasts, who signed in."""

from typing import Any

from authlib.oauth2 import OAuth2Request
from authlib.oidc.core import OpenIDToken

from services.auth.domain.openid.scope import OFFLINE
from services.auth.domain.openid.tokens import new_token
from services.auth.openid.call import Call, wait
from services.auth.openid.hub_grant import Answer, HubGrant, answer_of
from services.auth.openid.person_tokens import Permission, bearer_of, id_claims
from services.auth.operations.people import grants_now
from services.auth.operations.standing import within_service
from services.auth.tokens.access_token import sign
from services.auth.tokens.id_token import SignIn, sign_id_token


class PersonGrant(HubGrant):
    """A grant of which a permission is the user."""

    def generate_token(  # type: ignore[override]  # its user and scope are known
        self,
        user: Permission,
        scope: str,
        grant_type: str | None = None,
        expires_in: int | None = None,
        include_refresh_token: bool = True,  # noqa: FBT001, FBT002  # as Authlib calls it
    ) -> Answer:
        """Make the access token, and a refresh token where access is to last."""
        call, client = self.server.call, self.request.client
        grants = wait(grants_now(call.connection, user.person.user.user_id, call.now))
        words = tuple(dict.fromkeys(scope.split()))
        standing = self.request.standing
        left = wait(within_service(call.connection, standing, grants))
        bearer = bearer_of(user, words, left, client.revision, standing.claims)
        issuer = call.auth.issuer.living(standing.life_s(call.auth.issuer.token_life_s, call.now))
        answer = answer_of(sign(issuer, bearer, wait(call.auth.keys.signer()), call.now))
        if include_refresh_token and OFFLINE in user.authorization.scope:
            answer["refresh_token"] = new_token()
        return answer


class IdToken(OpenIDToken):
    """Adds an ID token to the answer where the scope holds `openid` (OpenID Connect Core, 3.1.3.3 and 12.2)."""

    def __init__(self, call: Call) -> None:
        self._call = call

    def encode_id_token(self, token: dict[str, Any], request: OAuth2Request) -> str:
        """Sign it; the nonce comes back with the code alone."""
        permission: Permission = request.user  # type: ignore[assignment]  # every grant here knows it
        nonce = permission.authorization.nonce if request.authorization_code is not None else None
        claims = id_claims(permission, nonce)
        told = SignIn(permission.person.subject, permission.authorization.client_id, claims, token["access_token"])
        issuer = self._call.auth.issuer
        algorithm = permission.application.details.id_token_signed_response_alg
        signer = wait(self._call.auth.keys.signer(algorithm))
        return sign_id_token((issuer.url, issuer.token_life_s), told, signer, self._call.now)
