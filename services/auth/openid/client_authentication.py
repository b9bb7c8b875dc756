"""Who calls the token endpoint and its kin: a client with a secret, with a signed assertion, or one without either."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from services.auth.domain.client import Client, Credentials
from services.auth.domain.openid.application import Application, AuthMethod
from services.auth.operations.auth import Auth
from services.auth.operations.tokens import TokenRefused, authenticate
from services.auth.store import applications, clients
from services.auth.store.database import transaction
from services.auth.tokens.client_keys import ClientKeys
from services.kernel.errors import HubError, TooMany

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_ALGORITHMS = ("ES256", "RS256", "PS256", "EdDSA")
_LONGEST_ASSERTION = timedelta(minutes=61)
_LEEWAY = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Presented:
    """What a request shows of its client: an identifier, and by which method what proves it; `none` proves nothing."""

    client_id: str
    method: AuthMethod
    secret: str = ""
    """The secret, or the assertion of `private_key_jwt`."""


@dataclass(frozen=True, slots=True)
class KnownClient:
    """A client that has authenticated, or a public one that cannot, with its application if it signs people in."""

    client: Client
    application: Application | None
    is_public: bool


async def know(auth: Auth, presented: Presented | None) -> KnownClient:
    """Return the client that a request comes from. Raises TokenRefused, Unavailable.

    A client of which a method is registered uses no other (OpenID Connect Registration, 2), but for a secret, which may
    stand in the header or in the form: libraries differ in their defaults.
    """
    if presented is None:
        raise TokenRefused("invalid_client", "The client does not authenticate")
    if presented.method in ("client_secret_basic", "client_secret_post"):
        client = await authenticate(auth, Credentials(presented.client_id, presented.secret))
        application = await _application(auth, client.client_id)
    else:
        client, application = await _known(auth, presented)
    if application is not None and application.status != "active":
        raise TokenRefused("unauthorized_client", "The application waits for approval, or was refused")
    if application is not None and _kind(application.details.auth_method) != _kind(presented.method):
        raise TokenRefused("invalid_client", f"The client is registered for {application.details.auth_method}")
    return KnownClient(client, application, presented.method == "none")


def _kind(method: AuthMethod) -> str:
    return method.removesuffix("_basic").removesuffix("_post")


async def _known(auth: Auth, presented: Presented) -> tuple[Client, Application]:
    """Return a client that has no secret here, with its application."""
    async with transaction(auth.engine) as connection:
        client = await clients.find(connection, presented.client_id)
        application = await applications.find(connection, presented.client_id) if client else None
    if client is None or application is None or client.status != "active":
        raise TokenRefused("invalid_client", "The client is unknown, or does not authenticate")
    if presented.method == "private_key_jwt":
        await _verify_assertion(auth, application, presented.secret)
    return client, application


async def _application(auth: Auth, client_id: str) -> Application | None:
    async with transaction(auth.engine) as connection:
        return await applications.find(connection, client_id)


async def _verify_assertion(auth: Auth, application: Application, assertion: str) -> None:
    """Hold an assertion against the rules (RFC 7523, 3), and use it up. Raises TokenRefused."""
    try:
        auth.attempts.check(application.client_id)
        claims = await _claims(auth.client_keys, application, assertion)
        now = auth.clock()
        expires_at = _expiry(claims, application.client_id, _audiences(auth), now)
        jti = str(claims["jti"])
    except TooMany as error:
        raise TokenRefused("invalid_client", error.detail) from error
    except (JoseError, HubError, ValueError, KeyError, TypeError, OverflowError) as error:
        auth.attempts.note_wrong(application.client_id)
        raise TokenRefused("invalid_client", "The client assertion is not valid") from error
    async with transaction(auth.engine) as connection:
        key = application.client_id, jti[:200]
        if not await applications.use_assertion(connection, key, expires_at + _LEEWAY, now):
            raise TokenRefused("invalid_client", "The client assertion was used before")


async def _claims(keys: ClientKeys, application: Application, assertion: str) -> Mapping[str, Any]:
    """Return the claims of an assertion that one of the application's keys has signed. Raises JoseError, ValueError."""
    kid = jws.extract_compact(assertion.encode()).headers().get("kid")
    found = await keys.keys_of(application, kid if isinstance(kid, str) else None)
    return jwt.decode(assertion, KeySet.import_key_set(found), algorithms=list(ASSERTION_ALGORITHMS)).claims  # type: ignore[arg-type]


def _audiences(auth: Auth) -> frozenset[str]:
    """Return what an assertion may be for: the issuer, or the endpoints that clients authenticate at."""
    base = auth.issuer.url.rstrip("/")
    return frozenset({auth.issuer.url, base, *(f"{base}/oauth/{name}" for name in ("token", "introspect", "revoke"))})


def _expiry(claims: Mapping[str, Any], client_id: str, audiences: frozenset[str], now: datetime) -> datetime:
    """Return when an assertion ends. Raises ValueError, KeyError, TypeError, OverflowError if it breaks a rule."""
    if claims["iss"] != client_id or claims["sub"] != client_id or not isinstance(claims["jti"], str):
        raise ValueError("It is not the client's own")
    audience = claims["aud"]
    if not audiences & set([audience] if isinstance(audience, str) else audience):
        raise ValueError("It is for somebody else")
    expires_at = datetime.fromtimestamp(float(claims["exp"]), UTC)
    begins_at = datetime.fromtimestamp(float(claims.get("nbf", claims.get("iat", 0))), UTC)
    if not now - _LEEWAY < expires_at <= now + _LONGEST_ASSERTION or begins_at > now + _LEEWAY:
        raise ValueError("It is not valid now, or for too long")
    return expires_at
