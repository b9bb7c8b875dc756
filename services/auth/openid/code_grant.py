"""The authorization code grant with PKCE (RFC 6749, 4.1.3; RFC 7636)."""

from dataclasses import dataclass
from typing import Any

from authlib.oauth2 import OAuth2Request
from authlib.oauth2.rfc6749 import ClientMixin, InvalidRequestError
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core.models import AuthorizationCodeMixin

from services.auth.domain.openid.authorization import Authorization, Code
from services.auth.domain.openid.tokens import hash_of
from services.auth.openid.call import wait
from services.auth.openid.client_authentication import KnownClient
from services.auth.openid.permission import end_authorization, own_authorization, permission_of
from services.auth.openid.person_grant import PersonGrant
from services.auth.openid.person_tokens import Permission
from services.auth.openid.refusal import Refused
from services.auth.store import authorizations


@dataclass(frozen=True, slots=True)
class ShownCode(AuthorizationCodeMixin):
    """A code that a client shows, with what it was given for; `redirect_uri` is what has to be shown again."""

    code: Code
    authorization: Authorization
    redirect_uri: str | None

    def get_redirect_uri(self) -> str | None:  # type: ignore[override]  # Authlib asks whether there is one
        """Return the address that the client has to name."""
        return self.redirect_uri

    def get_scope(self) -> str:
        """Return what the person has allowed."""
        return " ".join(self.authorization.scope)

    @property
    def code_challenge(self) -> str | None:
        """What the verifier belongs to."""
        return self.code.code_challenge

    @property
    def code_challenge_method(self) -> str:
        """How: there is one way."""
        return "S256"


class CodeGrant(PersonGrant, AuthorizationCodeGrant):
    """Exchanges a code for tokens, once.

    A code that comes back was stolen, from here or there: it ends the authorization with all that came of it
    (OAuth 2.1, 4.1.3).
    """

    @staticmethod
    def validate_authorization_redirect_uri(request: OAuth2Request, client: ClientMixin) -> str:
        """Return where the browser goes back to, which the application has registered. Raises Refused."""
        uri = request.payload.redirect_uri if request.payload is not None else ""
        if not uri or not client.check_redirect_uri(uri):
            raise Refused("invalid_request", "redirect_uri is not one that the application has registered")
        return uri

    def query_authorization_code(self, code: str, client: KnownClient) -> ShownCode | None:  # type: ignore[override]
        """Return a client's code, which others wait for until the call's end; None if it gives nothing."""
        call = self.server.call
        found = wait(authorizations.find_code(call.connection, hash_of(code)))
        authorization = own_authorization(call, client, found)
        if found is None or authorization is None:
            return None
        if found.used_at is not None:
            end_authorization(call, authorization)
            return None
        given = self.request.form.get("redirect_uri")
        is_left_out = given is None and found.code_challenge is not None  # PKCE binds the code (OAuth 2.1, 10.2)
        uri = None if is_left_out else found.redirect_uri
        return ShownCode(found, authorization, uri) if found.expires_at > call.now else None

    def authenticate_user(self, authorization_code: ShownCode) -> Permission:
        """Return what the person has let the client do. Raises Refused if it has ended."""
        return permission_of(self.server.call, self.request.client, authorization_code.authorization)

    def delete_authorization_code(self, authorization_code: ShownCode) -> None:
        """Note that the code is used."""
        call = self.server.call
        wait(authorizations.use_code(call.connection, authorization_code.code.code_hash, call.now))


class ProofKey(CodeChallenge):
    """PKCE by S256 alone. One half without the other is an attack, so that the code gives nothing (RFC 9700, 4.8.2).

    It is obligatory for who can keep no secret (OAuth 2.1, 4.1.1), which is decided when the code is asked for.
    """

    def __init__(self, *, is_obligatory: bool = False) -> None:
        super().__init__(required=False)
        self.SUPPORTED_CODE_CHALLENGE_METHOD = ["S256"]
        self._is_obligatory = is_obligatory

    def validate_code_challenge(self, grant: Any, redirect_uri: str) -> None:
        """Hold a challenge against the rules (RFC 7636, 4.3). Raises OAuth2Error."""
        asked = grant.request.form
        if self._is_obligatory and "code_challenge" not in asked:
            raise InvalidRequestError("code_challenge is missing")
        super().validate_code_challenge(grant, redirect_uri)
        if "code_challenge" in asked and "code_challenge_method" not in asked:
            raise InvalidRequestError("code_challenge_method must be S256")

    def validate_code_verifier(self, grant: Any, result: Any) -> None:
        """Hold a verifier against its challenge (RFC 7636, 4.6). Raises OAuth2Error."""
        try:
            super().validate_code_verifier(grant, result)
        except InvalidRequestError as error:
            raise Refused("invalid_grant", str(error.description)) from error
