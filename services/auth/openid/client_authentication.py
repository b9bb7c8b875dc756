"""Who calls the token endpoint and its kin: a client with a secret, with a signed assertion, or one without either."""

from dataclasses import dataclass, field

from authlib.oauth2.rfc6749 import ClientMixin

from services.auth.domain.client import Client
from services.auth.domain.openid.application import AUTH_METHODS, Application
from services.auth.openid.call import wait
from services.auth.openid.refusal import Refused
from services.auth.operations.auth import Auth
from services.auth.store import applications, clients, policy_changes
from services.auth.store.database import transaction
from services.kernel.errors import TooMany

SECRET_METHODS = tuple(method for method in AUTH_METHODS if method != "none")
"""By which a client proves who it is; one that cannot gets no token of its own (OAuth 2.1, 4.2)."""


@dataclass(frozen=True, slots=True)
class KnownClient(ClientMixin):
    """A client as Authlib asks it, with its application if it signs people in; one that does not exist has neither.

    `revision` is the position of the policy feed before anything else was read.
    """

    auth: Auth = field(repr=False)
    client_id: str
    client: Client | None = field(repr=False)
    application: Application | None
    revision: int

    def get_client_id(self) -> str:
        """Return its identifier."""
        return self.client_id

    def check_client_secret(self, client_secret: str) -> bool:
        """Tell whether a secret is the client's. Raises Refused for who guesses.

        Whether it is unknown, suspended or its secret wrong can be told neither from the answer nor its time.
        """
        self.refuse_guesses()
        stored = self.client.secret_hash if self.client is not None else None
        is_right = wait(self.auth.hashes.verify(stored, client_secret))
        if not is_right:
            self.auth.attempts.note_wrong(self.client_id)
        return is_right

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """Tell whether it may use a method. Raises Refused if its application waits for approval.

        A client of which a method is registered uses no other (OpenID Connect Registration, 2), but for a secret, which
        may stand in the header or in the form: libraries differ in their defaults.
        """
        if self.client is None or self.client.status != "active":
            return False
        if self.application is None:
            return _kind(method) == "client_secret"
        if self.application.status != "active":
            raise Refused("unauthorized_client", "The application waits for approval, or was refused")
        return _kind(self.application.details.auth_method) == _kind(method)

    def check_grant_type(self, grant_type: str) -> bool:
        """Tell whether it may use a grant type."""
        return self.client is not None and grant_type in self.client.grant_types

    def refuse_guesses(self) -> None:
        """Refuse a client of which too many wrong secrets were shown. Raises Refused."""
        try:
            self.auth.attempts.check(self.client_id)
        except TooMany as error:
            raise Refused("invalid_client", error.detail) from error


async def find_client(auth: Auth, client_id: str) -> KnownClient:
    """Return the client of an identifier, or one that stands for none."""
    async with transaction(auth.engine) as connection:
        revision = await policy_changes.position(connection)
        client = await clients.find(connection, client_id)
        application = await applications.find(connection, client_id) if client else None
    return KnownClient(auth, client_id, client, application, revision)


def _kind(method: str) -> str:
    return method.removesuffix("_basic").removesuffix("_post")
