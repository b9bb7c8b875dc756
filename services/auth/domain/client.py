"""A client: a program with a secret and grants (RFC 6749, 2.1: confidential)."""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from services.auth.domain.access import EVERYTHING
from services.kernel.errors import BadData
from services.kernel.identity import Grant

Status = Literal["active", "suspended"]
GRANT_TYPES = ("client_credentials",)
ADMINISTRATOR = "administrator"
_ID = re.compile(r"[a-z0-9][a-z0-9._-]{2,63}")
_RANDOM = "abcdefghijkmnpqrstuvwxyz23456789"  # nothing that reads like something else


@dataclass(frozen=True, slots=True)
class Client:
    """A client; of its secret only the Argon2id hash is kept."""

    client_id: str
    secret_hash: str
    title: str | None = None
    status: Status = "active"
    grants: tuple[Grant, ...] = ()
    grant_types: tuple[str, ...] = GRANT_TYPES
    created_at: datetime | None = None
    modified_at: datetime | None = None
    secret_changed_at: datetime | None = None

    @property
    def is_administrator(self) -> bool:
        """Tell whether it can administer every tenant now."""
        return self.status == "active" and any(grant.covers("admin", "*", "/#") for grant in self.grants)


@dataclass(frozen=True, slots=True)
class Credentials:
    """A client's identifier with its secret, at the one moment that the secret is known."""

    client_id: str
    client_secret: str


SERVICE_GRANTS: dict[str, tuple[Grant, ...]] = {
    "broker": (Grant("*", ("read", "write", "report")),),
    "ingest": (Grant("*", ("read", "write", "subscribe", "register", "report")),),
    "catalog": (
        Grant("*", ("read", "subscribe", "register", "report")),
        Grant("*", ("write",), types=("DatasetFreshness",)),
    ),
}
"""What the hub's own services may do with each other."""

ADMINISTRATOR_GRANTS = (EVERYTHING,)


def service_client_id(service: str) -> str:
    """Return the client identifier of one of the hub's services."""
    return f"service-{service}"


def is_reserved(client_id: str) -> bool:
    """Tell whether an identifier is one that the hub gives itself."""
    return client_id == ADMINISTRATOR or client_id.startswith("service-")


def is_client_id(text: str) -> bool:
    """Tell whether a text keeps to the grammar of client identifiers: 3 to 64 of `a-z0-9._-`."""
    return _ID.fullmatch(text) is not None


def read_client_id(text: str) -> str:
    """Hold a chosen client identifier against its grammar. Raises BadData."""
    if not is_client_id(text):
        raise BadData("client_id must be 3 to 64 of a-z, 0-9, '.', '_' and '-'", field="client_id")
    return text


def new_client_id() -> str:
    """Make up a client identifier."""
    return "c-" + "".join(secrets.choice(_RANDOM) for _ in range(16))


def new_secret() -> str:
    """Make up a secret of 256 random bits."""
    return secrets.token_urlsafe(32)
