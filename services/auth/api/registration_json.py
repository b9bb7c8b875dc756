"""Applications in JSON, in the words of dynamic client registration (RFC 7591, 2; OpenID Connect Registration, 2)."""

from datetime import datetime
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from services.auth.domain.openid.application import AuthMethod, Details
from services.auth.domain.openid.scope import DEFAULT_SCOPE, SCOPES
from services.auth.domain.title import read_title
from services.auth.openid.registration import Registered, Registration
from services.kernel.errors import BadData
from services.kernel.identity.assurance import read_acr

_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


def _title(text: str) -> str:
    try:
        return read_title(text, "client_name")
    except BadData as error:
        raise ValueError(error.detail) from error


def _web_address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("https", "http") or not parts.hostname or not text.isprintable() or " " in text:
        raise ValueError("must be a web address")
    return text


def _secure_address(text: str) -> str:
    parts = urlsplit(_web_address(text))
    if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
        raise ValueError("must begin with https://")
    return text


def _scope(text: str) -> str:
    unknown = [word for word in text.split() if word not in SCOPES]
    if unknown:
        raise ValueError(f"must name some of {', '.join(SCOPES)}")
    return text


def _public_keys(document: dict[str, Any]) -> dict[str, Any]:
    try:
        keys = [dict(key) for key in document["keys"]]
        KeySet.import_key_set({"keys": keys})
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise ValueError("must be a JWK set") from error
    if not 0 < len(keys) <= 20 or any(_PRIVATE & key.keys() or key.get("kty") == "oct" for key in keys):
        raise ValueError("must hold 1 to 20 public keys, and no private one")
    return {"keys": keys}


def _acr(text: str) -> str:
    if read_acr(text) is None:
        raise ValueError("must be one of acr_values_supported")
    return text


Uri = Annotated[str, Field(max_length=2000)]
WebAddress = Annotated[str, Field(max_length=2000), AfterValidator(_web_address)]
SecureAddress = Annotated[str, Field(max_length=2000), AfterValidator(_secure_address)]


class RegistrationJson(BaseModel):
    """What an application tells of itself; members that are not known are passed over (RFC 7591, 2)."""

    model_config = ConfigDict(
        extra="ignore",
        json_schema_extra={
            "examples": [{"client_name": "バスの窓", "redirect_uris": ["https://bus.example.jp/callback"]}]
        },
    )

    client_name: Annotated[str, AfterValidator(_title)] = Field(
        "Application", description="What people are shown", max_length=400
    )
    redirect_uris: list[Uri] = Field([], description="Where people are sent back to, each compared sign by sign")
    post_logout_redirect_uris: list[Uri] = Field([], description="Where people are sent after signing out")
    application_type: Literal["web", "native"] = Field("web", description="`native` runs on the person's own device")
    token_endpoint_auth_method: AuthMethod = Field(
        "client_secret_basic", description="How it authenticates; `none` for one that can keep no secret"
    )
    grant_types: list[Annotated[str, Field(max_length=100)]] = Field(
        ["authorization_code"], description="Grant types that it uses", max_length=10
    )
    response_types: list[Literal["code"]] = Field(["code"], description="`code` is all there is", max_length=5)
    scope: Annotated[str, AfterValidator(_scope)] = Field(
        " ".join(DEFAULT_SCOPE), description="All that it may ask for", max_length=500
    )
    subject_type: Literal["public", "pairwise"] = Field(
        "public", description="`pairwise`: no other application knows a person by the same `sub`"
    )
    sector_identifier_uri: SecureAddress | None = Field(None, description="Lists all redirect_uris of a sector")
    jwks: Annotated[dict[str, Any], AfterValidator(_public_keys)] | None = Field(None, description="Public keys")
    jwks_uri: SecureAddress | None = Field(None, description="Where it publishes its keys")
    default_max_age: int | None = Field(None, ge=0, le=10**9, description="Oldest sign-in that will do, seconds")
    require_auth_time: bool = Field(False, description="Whether it wants `auth_time`, which is always told")
    default_acr_values: list[Annotated[str, AfterValidator(_acr)]] = Field(
        [], description="Levels of assurance wished for", max_length=16
    )
    client_uri: WebAddress | None = Field(None, description="Its home page")
    logo_uri: WebAddress | None = Field(None, description="Its logo; kept, not shown")
    policy_uri: WebAddress | None = Field(None, description="Its privacy policy, shown where it asks")
    tos_uri: WebAddress | None = Field(None, description="Its terms of service, shown where it asks")
    initiate_login_uri: SecureAddress | None = Field(None, description="Where a sign-in can be begun from outside")
    contacts: list[Annotated[str, Field(max_length=200)]] = Field([], description="Who answers", max_length=10)
    software_id: str | None = Field(None, max_length=200, description="The program, in all its installations")
    software_version: str | None = Field(None, max_length=100, description="Its version")
    id_token_signed_response_alg: Literal["ES256", "RS256"] = Field("ES256", description="How ID tokens are signed")
    userinfo_signed_response_alg: Literal["ES256", "RS256"] | None = Field(
        None, description="How userinfo is signed; plain JSON unless given"
    )
    tenant: str | None = Field(None, max_length=100, description="Tenant whose administrators answer for it")

    @model_validator(mode="before")
    @classmethod
    def _refuse_what_is_not_done(cls, given: Any) -> Any:
        """Refuse what would change how answers look; passing it over would break the application (RFC 7591, 2)."""
        if isinstance(given, dict):
            for name, value in given.items():
                if name in _NOT_DONE and value not in (None, [], ""):
                    raise ValueError(f"{name} is not supported")
        return given

    @model_validator(mode="after")
    def _refuse_contradictions(self) -> "RegistrationJson":
        if self.jwks is not None and self.jwks_uri is not None:
            raise ValueError("jwks and jwks_uri exclude each other")
        has_keys = self.jwks is not None or self.jwks_uri is not None
        if self.token_endpoint_auth_method.endswith("_jwt") and not has_keys:
            raise ValueError("private_key_jwt needs jwks or jwks_uri")
        if "authorization_code" in self.grant_types and not self.redirect_uris:
            raise ValueError("redirect_uris is missing")
        return self

    def to_registration(self) -> Registration:
        """Return the value."""
        shared = {name: getattr(self, name) for name in _SAME}
        details = Details(
            name=self.client_name,
            auth_method=self.token_endpoint_auth_method,
            scope=tuple(dict.fromkeys(self.scope.split())),
            redirect_uris=tuple(self.redirect_uris),
            post_logout_redirect_uris=tuple(self.post_logout_redirect_uris),
            default_acr_values=tuple(self.default_acr_values),
            contacts=tuple(self.contacts),
            **shared,
        )
        return Registration(details, tuple(dict.fromkeys(self.grant_types)), self.tenant)


