"""Settings of auth."""

from pydantic import Field, field_validator

from services.auth.domain.client import SERVICE_GRANTS
from services.kernel.settings import Port, Settings


class AuthSettings(Settings):
    """What auth is told beyond what every service is."""

    auth_port: Port = Field(8082, description="Port of `auth`")
    auth_token_life_s: int = Field(600, ge=60, le=3600, description="How long an access token is valid, seconds")
    auth_key: str = Field(
        "",
        repr=False,
        description="Secret that seals the signing keys in the database, at least 32 characters; the same for every "
        "replica. Empty: generated into `auth-key` of the data directory",
    )
    auth_service_clients: str = Field(
        "",
        repr=False,
        description="Secrets of the services' own clients, `broker=…,ingest=…,catalog=…`, each as that service's "
        "`HIROBA_CLIENT_SECRET`. Empty: generated into the data directory",
    )

    @field_validator("auth_key")
    @classmethod
    def _refuse_short_key(cls, value: str) -> str:
        if value and len(value) < 32:
            raise ValueError("must be at least 32 characters; `openssl rand -base64 32` makes one")
        return value

    @field_validator("auth_service_clients")
    @classmethod
    def _refuse_unreadable_pairs(cls, value: str) -> str:
        read_pairs(value)
        return value

    @property
    def service_secrets(self) -> dict[str, str]:
        """The given secret of each service that has one."""
        return read_pairs(self.auth_service_clients)


def read_pairs(text: str) -> dict[str, str]:
    """Read `name=secret,name=secret`. Raises ValueError."""
    pairs: dict[str, str] = {}
    for part in filter(None, (each.strip() for each in text.split(","))):
        name, _, secret = part.partition("=")
        if name not in SERVICE_GRANTS or len(secret) < 16:
            services = ", ".join(SERVICE_GRANTS)
            raise ValueError(
                f"must be service=secret pairs with commas between: {services}, each at least 16 characters"
            )
        pairs[name] = secret
    return pairs
