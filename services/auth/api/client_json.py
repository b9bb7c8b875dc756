"""Clients in JSON."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from services.auth.domain.access import ACTIONS, MOST_GRANTS
from services.auth.domain.client import Status
from services.kernel.identity import Grant

_GRANT: dict[str, Any] = {"tenant": "takamatsu", "path": "/#", "types": ["*"], "actions": ["read", "write"]}


class GrantJson(BaseModel):
    """What a client may do, and where."""

    model_config = ConfigDict(extra="forbid", from_attributes=True, json_schema_extra={"examples": [_GRANT]})

    tenant: str = Field(
        description="Name of the tenant, with `/#` at its end those below it too; `*` all, empty the default tenant",
        max_length=100,
    )
    path: str = Field("/#", description="Service path; with `/#` at its end everything below it too", max_length=600)
    types: list[str] = Field(["*"], description="Entity types, short names or IRIs; `*` all", max_length=100)
    attributes: list[str] = Field(["*"], description="Attributes of them; `*` all", max_length=200)
    actions: list[str] = Field(
        description=f"Some of {', '.join(f'`{action}`' for action in ACTIONS)}; `*` all",
        max_length=20,
    )

    def to_grant(self) -> Grant:
        """Return the value."""
        return Grant(self.tenant, tuple(self.actions), self.path, tuple(self.types), tuple(self.attributes))


_GRANTS = Field(description="What it may do; empty: nothing", max_length=MOST_GRANTS)
_TITLE = Field(None, description="What it is", examples=["河川監視"])


class NewClientJson(BaseModel):
    """A client to be registered."""

    model_config = ConfigDict(extra="forbid")

    client_id: str | None = Field(
        None, description="Identifier, `[a-z0-9][a-z0-9._-]{2,63}`; made up unless given", examples=["river-watch"]
    )
    title: str | None = _TITLE
    grants: list[GrantJson] = _GRANTS


class ClientChange(BaseModel):
    """The fields of a client that a request gives; the others stay."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"status": "suspended"}]})

    title: str | None = _TITLE
    status: Status = Field("active", description="A suspended client gets no tokens")
    grants: list[GrantJson] = Field([], description="What it may do from now on, all of it", max_length=MOST_GRANTS)

    @property
    def given(self) -> dict[str, Any]:
        """The fields that the request holds, with their values."""
        values = {name: getattr(self, name) for name in self.model_fields_set}
        if "grants" in values:
            values["grants"] = tuple(grant.to_grant() for grant in self.grants)
        return values


class ClientJson(BaseModel):
    """A client."""

    model_config = ConfigDict(from_attributes=True)

    client_id: str = Field(examples=["river-watch"])
    title: str | None = Field(examples=["河川監視"])
    status: Status
    grants: list[GrantJson]
    grant_types: list[str] = Field(description="OAuth grant types it may use", examples=[["client_credentials"]])
    created_at: datetime
    modified_at: datetime
    secret_changed_at: datetime


class ClientWithSecret(ClientJson):
    """A client with its secret, at the one moment that the secret is known."""

    client_secret: str = Field(description="Keep it now: only its hash is stored")


class Secret(BaseModel):
    """A new secret of a client."""

    model_config = ConfigDict(from_attributes=True)

    client_id: str = Field(examples=["river-watch"])
    client_secret: str = Field(description="Keep it now: only its hash is stored")


class ClientList(BaseModel):
    """One page of clients."""

    total: int = Field(description="How many there are on all pages", examples=[1])
    clients: list[ClientJson]
