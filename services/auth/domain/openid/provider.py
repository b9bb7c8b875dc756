"""External OpenID providers that people may sign in with: settings, and profiles of Japan's public ones."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

_PROFILES: Mapping[str, Mapping[str, Any]] = {
    "digital-auth-app": {
        "title": "デジタル認証アプリ",
        "title_en": "Digital Authentication App (My Number Card)",
        "issuer": "https://auth-and-sign.go.jp/api/realms/main",
        "scope": "openid name",
        "acr_values": "aal3",
        "algorithms": ["ES256"],
        "ial": 3,
        "aal": 3,
    },
    "gbizid": {
        "title": "GビズID",
        "title_en": "GBizID",
        "issuer": "https://gbiz-id.go.jp/oauth/",
        "scope": "openid profile email",
        "algorithms": ["RS256"],
        "ial": 1,
        "aal": 1,
    },
    "openid": {"title": "OpenID", "title_en": "OpenID"},
}
"""What is known of each provider. GビズID's levels depend on the kind of account, so that the least is assumed."""


class Provider(BaseModel):
    """An external provider, as the operator's file has it, over its profile.

    `ial` and `aal` are the levels that its sign-ins show; `acr_values` what is asked of it. `creates_in` is the tenant
    in which unknown people get an account; without one they link theirs first.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern="^[a-z][a-z0-9-]{0,29}$")
    profile: str = "openid"
    title: str
    title_en: str
    issuer: str
    client_id: str = Field(min_length=1)
    client_secret: str = Field("", repr=False)
    private_key: dict[str, Any] | None = Field(None, repr=False)
    scope: str = "openid"
    acr_values: str = ""
    algorithms: list[str] = ["ES256", "RS256"]
    ial: int = Field(0, ge=0, le=3)
    aal: int = Field(1, ge=1, le=3)
    creates_in: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _over_profile(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        profile = given.get("profile", "openid")
        if profile not in _PROFILES:
            raise ValueError(f"profile must be one of {', '.join(_PROFILES)}")
        return {**_PROFILES[profile], **given}

    @model_validator(mode="after")
    def _refuse_without_credentials(self) -> "Provider":
        if bool(self.client_secret) == (self.private_key is not None):
            raise ValueError("either client_secret or private_key (a JWK) is needed")
        if {"none", "HS256", "HS384", "HS512"} & set(self.algorithms):
            raise ValueError("algorithms must be asymmetric")
        if not self.issuer.startswith(("https://", "http://")):
            raise ValueError("issuer must be a URL")
        return self

    def title_in(self, language: str) -> str:
        """Return its name in a language."""
        return self.title if language == "ja" else self.title_en

    @property
    def discovery_url(self) -> str:
        """Where its metadata lies (OpenID Connect Discovery, 4)."""
        return f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"


@dataclass(frozen=True, slots=True)
class Providers:
    """All external providers, by name."""

    by_name: Mapping[str, Provider] = field(default_factory=dict)


def read_providers(text: str) -> Providers:
    """Read the operator's file: a JSON list of providers. Raises ValueError."""
    listed = TypeAdapter(list[Provider]).validate_json(text)
    if len({each.name for each in listed}) != len(listed):
        raise ValueError("names of providers must differ")
    return Providers({each.name: each for each in listed})
