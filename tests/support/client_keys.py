"""Keys of an application, and the assertions that it authenticates with."""

import base64
import hashlib
import hmac
import json
import secrets
import time
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from tests.support.openid import App

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
Key = ECKey | RSAKey


def new_key(algorithm: str = "ES256") -> Key:
    """Make a key for an algorithm."""
    if algorithm == "ES256":
        return ECKey.generate_key("P-256", {"use": "sig", "alg": algorithm}, auto_kid=True)
    return RSAKey.generate_key(2048, {"use": "sig", "alg": algorithm}, auto_kid=True)


def published(*keys: Key) -> dict[str, Any]:
    """Return the JWK set of some keys."""
    return {"keys": [key.as_dict(private=False) for key in keys]}


def assertion(app: App, key: Key, algorithm: str = "ES256", **changed: Any) -> str:
    """Sign an assertion; None takes a claim away."""
    now = int(time.time())
    usual = {
        "iss": app.client_id,
        "sub": app.client_id,
        "aud": "http://hub.test",
        "iat": now,
        "exp": now + 60,
        "jti": secrets.token_hex(8),
    }
    claims = {name: value for name, value in {**usual, **changed}.items() if value is not None}
    return jwt.encode({"alg": algorithm, "kid": key.kid}, claims, key, algorithms=[algorithm])


def asserted(app: App, key: Key, algorithm: str = "ES256", **changed: Any) -> dict[str, str]:
    """Return the parameters that authenticate an application."""
    return {
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": assertion(app, key, algorithm, **changed),
    }


def confused(public: ECKey, claims: dict[str, Any], **header: Any) -> str:
    """Sign claims with HS256, the public key taken for a secret: what a verifier must not fall for."""
    parts = [{"alg": "HS256", **header}, claims]
    signed = b".".join(_encoded(json.dumps(part).encode()) for part in parts)
    return (signed + b"." + _encoded(hmac.digest(public.as_pem(private=False), signed, hashlib.sha256))).decode()


def _encoded(content: bytes) -> bytes:
    return base64.urlsafe_b64encode(content).rstrip(b"=")
