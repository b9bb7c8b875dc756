"""Settings from the environment: small frozen classes, prefix `HIROBA_`, contradictions refused at start-up."""

import ipaddress
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

S = TypeVar("S", bound="Settings")
Port = Annotated[int, Field(ge=0, le=65535)]


class SettingsError(ValueError):
    """The settings contradict each other or cannot be read."""


class Settings(BaseSettings):
    """What every service is told. Each field is the environment variable `HIROBA_<FIELD>`."""

    model_config = SettingsConfigDict(env_prefix="HIROBA_", frozen=True, extra="ignore")

    host: str = Field("127.0.0.1", description="Address that the services listen on")
    data_dir: Path = Field(Path(".hiroba"), description="Directory of everything that is kept on this machine")
    database_url: str = Field("", description="PostgreSQL of the service, as its own role; `hiroba up` sets it")
    database_pool: int = Field(8, ge=1, le=200, description="Most connections of one process to PostgreSQL")
    auth: Literal["open", "required"] = Field("open", description="Whether a call needs a token")
    auth_url: str = Field("http://127.0.0.1:8082", description="Where `auth` answers, for the other services")
    auth_issuer: str = Field("", description="Issuer of the tokens; `HIROBA_AUTH_URL` unless given")
    broker_url: str = Field("http://127.0.0.1:1026", description="Where `broker` answers, for the other services")
    ingest_url: str = Field("http://127.0.0.1:4041", description="Where `ingest` answers, for the other services")
    catalog_url: str = Field("http://127.0.0.1:8081", description="Where `catalog` answers, for the other services")
    client_id: str = Field("", description="The service's own client at `auth`")
    client_secret: str = Field("", description="Its secret", repr=False)
    tenant_creation: Literal["on-write", "explicit"] = Field(
        "explicit", description="Whether a first write creates the tenant; `hiroba up` sets `on-write`"
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="Least level that is logged")
    body_limit_bytes: int = Field(10 * 1024 * 1024, ge=1024, description="Largest request body")
    cors_origins: str | None = Field(
        None,
        description="Origins whose web pages may call, separated by commas; unless given, all where a token is needed, "
        "and none in the open profile, where any page in this machine's browser would be an administrator",
    )

    @property
    def issuer(self) -> str:
        """Who signs the tokens."""
        return self.auth_issuer or self.auth_url

    @property
    def allowed_origins(self) -> list[str]:
        """The origins whose web pages may call; `*` is all."""
        given = self.cors_origins if self.cors_origins is not None else ("*" if self.auth == "required" else "")
        return [origin.strip() for origin in given.split(",") if origin.strip()]

    @property
    def is_loopback(self) -> bool:
        """Tell whether only this machine can reach the service."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @model_validator(mode="after")
    def _refuse_open_beyond_loopback(self) -> "Settings":
        if self.auth == "open" and not self.is_loopback:
            raise ValueError(
                f"HIROBA_HOST={self.host} is reachable from outside while HIROBA_AUTH=open: "
                "set HIROBA_AUTH=required, or listen on 127.0.0.1"
            )
        return self


def read_settings(kind: type[S], **given: object) -> S:
    """Read a service's settings from the environment. Raises SettingsError with one line per fault."""
    try:
        return kind(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        lines = []
        for fault in error.errors():
            name = "HIROBA_" + "_".join(str(part) for part in fault["loc"]).upper() if fault["loc"] else ""
            lines.append(f"{name}: {fault['msg']}" if name else str(fault["msg"]).removeprefix("Value error, "))
        raise SettingsError("; ".join(lines)) from error
