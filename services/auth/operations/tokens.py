"""What the token endpoint is asked, clients with secrets, and the tokens of their own that they get (OAuth 2.1)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from services.auth.domain.access import narrow
from services.auth.domain.client import Client, Credentials
from services.auth.operations.auth import Auth
from services.auth.operations.standing import Standing, standing_of
from services.auth.store import clients
from services.auth.store.database import transaction
from services.auth.tokens.access_token import AccessToken, sign
from services.kernel.errors import HubError, NotAllowed, TooMany
from services.kernel.identity import AUDIENCE


class TokenRefused(HubError):
    """The token request is refused"""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        """One of the codes of RFC 6749, 5.2 and RFC 8707, 2."""


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """A token request: its grant type, and the rest of its parameters, each once."""

    grant_type: str
    parameters: Mapping[str, str]
    resources: tuple[str, ...] = ()
    revision: int = 0
    """The position of the policy feed before anything else was read."""
    more: Mapping[str, object] = field(default_factory=dict)
    """Claims of the service that the client belongs to."""


async def authenticate(auth: Auth, credentials: Credentials | None) -> Client:
    """Return the client that credentials belong to (RFC 6749, 2.3.1). Raises TokenRefused.

    Whether the client is unknown, suspended or its secret wrong can be told neither from the answer nor its time.
    """
    if credentials is None:
        raise TokenRefused("invalid_client", "The client does not authenticate")
    try:
        auth.attempts.check(credentials.client_id)
    except TooMany as error:
        raise TokenRefused("invalid_client", error.detail) from error
    async with transaction(auth.engine) as connection:
        client = await clients.find(connection, credentials.client_id)
    is_right = await auth.hashes.verify(client.secret_hash if client else None, credentials.client_secret)
    if not is_right:
        auth.attempts.note_wrong(credentials.client_id)
    if client is None or not is_right or client.status != "active":
        raise TokenRefused("invalid_client", "The client is unknown, or its secret is wrong")
    return client


async def grant_client_credentials(auth: Auth, client: Client, request: TokenRequest) -> AccessToken:
    """Give a client a token of its own (RFC 6749, 4.4). Raises TokenRefused."""
    now = auth.clock()
    standing = await client_standing(auth, client)
    try:
        grants = narrow(standing.grants, request.parameters.get("scope", ""))
    except NotAllowed as error:
        raise TokenRefused("invalid_scope", error.detail) from error
    bearer = standing.bearer(client.client_id, grants, request.revision)
    issuer = auth.issuer.living(standing.life_s(auth.issuer.token_life_s, now))
    return sign(issuer, bearer, await auth.keys.signer(), now)


async def client_standing(auth: Auth, client: Client) -> Standing:
    """Return what a client stands for now. Raises TokenRefused for one of a service that cannot be used now."""
    try:
        async with transaction(auth.engine) as connection:
            return await standing_of(connection, client, auth.clock())
    except NotAllowed as error:
        raise TokenRefused("unauthorized_client", error.detail) from error


def refuse_other_audiences(request: TokenRequest) -> None:
    """Hold `resource` and `audience` against what tokens are for: the hub as a whole (RFC 8707, 2)."""
    if not all(_is_resource(resource) for resource in request.resources):
        raise TokenRefused("invalid_target", "resource must be an absolute URI without a fragment")
    if request.parameters.get("audience", AUDIENCE) != AUDIENCE:
        raise TokenRefused("invalid_target", f"audience must be {AUDIENCE}")


def _is_resource(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return bool(parts.scheme and parts.netloc) and "#" not in text
