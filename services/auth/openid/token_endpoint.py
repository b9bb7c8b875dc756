"""The token endpoint: who asks is known, then one function for each grant type."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from services.auth.openid.client_authentication import KnownClient, Presented, know
from services.auth.openid.device import DEVICE_CODE, exchange_device_code
from services.auth.openid.grants import exchange_code, refresh
from services.auth.openid.token_exchange import TOKEN_EXCHANGE, exchange_token
from services.auth.operations.auth import Auth
from services.auth.operations.tokens import (
    TokenRefused,
    TokenRequest,
    client_standing,
    grant_client_credentials,
    refuse_other_audiences,
)
from services.auth.store import policy_changes
from services.auth.store.database import transaction
from services.auth.tokens.access_token import AccessToken

GrantOperation = Callable[[Auth, KnownClient, TokenRequest], Awaitable[AccessToken]]


async def _own_token(auth: Auth, known: KnownClient, request: TokenRequest) -> AccessToken:
    """Give a client a token of its own; one that cannot prove who it is gets none (OAuth 2.1, 4.2)."""
    if known.is_public:
        raise TokenRefused("unauthorized_client", "The client does not authenticate")
    return await grant_client_credentials(auth, known.client, request)


GRANTS: Mapping[str, GrantOperation] = {
    "client_credentials": _own_token,
    "authorization_code": exchange_code,
    "refresh_token": refresh,
    DEVICE_CODE: exchange_device_code,
    TOKEN_EXCHANGE: exchange_token,
}


async def issue_token(auth: Auth, presented: Presented | None, request: TokenRequest) -> AccessToken:
    """Answer a token request. Raises TokenRefused, Unavailable."""
    if not request.grant_type:
        raise TokenRefused("invalid_request", "grant_type is missing")
    async with transaction(auth.engine) as connection:
        request = replace(request, revision=await policy_changes.position(connection))
    known = await know(auth, presented)
    operation = GRANTS.get(request.grant_type)
    if operation is None:
        raise TokenRefused("unsupported_grant_type", f"grant_type must be one of {', '.join(GRANTS)}")
    if request.grant_type not in known.client.grant_types:
        raise TokenRefused("unauthorized_client", f"The client may not use {request.grant_type}")
    refuse_other_audiences(request)
    standing = await client_standing(auth, known.client)
    return await operation(auth, known, replace(request, more=standing.claims))
