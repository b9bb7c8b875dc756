"""ID tokens (OpenID Connect Core, 2) and signed userinfo (5.3.2): what one application is told of who signed in.

ID tokens come back as hints, which signed userinfo, having no type, does not pass for.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import Key, KeySet, RSAKey

_TYPE = "JWT"
_ALGORITHMS = ["ES256", "RS256"]


@dataclass(frozen=True, slots=True)
class SignIn:
    """What an ID token tells: the person's name towards the application, the claims, and the access token's hash."""

    subject: str
    client_id: str
    claims: Mapping[str, Any] = field(default_factory=dict)
    access_token: str | None = None


@dataclass(frozen=True, slots=True)
class Hint:
    """An ID token that comes back: for whom it was, of which application and session."""

    subject: str
    client_id: str
    sid: str | None


def sign_id_token(issuer: tuple[str, int], signed_in: SignIn, signer: tuple[str, Key], now: datetime) -> str:
    """Sign an ID token of an issuer: its URL, and how many seconds the token is valid."""
    url, life_s = issuer
    kid, key = signer
    issued_at = int(now.timestamp())
    claims = {
        **signed_in.claims,
        "iss": url,
        "sub": signed_in.subject,
        "aud": signed_in.client_id,
        "iat": issued_at,
        "exp": issued_at + life_s,
    }
    if signed_in.access_token is not None:
        claims["at_hash"] = half_hash(signed_in.access_token)
    return jwt.encode({"alg": _algorithm_of(key), "kid": kid, "typ": _TYPE}, claims, key, algorithms=_ALGORITHMS)


def sign_userinfo(issuer: str, client_id: str, told: Mapping[str, Any], signer: tuple[str, Key]) -> str:
    """Sign what an application may know of a person, for that application alone."""
    kid, key = signer
    claims = json.dumps({**told, "iss": issuer, "aud": client_id}, ensure_ascii=False)
    return jws.serialize_compact({"alg": _algorithm_of(key), "kid": kid}, claims, key, algorithms=_ALGORITHMS)


def _algorithm_of(key: Key) -> str:
    return "RS256" if isinstance(key, RSAKey) else "ES256"


def half_hash(text: str) -> str:
    """Return the left half of a SHA-256 in base64url (3.1.3.6)."""
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()[:16]).rstrip(b"=").decode()


def read_hint(text: str, keys: Mapping[str, Any], issuer: str) -> Hint | None:
    """Read an ID token of ours, also an expired one (RP-Initiated Logout 1.0, 2); None for anything else."""
    try:
        decoded = jwt.decode(text, KeySet.import_key_set(dict(keys)), algorithms=_ALGORITHMS)  # type: ignore[arg-type]
    except (JoseError, ValueError, KeyError, TypeError):
        return None
    claims = decoded.claims
    if claims.get("iss") != issuer or decoded.header.get("typ") != _TYPE or not isinstance(claims.get("aud"), str):
        return None
    sid = claims.get("sid")
    return Hint(str(claims.get("sub", "")), str(claims["aud"]), sid if isinstance(sid, str) else None)
