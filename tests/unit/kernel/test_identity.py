"""Grants, and the verification of tokens with keys that come from a source in this test."""

import base64
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwe, jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from services.kernel.errors import NotAllowed, NotAuthenticated, Unavailable
from services.kernel.identity import OPEN, Grant, KeyCache, Principal, TokenVerifier

ISSUER = "http://auth.test"


def _key(kid: str) -> ECKey:
    return ECKey.generate_key("P-256", {"kid": kid, "use": "sig", "alg": "ES256"})


KEY = _key("one")


class Source:
    """A key source that counts how often it is asked."""

    def __init__(self, *keys: ECKey) -> None:
        self.keys = list(keys)
        self.asked = 0
        self.is_away = False

    async def __call__(self) -> Mapping[str, Any]:
        self.asked += 1
        if self.is_away:
            raise Unavailable("away")
        return {"keys": [key.as_dict(private=False) for key in self.keys]}


def _claims(**changed: object) -> dict[str, Any]:
    now = int(time.time())
    claims = {
        "iss": ISSUER,
        "sub": "c",
        "client_id": "c",
        "aud": "hiroba",
        "iat": now,
        "exp": now + 600,
        "grants": [{"tenant": "fukui", "path": "/#", "types": ["*"], "actions": ["read"]}],
        **changed,
    }
    return {name: value for name, value in claims.items() if value is not None}


def _header(**changed: object) -> dict[str, Any]:
    header = {"alg": "ES256", "kid": "one", "typ": "at+jwt", **changed}
    return {name: value for name, value in header.items() if value is not None}


def _token(claims: dict[str, Any] | None = None, header: dict[str, Any] | None = None, key: Any = KEY) -> str:
    return jwt.encode(
        header or _header(),
        claims or _claims(),
        key,
        algorithms=["ES256", "RS256"],
        default_type=None,
    )


def _unsigned(header: dict[str, Any]) -> str:
    return f"{_base64(json.dumps(header).encode())}.{_base64(json.dumps(_claims()).encode())}"


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _verifier(source: Source | None = None, *, is_open: bool = False) -> TokenVerifier:
    return TokenVerifier(ISSUER, "http://auth.invalid", is_open=is_open, keys=source or Source(KEY))


async def test_a_valid_token_identifies_its_client() -> None:
    principal = await _verifier().identify(f"Bearer {_token()}")
    assert principal == Principal("c", "c", (Grant("fukui", ("read",)),))


async def test_the_scheme_is_read_in_any_case() -> None:
    assert (await _verifier().identify(f"bEARER {_token()}")).client_id == "c"


@pytest.mark.parametrize("kind", ["at+jwt", "AT+JWT", "application/at+jwt"])
@pytest.mark.clause("RFC 9068, 4")
async def test_an_access_tokens_type_may_be_written_in_full(kind: str) -> None:
    assert (await _verifier().identify(f"Bearer {_token(header=_header(typ=kind))}")).client_id == "c"


@pytest.mark.parametrize("kind", ["JWT", "id_token", None])
@pytest.mark.clause("RFC 9068, 4")
async def test_another_kind_of_token_is_refused(kind: str | None) -> None:
    with pytest.raises(NotAuthenticated):
        await _verifier().identify(f"Bearer {_token(header=_header(typ=kind))}")


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "http://other.test"},
        {"iss": None},
        {"aud": "other"},
        {"aud": []},
        {"aud": None},
        {"exp": int(time.time()) - 60},
        {"exp": None},
        {"exp": "tomorrow"},
        {"nbf": int(time.time()) + 86_400},
        {"grants": [{"actions": ["read"]}]},
        {"grants": ["all"]},
        {"grants": [{"tenant": "a", "actions": 1}]},
    ],
)
async def test_wrong_claims_are_refused(claims: dict[str, object]) -> None:
    with pytest.raises(NotAuthenticated):
        await _verifier().identify(f"Bearer {_token(_claims(**claims))}")


async def test_an_audience_among_several_is_accepted() -> None:
    assert (await _verifier().identify(f"Bearer {_token(_claims(aud=['other', 'hiroba']))}")).client_id == "c"