_NOT_DONE = frozenset(
    {
        "id_token_encrypted_response_alg",
        "userinfo_encrypted_response_alg",
        "request_object_signing_alg",
        "request_object_encryption_alg",
        "request_uris",
        "software_statement",
        "tls_client_certificate_bound_access_tokens",
        "require_pushed_authorization_requests",
    }
)
_SAME = (
    "application_type",
    "subject_type",
    "sector_identifier_uri",
    "jwks",
    "jwks_uri",
    "default_max_age",
    "require_auth_time",
    "client_uri",
    "logo_uri",
    "policy_uri",
    "tos_uri",
    "initiate_login_uri",
    "software_id",
    "software_version",
    "id_token_signed_response_alg",
    "userinfo_signed_response_alg",
)


class RegisteredJson(RegistrationJson):
    """An application as it is registered."""

    client_id: str = Field(description="Its identifier", examples=["c-7m2pq9rs4tuvwxyz"])
    client_secret: str | None = Field(None, description="Keep it now: only its hash is stored")
    client_id_issued_at: int = Field(description="When it was registered, in seconds since 1970")
    client_secret_expires_at: int = Field(0, description="0: never")
    registration_access_token: str | None = Field(None, description="With it the application changes itself")
    registration_client_uri: str | None = Field(None, description="Where it does")
    status: str = Field(description="`applied` waits for approval", examples=["active"])
    owner: str | None = Field(None, description="The person who registered it")


def represent(found: Registered, base: str) -> dict[str, Any]:
    """Represent an application, with what it is told this once."""
    application, details = found.application, found.application.details
    issued_at = application.created_at or datetime.fromtimestamp(0).astimezone()
    told = RegisteredJson(
        client_id=application.client_id,
        client_secret=found.secret,
        client_id_issued_at=int(issued_at.timestamp()),
        registration_access_token=found.registration_token,
        registration_client_uri=f"{base}/oauth/register/{application.client_id}",
        status=application.status,
        owner=application.owner,
        tenant=application.tenant,
        client_name=details.name,
        token_endpoint_auth_method=details.auth_method,
        grant_types=list(found.client.grant_types),
        scope=" ".join(details.scope),
        redirect_uris=list(details.redirect_uris),
        post_logout_redirect_uris=list(details.post_logout_redirect_uris),
        default_acr_values=list(details.default_acr_values),
        contacts=list(details.contacts),
        **{name: getattr(details, name) for name in _SAME},
    ).model_dump(exclude_none=True)
    if found.secret is None:
        told.pop("client_secret_expires_at")
    return told
