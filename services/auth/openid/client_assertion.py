"""`private_key_jwt`: a client that signs an assertion with a key of its own (RFC 7523, 3)."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from authlib.oauth2.rfc6749 import InvalidClientError
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from services.auth.openid.call import wait
from services.auth.openid.client_authentication import KnownClient
from services.auth.openid.refusal import Refused
from services.auth.operations.auth import Auth
from services.auth.store import applications
from services.auth.store.database import transaction
from services.kernel.errors import BadData

ASSERTION_ALGORITHMS = ("ES256", "RS256", "PS256", "EdDSA")
_LONGEST = timedelta(minutes=61)
_LEEWAY = timedelta(seconds=30)


class ClientAssertion(JWTBearerClientAssertion):
    """Authenticates the client of one call by its assertion, and uses the assertion up."""

    CLIENT_AUTH_METHOD = "private_key_jwt"  # type: ignore[misc]  # Authlib's own name is not the registered one

    def __init__(self, auth: Auth) -> None:
        super().__init__(leeway=int(_LEEWAY.total_seconds()))
        self._auth = auth
        self._kid: str | None = None

    def __call__(self, query_client: Any, request: Any) -> KnownClient | None:
        """Return the client, None if no assertion is shown. Raises Refused, Unavailable."""
        try:
            found: KnownClient | None = super().__call__(query_client, request)
        except (InvalidClientError, JoseError, BadData, ValueError, KeyError, TypeError, OverflowError) as error:
            if request.client is not None:
                self._auth.attempts.note_wrong(request.client.client_id)
            raise Refused("invalid_client", "The client assertion is not valid") from error
        return found

    def extract_assertion(self, assertion: str) -> tuple[dict[str, Any], Any]:
        """Read an assertion before anything of it is believed, and remember which key it names."""
        header, claims = super().extract_assertion(assertion)
        self._kid = header["kid"] if isinstance(header.get("kid"), str) else None
        return header, claims

    def resolve_client_public_key(self, client: KnownClient) -> KeySet:
        """Return the client's keys. Raises BadData, Refused."""
        client.refuse_guesses()
        if client.application is None:
            raise BadData("The client has no keys")
        return KeySet.import_key_set(dict(wait(self._auth.client_keys.keys_of(client.application, self._kid))))  # type: ignore[arg-type]

    def process_assertion_claims(self, assertion: str, resolve_key: KeySet) -> dict[str, Any]:
        """Return the claims of an assertion in an algorithm of public keys. Raises JoseError, InvalidClientError."""
        claims = jwt.decode(assertion, resolve_key, algorithms=list(ASSERTION_ALGORITHMS)).claims
        self.verify_claims(claims)
        return claims

    def verify_claims(self, claims: dict[str, Any]) -> None:
        """Hold the claims against the rules; one may not live for longer than about an hour."""
        longest = (self._auth.clock() + _LONGEST).timestamp()
        if not claims["exp"] <= longest or not isinstance(claims["jti"], str):
            raise ValueError("It lives for too long, or its jti is no text")
        super().verify_claims(claims)

    def get_audiences(self) -> list[str]:
        """Return what an assertion may be for: the issuer, or the endpoints that clients authenticate at."""
        url = self._auth.issuer.url
        base = url.rstrip("/")
        return [url, base, *(f"{base}/oauth/{name}" for name in ("token", "introspect", "revoke"))]

    def validate_jti(self, claims: Mapping[str, Any], jti: str) -> bool:
        """Use an assertion up; False if it was used before."""
        return wait(self._use(str(claims["sub"]), jti[:200], datetime.fromtimestamp(float(claims["exp"]), UTC)))

    async def _use(self, client_id: str, jti: str, expires_at: datetime) -> bool:
        async with transaction(self._auth.engine) as connection:
            until = expires_at + _LEEWAY
            return await applications.use_assertion(connection, (client_id, jti), until, self._auth.clock())
