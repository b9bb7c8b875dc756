"""The endpoints that clients call: Authlib's server with the grants and endpoints that there are."""

from collections.abc import Callable, Mapping
from typing import Any

from services.auth.openid.call import Call, make
from services.auth.openid.client_grant import ClientGrant
from services.auth.openid.client_request import ClientRequest
from services.auth.openid.code_grant import CodeGrant, ProofKey
from services.auth.openid.device_grant import DeviceAuthorization, DeviceGrantType
from services.auth.openid.hub_grant import HubGrant
from services.auth.openid.person_grant import IdToken
from services.auth.openid.refresh_grant import RefreshGrant
from services.auth.openid.refusal import TokenRefused
from services.auth.openid.server import Server
from services.auth.openid.token_exchange import ExchangeGrant
from services.auth.openid.token_status import Introspection, Revocation
from services.auth.operations.auth import Auth
from services.kernel.identity import TokenVerifier

_GRANTS: tuple[type[HubGrant], ...] = (ClientGrant, CodeGrant, RefreshGrant, DeviceGrantType, ExchangeGrant)
GRANT_TYPES: tuple[str, ...] = tuple(str(grant.GRANT_TYPE) for grant in _GRANTS)


async def issue_token(auth: Auth, request: ClientRequest) -> Mapping[str, Any]:
    """Answer a token request (RFC 6749, 5.1). Raises TokenRefused, Unavailable."""
    if "grant_type" not in request.form:
        raise TokenRefused("invalid_request", "grant_type is missing")

    def answer(server: Server) -> Any:
        extensions: list[Any] = [ProofKey(), IdToken(server.call)]
        for grant in _GRANTS:
            server.register_grant(grant, extensions)
        return server.create_token_response(request)

    return await _answered(auth, answer)


async def let_wait(auth: Auth, request: ClientRequest) -> Mapping[str, Any]:
    """Let a device wait for a person (RFC 8628, 3.2). Raises TokenRefused, Unavailable."""
    return await _answered(auth, lambda server: _called(server, DeviceAuthorization(server), request))


async def introspect(auth: Auth, request: ClientRequest, verifier: TokenVerifier) -> Mapping[str, Any]:
    """Tell what a token is worth (RFC 7662, 2.2). Raises TokenRefused, Unavailable."""
    return await _answered(auth, lambda server: _called(server, Introspection(server, verifier), request))


async def revoke(auth: Auth, request: ClientRequest, verifier: TokenVerifier) -> Mapping[str, Any]:
    """End a token (RFC 7009, 2.2). Raises TokenRefused, Unavailable."""
    return await _answered(auth, lambda server: _called(server, Revocation(server, verifier), request))


def _called(server: Server, endpoint: Any, request: ClientRequest) -> Any:
    server.register_endpoint(endpoint)
    return server.create_endpoint_response(endpoint.ENDPOINT_NAME, request)


async def _answered(auth: Auth, answer: Callable[[Server], Any]) -> Mapping[str, Any]:
    def run(call: Call) -> Any:
        return answer(Server(call))

    answered = await make(auth, run)
    if isinstance(answered, TokenRefused):
        raise answered
    return dict(answered)
