"""An application: a client that signs people in (OpenID Connect Dynamic Client Registration 1.0, 2)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Literal

from services.auth.domain.openid.redirect import is_registered
from services.auth.domain.openid.scope import DEFAULT_SCOPE

AuthMethod = Literal["client_secret_basic", "client_secret_post", "private_key_jwt", "none"]
AUTH_METHODS: tuple[AuthMethod, ...] = ("client_secret_basic", "client_secret_post", "private_key_jwt", "none")
ApplicationStatus = Literal["applied", "active", "refused"]


@dataclass(frozen=True, slots=True)
class Details:
    """What an application tells of itself.

    `sector` is what pairwise subjects are made for: the host of the sector identifier, or of the redirect addresses.
    Userinfo is plain JSON unless it is to be signed.
    """

    name: str
    redirect_uris: tuple[str, ...] = ()
    post_logout_redirect_uris: tuple[str, ...] = ()
    auth_method: AuthMethod = "client_secret_basic"
    application_type: Literal["web", "native"] = "web"
    scope: tuple[str, ...] = DEFAULT_SCOPE
    subject_type: Literal["public", "pairwise"] = "public"
    sector: str = ""
    sector_identifier_uri: str | None = None
    jwks: Mapping[str, Any] | None = None
    jwks_uri: str | None = None
    default_max_age: int | None = None
    require_auth_time: bool = False
    default_acr_values: tuple[str, ...] = ()
    client_uri: str | None = None
    logo_uri: str | None = None
    policy_uri: str | None = None
    tos_uri: str | None = None
    initiate_login_uri: str | None = None
    contacts: tuple[str, ...] = ()
    software_id: str | None = None
    software_version: str | None = None
    id_token_signed_response_alg: Literal["ES256", "RS256"] = "ES256"  # noqa: S105  # no secret
    userinfo_signed_response_alg: Literal["ES256", "RS256"] | None = None

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Details":
        """Read what is stored. Raises TypeError."""
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in document.items()
        }
        return cls(**values)

    @property
    def algorithms(self) -> frozenset[Literal["ES256", "RS256"]]:
        """What is signed for the application with."""
        wanted = (self.id_token_signed_response_alg, self.userinfo_signed_response_alg)
        return frozenset(each for each in wanted if each is not None)

    @property
    def document(self) -> dict[str, Any]:
        """What is stored."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}


@dataclass(frozen=True, slots=True)
class Application:
    """An application; `owner` is the person who registered it, `tenant` whose administrators answer for it.

    `applied` waits for an administrator's approval; it signs nobody in before that.
    """

    client_id: str
    details: Details
    tenant: str | None = None
    owner: str | None = None
    status: ApplicationStatus = "active"
    registration_hash: str | None = field(default=None, repr=False)
    created_at: datetime | None = None
    modified_at: datetime | None = None

    @property
    def is_public(self) -> bool:
        """Tell whether it can keep no secret (OAuth 2.1, 2.1)."""
        return self.details.auth_method == "none"

    def allowed(self, scope: str) -> tuple[str, ...]:
        """Return the words of a scope that it may ask for; what is not known is left out (Core, 3.1.2.1)."""
        return tuple(word for word in dict.fromkeys(scope.split()) if word in self.details.scope)

    def may_redirect_to(self, uri: str) -> bool:
        """Tell whether a browser may be sent back to an address."""
        return is_registered(uri, self.details.redirect_uris)
