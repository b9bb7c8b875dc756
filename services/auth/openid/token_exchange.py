"""Token exchange (RFC 8693), of which Authlib has nothing yet, as an extension grant of its kind.

A client acts on behalf of whom a token stands for, with the same grants or fewer.
"""

from collections.abc import Mapping
from typing import Any

import orjson
from authlib.oauth2.rfc6749 import InvalidRequestError, TokenEndpointMixin, UnauthorizedClientError
from joserfc import jws

from services.auth.domain.access import narrow
from services.auth.domain.openid.scope import actions_of
from services.auth.openid.call import Call, wait
from services.auth.openid.client_authentication import SECRET_METHODS
from services.auth.openid.hub_grant import Answer, HubGrant, answer_of
from services.auth.openid.refusal import Refused
from services.auth.openid.token_status import is_current
from services.auth.operations.standing import within_service
from services.auth.tokens.access_token import Bearer, sign
from services.kernel.errors import NotAllowed, NotAuthenticated
from services.kernel.identity import Grant, Principal, TokenVerifier
from services.kernel.identity.sent_keys import is_key

ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105  # a token type
_JWT = "urn:ietf:params:oauth:token-type:jwt"
_LONGEST_CHAIN = 5
_KEPT = ("aid", "auth_time", "acr")


class ExchangeGrant(HubGrant, TokenEndpointMixin):
    """Gives a client a token in the place of another one (RFC 8693, 2).

    It stands for the same subject and says who acts (`act`); it ends no later, grants no more, and ends when the other
    one does, or what it came of.
    """

    GRANT_TYPE = "urn:ietf:params:oauth:grant-type:token-exchange"
    TOKEN_ENDPOINT_AUTH_METHODS = SECRET_METHODS

    def validate_token_request(self) -> None:
        """Find whom the token stands for. Raises OAuth2Error."""
        client = self.authenticate_token_endpoint_client()
        if not client.check_grant_type(self.GRANT_TYPE):
            raise UnauthorizedClientError(f"The client is not authorized to use 'grant_type={self.GRANT_TYPE}'")
        _refuse_other_tokens(self.request.form)
        try:
            self.request.user = _read_token(self.server.call, self.request.form["subject_token"])
        except NotAuthenticated as error:
            raise Refused("invalid_grant", "The subject_token is not valid") from error

    def create_token_response(self) -> tuple[int, Answer, Any]:  # type: ignore[override]  # a body is no text yet
        """Make the token. Raises Refused."""
        principal, claims = self.request.user
        call, client_id = self.server.call, self.request.client.client_id
        left_s = int(claims["exp"]) - int(call.now.timestamp())
        if left_s <= 0:
            raise Refused("invalid_grant", "The subject_token has expired")
        standing = self.request.standing
        kept = {name: claims[name] for name in _KEPT if name in claims}
        bearer = Bearer(
            principal.subject,
            client_id,
            wait(within_service(call.connection, standing, _narrowed(principal, self.request.form.get("scope", "")))),
            principal.revision or 0,
            ial=principal.ial,
            aal=principal.aal,
            more={**standing.claims, **kept, "act": _actors(client_id, principal, claims)},
        )
        longest_s = min(left_s, call.auth.issuer.token_life_s)
        issuer = call.auth.issuer.living(standing.life_s(longest_s, call.now))
        token = sign(issuer, bearer, wait(call.auth.keys.signer()), call.now)
        return 200, {**answer_of(token), "issued_token_type": ACCESS_TOKEN}, self.TOKEN_RESPONSE_HEADER


def _refuse_other_tokens(form: Mapping[str, str]) -> None:
    """Hold the kinds of tokens against what there is (RFC 8693, 2.1). Raises InvalidRequestError."""
    if "subject_token" not in form:
        raise InvalidRequestError("subject_token is missing")
    if form.get("subject_token_type") not in (ACCESS_TOKEN, _JWT):
        raise InvalidRequestError(f"subject_token_type must be {ACCESS_TOKEN}")
    if form.get("requested_token_type", ACCESS_TOKEN) not in (ACCESS_TOKEN, _JWT):
        raise InvalidRequestError(f"requested_token_type must be {ACCESS_TOKEN}")
    if "actor_token" in form or "actor_token_type" in form:
        raise InvalidRequestError("The actor is the client that authenticates; actor_token is not taken")


def _read_token(call: Call, text: str) -> tuple[Principal, Mapping[str, Any]]:
    """Verify an access token of ours; returns whom it stands for, and its claims. Raises NotAuthenticated."""
    if is_key(text):
        raise NotAuthenticated("A key is no token")
    issuer = call.auth.issuer.url
    verifier = TokenVerifier(issuer, issuer, is_open=False, keys=call.auth.keys.public_set)
    principal = wait(verifier.identify(f"Bearer {text}"))
    if not wait(is_current(call.connection, principal)):
        raise NotAuthenticated("The token has ended")
    return principal, orjson.loads(jws.extract_compact(text.encode()).payload)


def _narrowed(principal: Principal, scope: str) -> tuple[Grant, ...]:
    if not scope.split():
        return principal.grants
    if len(actions_of(scope.split())) != len(scope.split()):
        raise Refused("invalid_scope", "scope must name actions")
    try:
        return narrow(principal.grants, scope)
    except NotAllowed as error:
        raise Refused("invalid_scope", error.detail) from error


def _actors(client_id: str, principal: Principal, claims: Mapping[str, Any]) -> dict[str, Any]:
    """Return who acts, with who acted before (RFC 8693, 4.1). Raises InvalidRequestError for too long a chain."""
    actor: dict[str, Any] = {"sub": client_id}
    before: Any = claims.get("act") or ({"sub": principal.client_id} if principal.authorization_id else None)
    depth, each = 1, before
    while isinstance(each, dict):
        depth, each = depth + 1, each.get("act")
    if depth > _LONGEST_CHAIN:
        raise InvalidRequestError("Too many have acted for each other")
    return {**actor, "act": before} if before else actor
