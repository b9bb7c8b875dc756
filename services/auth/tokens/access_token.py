"""Access tokens (RFC 9068): short-lived JWTs that every service verifies itself."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from joserfc import jwt
from joserfc.jwk import Key

from services.auth.domain.access import scope_of
from services.kernel.identity import AUDIENCE, TOKEN_TYPE, Grant


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whom a token is for, what it grants, and the position of the policy feed that it knows of.

    `ial` and `aal` are the levels of identity proofing and authentication, 0 where nothing is known. `scope` holds the
    words that are no actions, `more` further claims: of a person's sign-in, or of who acts for whom.
    """

    subject: str
    client_id: str
    grants: Sequence[Grant]
    revision: int = 0
    ial: int = 0
    aal: int = 0
    scope: Sequence[str] = ()
    more: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A signed token with what the token answer tells of it (RFC 6749, 5.1), and what came along with it."""

    text: str
    expires_in_s: int
    scope: str
    refresh_token: str | None = None
    id_token: str | None = None
    issued_token_type: str | None = None


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who signs, and for how long a token is valid, in seconds."""

    url: str
    token_life_s: int

    def living(self, token_life_s: int) -> "Issuer":
        """Return the issuer of tokens that live otherwise."""
        return Issuer(self.url, token_life_s)


def sign(issuer: Issuer, bearer: Bearer, signer: tuple[str, Key], now: datetime) -> AccessToken:
    """Sign a token (RFC 9068, 2)."""
    kid, key = signer
    issued_at = int(now.timestamp())
    scope = " ".join(filter(None, (*bearer.scope, scope_of(bearer.grants))))
    claims = {
        **bearer.more,
        "iss": issuer.url,
        "sub": bearer.subject,
        "client_id": bearer.client_id,
        "aud": AUDIENCE,
        "iat": issued_at,
        "exp": issued_at + issuer.token_life_s,
        "jti": uuid.uuid4().hex,
        "scope": scope,
        "grants": [grant.document for grant in bearer.grants],
        "rev": bearer.revision,
        **{name: level for name, level in (("ial", bearer.ial), ("aal", bearer.aal)) if level},
    }
    header = {"alg": "ES256", "kid": kid, "typ": TOKEN_TYPE}
    return AccessToken(jwt.encode(header, claims, key), issuer.token_life_s, scope)
