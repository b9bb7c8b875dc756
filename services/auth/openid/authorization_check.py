"""What an application asks for, held against the rules by Authlib's grant (RFC 6749, 4.1.1; RFC 7636, 4.3)."""

from collections.abc import Mapping
from dataclasses import dataclass

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import AuthorizationServer, ClientMixin, UnsupportedResponseTypeError

from services.auth.domain.openid.application import Application
from services.auth.domain.openid.authorization_request import (
    AuthorizationRefused,
    AuthorizationRequest,
    read_request,
)
from services.auth.openid.client_request import ClientRequest
from services.auth.openid.code_grant import CodeGrant, ProofKey
from services.auth.openid.refusal import refusal_of
from services.kernel.errors import BadData


@dataclass(frozen=True, slots=True)
class _Asking(ClientMixin):
    """An application that asks for a code, as Authlib asks it."""

    application: Application

    def get_client_id(self) -> str:
        return self.application.client_id

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return self.application.may_redirect_to(redirect_uri)

    def get_default_redirect_uri(self) -> str:
        return ""

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def get_allowed_scope(self, scope: str | None) -> str | None:  # type: ignore[override]  # None: nothing is
        return " ".join(self.application.allowed(scope or "")) or None


class _Endpoint(AuthorizationServer):
    """Authlib's server, for one request of an application that is known already."""

    def __init__(self, application: Application) -> None:
        super().__init__()
        self._client = _Asking(application)
        self.register_grant(CodeGrant, [ProofKey(is_obligatory=application.is_public)])

    def query_client(self, client_id: str) -> _Asking:
        return self._client

    def create_oauth2_request(self, request: ClientRequest) -> ClientRequest:
        return request


def checked(application: Application, parameters: Mapping[str, str]) -> AuthorizationRequest:
    """Return what an application asks for.

    Raises BadData if the browser must not be sent back to where it came from, AuthorizationRefused if it is sent back
    with nothing.
    """
    request = ClientRequest({}, parameters)
    try:
        _Endpoint(application).get_consent_grant(request)
    except OAuth2Error as error:
        if not error.redirect_uri:
            text = "The address to return to is not one that the application has registered"
            raise BadData(text, field="redirect_uri") from error
        raise _refused(error, parameters) from error
    return read_request(application, parameters, tuple(request.scope.split()))


def _refused(error: OAuth2Error, parameters: Mapping[str, str]) -> AuthorizationRefused:
    if not isinstance(error, UnsupportedResponseTypeError):
        refusal = refusal_of(error)
        return AuthorizationRefused(refusal.error, refusal.detail)
    if "response_type" not in parameters:
        return AuthorizationRefused("invalid_request", "response_type is missing")
    return AuthorizationRefused("unsupported_response_type", "response_type must be code")
