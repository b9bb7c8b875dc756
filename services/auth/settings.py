"""Settings of auth."""

from datetime import timedelta
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError, field_validator

from services.auth.domain.client import SERVICE_GRANTS
from services.auth.domain.openid.lifetimes import Lifetimes
from services.auth.domain.openid.provider import Providers, read_providers
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

    auth_tenant_services: str = Field(
        "broker,catalog,ingest",
        description="Services that this installation runs and that keep tenants' data, with commas between: a deleted "
        "tenant is gone when all of them have confirmed that they hold nothing of it",
    )

    auth_session_life_s: int = Field(
        43200, ge=300, le=604800, description="How long somebody stays signed in in a browser, seconds"
    )
    auth_refresh_life_s: int = Field(
        2592000, ge=3600, le=31536000, description="How long a refresh token is valid since the one before it, seconds"
    )
    auth_registration: Literal["administrators", "approval", "open"] = Field(
        "approval",
        description="Who registers applications that sign people in: `administrators` alone; `approval`: also people "
        "who are signed in, an administrator approves; `open`: everybody, at once",
    )
    egress: Literal["public", "loopback", "any"] = Field(
        "public",
        description="Which addresses `auth` fetches what applications publish from: public ones; with `loopback` this "
        "machine's too; with `any` all",
    )

    auth_providers_file: Path | None = Field(
        None,
        description="JSON file of the OpenID providers that people may sign in with: デジタル認証アプリ, GビズID, "
        "others",
    )

    @field_validator("auth_providers_file")
    @classmethod
    def _refuse_unreadable_providers(cls, value: Path | None) -> Path | None:
        if value is not None:
            _providers_in(value)
        return value

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

    @field_validator("auth_tenant_services")
    @classmethod
    def _refuse_unknown_services(cls, value: str) -> str:
        unknown = [name for name in _words(value) if name not in SERVICE_GRANTS]
        if unknown or not _words(value):
            raise ValueError(f"must name some of {', '.join(SERVICE_GRANTS)}, with commas between")
        return value

    @property
    def providers(self) -> Providers:
        """The external providers that people may sign in with."""
        return Providers() if self.auth_providers_file is None else _providers_in(self.auth_providers_file)

    @property
    def lifetimes(self) -> Lifetimes:
        """How long sessions and refresh tokens last."""
        return Lifetimes(timedelta(seconds=self.auth_session_life_s), timedelta(seconds=self.auth_refresh_life_s))

    @property
    def confirming_services(self) -> tuple[str, ...]:
        """The services that confirm the deletion of a tenant, by name."""
        return tuple(sorted(set(_words(self.auth_tenant_services))))

    @property
    def service_secrets(self) -> dict[str, str]:
        """The given secret of each service that has one."""
        return read_pairs(self.auth_service_clients)


def _providers_in(file: Path) -> Providers:
    """Read the file of providers. Raises ValueError that names no secret."""
    try:
        return read_providers(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ValueError(f"cannot be read: {error.strerror}") from error
    except ValidationError as error:
        fault = error.errors(include_input=False, include_url=False)[0]
        raise ValueError(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}") from None


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


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