async def test_a_token_without_grants_grants_nothing() -> None:
    principal = await _verifier().identify(f"Bearer {_token(_claims(grants=None))}")
    assert principal.grants == ()
    with pytest.raises(NotAllowed):
        principal.require("read", "fukui")


async def test_a_token_signed_with_the_public_key_as_a_shared_secret_is_refused() -> None:
    public = KEY.as_dict(private=False)
    for secret in (KEY.as_pem(private=False), KEY.as_der(private=False), str(public["x"]).encode(), b""):
        signed = _unsigned(_header(alg="HS256"))
        forged = f"{signed}.{_base64(hmac.digest(secret, signed.encode(), 'sha256'))}"
        with pytest.raises(NotAuthenticated):
            await _verifier().identify(f"Bearer {forged}")


async def test_an_unsigned_token_is_refused() -> None:
    for algorithm in ("none", "None", "NONE", "", None):
        for signature in (".", ".x", ""):
            with pytest.raises(NotAuthenticated):
                await _verifier().identify(f"Bearer {_unsigned(_header(alg=algorithm))}{signature}")


async def test_a_token_of_another_key_or_algorithm_under_a_known_identifier_is_refused() -> None:
    for key, algorithm in ((_key("one"), "ES256"), (RSAKey.generate_key(2048), "RS256")):
        with pytest.raises(NotAuthenticated):
            await _verifier().identify(f"Bearer {_token(header=_header(alg=algorithm), key=key)}")


async def test_a_token_that_brings_its_own_key_is_refused() -> None:
    other = _key("one")
    with pytest.raises(NotAuthenticated):
        await _verifier().identify(f"Bearer {_token(header=_header(jwk=other.as_dict(private=False)), key=other)}")


async def test_a_token_that_names_no_key_is_refused() -> None:
    with pytest.raises(NotAuthenticated):
        await _verifier().identify(f"Bearer {_token(header=_header(kid=None))}")


async def test_an_encrypted_token_is_refused() -> None:
    key = OctKey.import_key("0" * 32)
    text = jwe.encrypt_compact({"alg": "dir", "enc": "A256GCM", "kid": "one"}, b"{}", key)
    with pytest.raises(NotAuthenticated):
        await _verifier().identify(f"Bearer {text}")


async def test_a_changed_token_is_refused_although_the_original_is_known() -> None:
    verifier = _verifier()
    token = _token()
    await verifier.identify(f"Bearer {token}")
    other = _token(_claims(grants=[{"tenant": "*", "actions": ["*"]}]), key=_key("one"))
    head, _, signature = token.split(".")
    with pytest.raises(NotAuthenticated):
        await verifier.identify(f"Bearer {head}.{other.split('.')[1]}.{signature}")


@given(st.one_of(st.text(max_size=80), st.builds("Bearer {}".format, st.text(max_size=80))))
async def test_any_nonsense_is_refused_as_such(header: str) -> None:
    with pytest.raises(NotAuthenticated):
        await _verifier().identify(header)


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Basic YTpi", "Bearer " + "a" * 70_000, "Bearer é.é.é"])
async def test_a_header_that_is_no_bearer_token_is_refused(header: str) -> None:
    with pytest.raises(NotAuthenticated):
        await _verifier().identify(header)


async def test_without_a_token_only_the_open_profile_lets_in() -> None:
    assert await _verifier(is_open=True).identify(None) is OPEN
    with pytest.raises(NotAuthenticated):
        await _verifier().identify(None)


async def test_the_open_profile_still_refuses_a_bad_token() -> None:
    with pytest.raises(NotAuthenticated):
        await _verifier(is_open=True).identify("Bearer x.y.z")


async def test_a_verified_token_is_not_verified_again_and_ends_with_its_lifetime(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    source = Source(KEY)
    verifier = _verifier(source)
    header = f"Bearer {_token()}"
    first = await verifier.identify(header)
    assert await verifier.identify(header) is first
    later = time.time() + 700
    monkeypatch.setattr(time, "time", lambda: later)
    with pytest.raises(NotAuthenticated):
        await verifier.identify(header)


async def test_a_token_of_a_new_key_makes_the_keys_fetched_again(monkeypatch: pytest.MonkeyPatch) -> None:
    source, new = Source(KEY), _key("two")
    verifier = _verifier(source)
    await verifier.identify(f"Bearer {_token()}")
    source.keys.append(new)
    token = f"Bearer {_token(header=_header(kid='two'), key=new)}"
    start = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: start + 6)
    assert (await verifier.identify(token)).client_id == "c"
    assert source.asked == 2


