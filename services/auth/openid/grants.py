"""The grants of the token endpoint that come of a person's authorization: codes and refresh tokens."""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from services.auth.domain.openid.authorization import Authorization, Code, RefreshToken
from services.auth.domain.openid.scope import OFFLINE
from services.auth.domain.openid.tokens import hash_of, new_token
from services.auth.openid.client_authentication import KnownClient
from services.auth.openid.person_tokens import Person, Wanted, issue_for, person_of
from services.auth.openid.sign_in import end_authorizations, still_holds
from services.auth.operations.auth import Auth
from services.auth.operations.tokens import TokenRefused, TokenRequest
from services.auth.store import authorizations, people
from services.auth.store.database import transaction
from services.auth.tokens.access_token import AccessToken

_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
_BAD_CODE = "The code is not valid: unknown, used, expired, or given to another client"
_BAD_REFRESH = "The refresh token is not valid: unknown, used, expired, revoked, or given to another client"


@dataclass(frozen=True, slots=True)
class _Redeemed:
    """What a code or refresh token has been exchanged for; without a person it was used before, and is revoked."""

    authorization: Authorization
    person: Person | None = None
    refresh_token: str | None = None


async def exchange_code(auth: Auth, known: KnownClient, request: TokenRequest) -> AccessToken:
    """Exchange a code for tokens (RFC 6749, 4.1.3). Raises TokenRefused.

    A code that was used before ends the authorization with all that came of it (OAuth 2.1, 4.1.3).
    """
    code = request.parameters.get("code")
    if code is None:
        raise TokenRefused("invalid_request", "code is missing")
    async with transaction(auth.engine) as connection:
        redeemed = await _redeem_code(auth, connection, known, request.parameters)
    return await _issue(auth, redeemed, request, _BAD_CODE)


async def refresh(auth: Auth, known: KnownClient, request: TokenRequest) -> AccessToken:
    """Exchange a refresh token for new tokens and a new refresh token (RFC 6749, 6). Raises TokenRefused.

    Each is for one use: one that comes back again was stolen, from here or there, and ends the authorization.
    """
    if "refresh_token" not in request.parameters:
        raise TokenRefused("invalid_request", "refresh_token is missing")
    async with transaction(auth.engine) as connection:
        redeemed = await _redeem_refresh_token(auth, connection, known, request.parameters)
    return await _issue(auth, redeemed, request, _BAD_REFRESH)


async def _issue(auth: Auth, redeemed: _Redeemed, request: TokenRequest, refusal: str) -> AccessToken:
    if redeemed.person is None:
        raise TokenRefused("invalid_grant", refusal)
    authorization = redeemed.authorization
    asked = tuple(dict.fromkeys(request.parameters.get("scope", "").split()))
    is_code = request.grant_type == "authorization_code"
    scope = authorization.scope if is_code or not asked else asked
    nonce = authorization.nonce if is_code else None
    wanted = Wanted(scope, request.revision, redeemed.refresh_token, nonce, request.more)
    return await issue_for(auth, authorization, redeemed.person, wanted)


async def _redeem_code(
    auth: Auth, connection: AsyncConnection, known: KnownClient, parameters: Mapping[str, str]
) -> _Redeemed:
    now = auth.clock()
    code = await authorizations.find_code(connection, hash_of(parameters["code"]))
    authorization = await _own(connection, known, code)
    if code is None or authorization is None:
        raise TokenRefused("invalid_grant", _BAD_CODE)
    if code.used_at is not None:
        return await _end(connection, authorization, now)
    if code.expires_at <= now:
        raise TokenRefused("invalid_grant", _BAD_CODE)
    _check_redirect(code, parameters.get("redirect_uri"))
    _check_verifier(code.code_challenge, parameters.get("code_verifier"))
    await authorizations.use_code(connection, code.code_hash, now)
    token = new_token() if _may_refresh(known, authorization) else None
    return await _redeemed(auth, connection, known, authorization, token)


async def _redeem_refresh_token(
    auth: Auth, connection: AsyncConnection, known: KnownClient, parameters: Mapping[str, str]
) -> _Redeemed:
    now = auth.clock()
    token = await authorizations.find_refresh_token(connection, hash_of(parameters["refresh_token"]))
    authorization = await _own(connection, known, token)
    if token is None or authorization is None:
        raise TokenRefused("invalid_grant", _BAD_REFRESH)
    if token.used_at is not None:
        return await _end(connection, authorization, now)
    if not set(parameters.get("scope", "").split()) <= set(authorization.scope):
        raise TokenRefused("invalid_scope", "scope names more than the person has allowed")
    await authorizations.use_refresh_token(connection, token.token_hash, now)
    await authorizations.prolong(connection, authorization.authorization_id, now + auth.lifetimes.refresh)
    return await _redeemed(auth, connection, known, authorization, new_token())


async def _redeemed(
    auth: Auth, connection: AsyncConnection, known: KnownClient, authorization: Authorization, token: str | None
) -> _Redeemed:
    """Return what an authorization gives; with a refresh token, which is written. Raises TokenRefused."""
    now = auth.clock()
    user = await people.find(connection, authorization.user_id)
    if user is None or known.application is None or not still_holds(authorization, user, now):
        raise TokenRefused("invalid_grant", "What the person had allowed has ended")
    if token is not None:
        made = RefreshToken(hash_of(token), authorization.authorization_id, now)
        await authorizations.add_refresh_token(connection, made)
    return _Redeemed(authorization, await person_of(connection, known.application, user), token)


async def _own(
    connection: AsyncConnection, known: KnownClient, held: Code | RefreshToken | None
) -> Authorization | None:
    """Return the authorization of a code or token, if it is the client's."""
    if held is None:
        return None
    found = await authorizations.find(connection, held.authorization_id, for_update=True)
    return found if found is not None and found.client_id == known.client.client_id else None


async def _end(connection: AsyncConnection, authorization: Authorization, now: datetime) -> _Redeemed:
    ended = await authorizations.revoke(connection, authorization.authorization_id, now)
    await end_authorizations(connection, ended, now)
    return _Redeemed(authorization)


def _may_refresh(known: KnownClient, authorization: Authorization) -> bool:
    return OFFLINE in authorization.scope and "refresh_token" in known.client.grant_types


def _check_redirect(code: Code, given: str | None) -> None:
    """Hold the address against that of the request; it may be left out where PKCE binds the code (OAuth 2.1, 10.2)."""
    if given != code.redirect_uri and not (given is None and code.code_challenge is not None):
        raise TokenRefused("invalid_grant", "redirect_uri is not that of the authorization request")


def _check_verifier(challenge: str | None, verifier: str | None) -> None:
    """Hold a verifier against its challenge (RFC 7636, 4.6); one without the other is an attack (RFC 9700, 4.8.2)."""
    if challenge is None and verifier is None:
        return
    if challenge is None or verifier is None or not _VERIFIER.fullmatch(verifier):
        raise TokenRefused("invalid_grant", "code_verifier does not belong to the authorization request")
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    if not hmac.compare_digest(digest, challenge):
        raise TokenRefused("invalid_grant", "code_verifier does not belong to the authorization request")
