"""The authorization server: Authlib's, for one call of a client."""

from collections.abc import Collection, Mapping
from typing import Any

from authlib.oauth2 import OAuth2Error, OAuth2Request
from authlib.oauth2.rfc6749 import AuthorizationServer, InvalidClientError, InvalidRequestError

from services.auth.domain.openid.authorization import RefreshToken
from services.auth.domain.openid.tokens import hash_of
from services.auth.openid.call import Call, wait
from services.auth.openid.client_assertion import ClientAssertion
from services.auth.openid.client_authentication import KnownClient, find_client
from services.auth.openid.client_request import ClientRequest
from services.auth.openid.person_tokens import Permission
from services.auth.openid.refusal import Refused, TokenRefused, refusal_of
from services.auth.store import authorizations


class Server(AuthorizationServer):
    """Answers one call: what its hooks find and record is read and written in the call's transaction."""

    def __init__(self, call: Call) -> None:
        super().__init__()
        self.call = call
        self._known: dict[str, KnownClient] = {}
        self.register_client_auth_method("private_key_jwt", ClientAssertion(call.auth))

    def query_client(self, client_id: str) -> KnownClient:
        """Return a client; for one that does not exist one that never authenticates, after the same time."""
        if client_id not in self._known:
            self._known[client_id] = wait(find_client(self.call.auth, client_id))
        return self._known[client_id]

    def authenticate_client(  # type: ignore[override]  # requests are ours
        self, request: ClientRequest, methods: Collection[str], endpoint: str = "token"
    ) -> KnownClient:
        """Return the client that calls, by the method that it shows (RFC 6749, 2.3). Raises OAuth2Error."""
        if len(request.ways) > 1:
            raise InvalidRequestError("The client authenticates in two ways")
        try:
            client: KnownClient = super().authenticate_client(  # type: ignore[assignment]
                request, [way for way in request.ways if way in methods], endpoint
            )
        except (InvalidClientError, UnicodeDecodeError) as error:
            raise Refused(
                "invalid_client", "The client is unknown, or does not prove who it is as registered"
            ) from error
        finally:
            request.presented = next(iter(self._known), "")
        if request.form.get("client_id", client.get_client_id()) != client.get_client_id():
            raise InvalidRequestError("client_id is not that of the client that authenticates")
        request.client = client
        return client

    def save_token(self, token: Mapping[str, Any], request: OAuth2Request) -> None:
        """Write a refresh token, if there is one."""
        if "refresh_token" in token:
            permission: Permission = request.user  # type: ignore[assignment]
            authorization_id = permission.authorization.authorization_id
            made = RefreshToken(hash_of(token["refresh_token"]), authorization_id, self.call.now)
            wait(authorizations.add_refresh_token(self.call.connection, made))

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Tell nobody: the audit log hears of every call where it arrives."""

    def create_oauth2_request(self, request: ClientRequest) -> ClientRequest:
        """Return the request, which is of Authlib's kind already."""
        return request

    def handle_response(self, status: int, body: Any, headers: Any) -> Any:
        """Return what the answer tells; the endpoint writes it."""
        return body

    def handle_error_response(self, request: OAuth2Request, error: OAuth2Error) -> TokenRefused:
        """Return the refusal: it is raised after the commit, because what the call ended stays ended."""
        return refusal_of(error)