async def test_unknown_keys_make_the_issuer_asked_at_most_every_five_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    source = Source(KEY)
    cache = KeyCache(source)
    start = time.monotonic()
    for second in range(20):
        monkeypatch.setattr(time, "monotonic", lambda at=start + second: at)
        assert await cache.find(f"unknown-{second}") is None
    assert source.asked == 4


async def test_known_keys_serve_on_while_the_issuer_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    source = Source(KEY)
    cache = KeyCache(source)
    await cache.find("one")
    source.is_away = True
    start = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: start + 3600)
    assert await cache.find("one") is not None
    assert await cache.find("one") is not None
    assert source.asked == 2


async def test_without_any_key_the_caller_is_told_to_try_again(monkeypatch: pytest.MonkeyPatch) -> None:
    source = Source(KEY)
    source.is_away = True
    verifier = _verifier(source)
    for _ in range(3):
        with pytest.raises(Unavailable):
            await verifier.identify(f"Bearer {_token()}")
    assert source.asked == 1
    source.is_away = False
    start = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: start + 2)
    assert (await verifier.identify(f"Bearer {_token()}")).client_id == "c"


async def test_a_withdrawn_key_ends_its_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    other = _key("two")
    source = Source(KEY, other)
    verifier = _verifier(source)
    header = f"Bearer {_token(_claims(exp=int(time.time()) + 3600))}"
    await verifier.identify(header)
    source.keys = [other]
    now, start = time.time(), time.monotonic()
    monkeypatch.setattr(time, "time", lambda: now + 301)
    monkeypatch.setattr(time, "monotonic", lambda: start + 301)
    with pytest.raises(NotAuthenticated):
        await verifier.identify(header)


@pytest.mark.parametrize(
    ("granted", "asked", "expected"),
    [
        ("/#", "/", True),
        ("/#", "/a/b", True),
        ("/#", "/#", True),
        ("/", "/", True),
        ("/", "/a", False),
        ("/", "/#", False),
        ("/a", "/a", True),
        ("/a", "/a/b", False),
        ("/a", "/a/#", False),
        ("/a/#", "/a", True),
        ("/a/#", "/a/#", True),
        ("/a/#", "/a/b/#", True),
        ("/a/#", "/ab", False),
        ("/a/#", "/", False),
        ("/a/#", "/#", False),
        ("/a/b/#", "/a/#", False),
    ],
)
def test_a_grants_path_covers_what_lies_in_it(granted: str, asked: str, expected: object) -> None:
    assert Grant("t", ("read",), granted).covers("read", "t", asked) is expected


def test_a_grant_covers_its_tenant_and_actions_only() -> None:
    grant = Grant("a", ("read",))
    assert grant.covers("read", "a", "/")
    assert not grant.covers("write", "a", "/")
    assert not grant.covers("read", "b", "/")
    assert not grant.covers("read", "*", "/")
    assert not Grant("", ("read",)).covers("read", "a", "/")


def test_a_grant_over_some_types_covers_only_what_names_one_of_them() -> None:
    principal = Principal("c", "c", (Grant("a", ("read",), "/#", ("River",)), Grant("a", ("read",), "/x/#", ("*",))))
    principal.require("read", "a", ["/"], ["River"])
    principal.require("read", "a", ["/x"], ["Park"])
    for paths, types in ((["/"], ["*"]), (["/"], ["River", "Park"]), (["/", "/x"], ["Park"])):
        with pytest.raises(NotAllowed):
            principal.require("read", "a", paths, types)


def test_every_path_asked_for_must_be_granted() -> None:
    principal = Principal("c", "c", (Grant("a", ("read",), "/public/#"),))
    principal.require("read", "a", ["/public/a", "/public/#"])
    with pytest.raises(NotAllowed, match="service path /protected/b"):
        principal.require("read", "a", ["/public/a", "/protected/b"])
