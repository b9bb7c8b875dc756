"""Token exchange (RFC 8693): a client acts on behalf of whom a token stands for, with the same grants or fewer."""

from collections.abc import Mapping
from typing import Any

import orjson
from joserfc import jws

from services.auth.domain.access import narrow
from services.auth.domain.openid.scope import actions_of
from services.auth.openid.client_authentication import KnownClient
from services.auth.openid.token_status import is_current
from services.auth.operations.auth import Auth
from services.auth.operations.tokens import TokenRefused, TokenRequest
from services.auth.store.database import transaction
from services.auth.tokens.access_token import AccessToken, Bearer, sign
from services.kernel.errors import NotAllowed, NotAuthenticated
from services.kernel.identity import Grant, Principal, TokenVerifier
from services.kernel.identity.device_keys import DEVICE_KEY_PREFIX

TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"  # noqa: S105  # a grant type
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105  # a token type
_JWT = "urn:ietf:params:oauth:token-type:jwt"
_LONGEST_CHAIN = 5
_KEPT = ("aid", "auth_time", "acr")


async def exchange_token(auth: Auth, known: KnownClient, request: TokenRequest) -> AccessToken:
    """Give a client a token in the place of another one (RFC 8693, 2). Raises TokenRefused.

    It stands for the same subject and says who acts (`act`); it ends no later, grants no more, and ends when the other
    one does, or what it came of.
    """
    if known.is_public:
        raise TokenRefused("unauthorized_client", "The client does not authenticate")
    principal, claims = await _subject(auth, request.parameters)
    now = auth.clock()
    left_s = int(claims["exp"]) - int(now.timestamp())
    if left_s <= 0:
        raise TokenRefused("invalid_grant", "The subject_token has expired")
    kept = {name: claims[name] for name in _KEPT if name in claims}
    issuer = auth.issuer.living(min(left_s, auth.issuer.token_life_s))
    bearer = Bearer(
        principal.subject,
        known.client.client_id,
        _narrowed(principal, request.parameters.get("scope", "")),
        principal.revision or 0,
        ial=principal.ial,
        aal=principal.aal,
        more={**request.more, **kept, "act": _actors(known, principal, claims)},
    )
    token = sign(issuer, bearer, await auth.keys.signer(), now)
    return AccessToken(token.text, token.expires_in_s, token.scope, issued_token_type=ACCESS_TOKEN)


async def read_token(auth: Auth, text: str) -> tuple[Principal, Mapping[str, Any]]:
    """Verify an access token of ours; returns whom it stands for, and its claims. Raises NotAuthenticated."""
    if text.startswith(DEVICE_KEY_PREFIX):
        raise NotAuthenticated("A device key is no token")
    verifier = TokenVerifier(auth.issuer.url, auth.issuer.url, is_open=False, keys=auth.keys.public_set)
    principal = await verifier.identify(f"Bearer {text}")
    async with transaction(auth.engine) as connection:
        if not await is_current(connection, principal):
            raise NotAuthenticated("The token has ended")
    return principal, orjson.loads(jws.extract_compact(text.encode()).payload)


async def _subject(auth: Auth, parameters: Mapping[str, str]) -> tuple[Principal, Mapping[str, Any]]:
    if "subject_token" not in parameters:
        raise TokenRefused("invalid_request", "subject_token is missing")
    if parameters.get("subject_token_type") not in (ACCESS_TOKEN, _JWT):
        raise TokenRefused("invalid_request", f"subject_token_type must be {ACCESS_TOKEN}")
    if parameters.get("requested_token_type", ACCESS_TOKEN) not in (ACCESS_TOKEN, _JWT):
        raise TokenRefused("invalid_request", f"requested_token_type must be {ACCESS_TOKEN}")
    if "actor_token" in parameters or "actor_token_type" in parameters:
        raise TokenRefused("invalid_request", "The actor is the client that authenticates; actor_token is not taken")
    try:
        return await read_token(auth, parameters["subject_token"])
    except NotAuthenticated as error:
        raise TokenRefused("invalid_grant", "The subject_token is not valid") from error


def _narrowed(principal: Principal, scope: str) -> tuple[Grant, ...]:
    if not scope.split():
        return principal.grants
    if len(actions_of(scope.split())) != len(scope.split()):
        raise TokenRefused("invalid_scope", "scope must name actions")
    try:
        return narrow(principal.grants, scope)
    except NotAllowed as error:
        raise TokenRefused("invalid_scope", error.detail) from error


def _actors(known: KnownClient, principal: Principal, claims: Mapping[str, Any]) -> dict[str, Any]:
    """Return who acts, with who acted before (RFC 8693, 4.1). Raises TokenRefused for too long a chain."""
    actor: dict[str, Any] = {"sub": known.client.client_id}
    before: Any = claims.get("act") or ({"sub": principal.client_id} if principal.authorization_id else None)
    depth, each = 1, before
    while isinstance(each, dict):
        depth, each = depth + 1, each.get("act")
    if depth > _LONGEST_CHAIN:
        raise TokenRefused("invalid_request", "Too many have acted for each other")
    return {**actor, "act": before} if before else actor
