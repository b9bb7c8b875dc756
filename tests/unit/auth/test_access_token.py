"""Access tokens as RFC 9068 has them."""

from datetime import UTC, datetime

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from services.auth.tokens.access_token import Bearer, Issuer, sign
from services.kernel.identity import Grant

NOW = datetime(2026, 7, 1, 12, 0, 0, 900_000, tzinfo=UTC)
ISSUER = Issuer("https://auth.example.jp", 600)
BEARER = Bearer("river-watch", "river-watch", (Grant("fukui", ("read",), "/river/#", ("WaterLevelObserved",)),))


@pytest.mark.clause("RFC 9068, 2")
def test_a_token_has_the_claims_of_an_access_token() -> None:
    key = ECKey.generate_key("P-256")
    token = sign(ISSUER, BEARER, ("key-1", key), NOW)
    read = jwt.decode(token.text, key, algorithms=["ES256"])
    assert read.header == {"alg": "ES256", "kid": "key-1", "typ": "at+jwt"}
    issued_at = int(NOW.timestamp())
    jti = read.claims.pop("jti")
    assert len(jti) == 32
    assert read.claims == {
        "iss": "https://auth.example.jp",
        "sub": "river-watch",
        "client_id": "river-watch",
        "aud": "hiroba",
        "iat": issued_at,
        "exp": issued_at + 600,
        "scope": "read",
        "rev": 0,
        "grants": [{"tenant": "fukui", "actions": ["read"], "path": "/river/#", "types": ["WaterLevelObserved"]}],
    }
    assert (token.expires_in_s, token.scope) == (600, "read")


def test_two_tokens_of_one_moment_are_told_apart() -> None:
    signer = ("key-1", ECKey.generate_key("P-256"))
    texts = {jwt.decode(sign(ISSUER, BEARER, signer, NOW).text, signer[1]).claims["jti"] for _ in range(2)}
    assert len(texts) == 2
