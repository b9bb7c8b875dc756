"""What attackers try at the provider (RFC 9700), and what comes of it: nothing."""

import asyncio
import statistics
import time
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from tests.conformance.openid.conftest import Provider
from tests.support.client_keys import ASSERTION_TYPE, asserted, assertion, confused, new_key, published
from tests.support.openid import CALLBACK, LOGIN, PASSWORD, App, Browser, challenge

pytestmark = pytest.mark.asyncio(loop_scope="module")
PUBLIC = {"token_endpoint_auth_method": "none"}

VARIANTS = [
    "https://app.test/callback/",
    "https://app.test/Callback",
    "https://app.test/callback/../callback",
    "https://app.test/callback%2f",
    "https://app.test/callback?x=1",
    "https://app.test/callback#x",
    "https://app.test:443/callback",
    "https://app.test:8443/callback",
    "http://app.test/callback",
    "https://app.test.evil.test/callback",
    "https://evil.test/callback?https://app.test/callback",
    "https://app.test@evil.test/callback",
    "https://evil.test\\@app.test/callback",
    "//app.test/callback",
    "javascript:alert(1)",
    " https://app.test/callback",
    "https://app.test/callback\n",
]


@pytest.mark.parametrize("uri", VARIANTS)
async def test_a_variant_of_the_address_is_another_address(provider: Provider, app: App, uri: str) -> None:
    page = await provider.browser.open(app.address(redirect_uri=uri))
    assert (page.is_callback, page.status) == (False, 400)


@pytest.mark.parametrize(
    ("uri", "is_right"),
    [
        ("http://127.0.0.1:51234/callback", True),
        ("http://127.0.0.1/callback", True),
        ("http://127.0.0.1:51234/other", False),
        ("http://127.0.0.1:x@evil.test/callback", False),
        ("http://127.0.0.1.evil.test/callback", False),
        ("http://localhost:51234/callback", False),
        ("https://127.0.0.1:51234/callback", False),
        ("http://[::1]:51234/callback", False),
    ],
)
async def test_only_the_port_of_the_loopback_may_differ(provider: Provider, uri: str, is_right: bool) -> None:
    app = await provider.app(redirect_uris=["http://127.0.0.1:9000/callback"], application_type="native", **PUBLIC)
    _, made = challenge()
    page = await provider.browser.open(app.address(redirect_uri=uri, code_challenge=made, code_challenge_method="S256"))
    assert page.status == (200 if is_right else 400), page.url


@pytest.mark.parametrize(
    "uri",
    [
        "http://app.test/callback",
        "javascript:alert(1)",
        "data:text/html,x",
        "myapp:/callback",
        "https://user@app.test/callback",
        "https:///callback",
        "https://app.test/call back",
        "https://app.test/\u3042",
        "https://[app/callback",
    ],
)
async def test_addresses_that_leak_codes_are_not_registered(provider: Provider, uri: str) -> None:
    for kind in ("web", "native"):
        given = {"redirect_uris": [uri], "application_type": kind}
        answer = await provider.hub.post("/oauth/register", json=given)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_redirect_uri"), answer.text


@pytest.mark.clause("RFC 9700, 4.8.2")
@pytest.mark.parametrize(
    ("asked", "sent"),
    [
        ({}, {}),
        ({"code_challenge": "S"}, {"code_verifier": "wrong" * 10}),
        ({"code_challenge": "S"}, {}),
        ({"code_challenge": "S"}, {"code_verifier": "short"}),
    ],
)
async def test_a_public_client_gets_nothing_without_its_verifier(
    provider: Provider, asked: dict[str, str], sent: dict[str, str]
) -> None:
    app = await provider.app(**PUBLIC)
    if not asked:
        page = await provider.browser.open(app.address())
        assert page.answer["error"] == "invalid_request"
        return
    page = await provider.arrive(app, code_challenge=challenge()[1], code_challenge_method="S256")
    refused = await app.exchange(page.answer["code"], **sent)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")


async def test_pkce_is_not_downgraded(provider: Provider, app: App) -> None:
    for asked in ({"code_challenge": challenge()[0], "code_challenge_method": "plain"}, {"code_challenge": "a" * 43}):
        page = await provider.browser.open(app.address(**asked))
        assert page.answer["error"] == "invalid_request"
    code = (await provider.arrive(app)).answer["code"]
    refused = await app.exchange(code, code_verifier=challenge()[0])
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")


async def test_a_code_is_of_use_to_its_own_client_alone(provider: Provider, app: App) -> None:
    code = (await provider.arrive(app)).answer["code"]
    thief = await provider.app()
    assert (await thief.exchange(code)).json()["error"] == "invalid_grant"
    assert (await app.exchange(code, redirect_uri="https://app.test/elsewhere")).json()["error"] == "invalid_grant"
    assert (await app.exchange(code)).status_code == 200


async def test_of_exchanges_at_once_one_wins(provider: Provider, app: App) -> None:
    code = (await provider.arrive(app)).answer["code"]
    answers = await asyncio.gather(*(app.exchange(code) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [200, *[400] * 5]
    [won] = [answer.json() for answer in answers if answer.status_code == 200]
    assert (await app.userinfo(won["access_token"])).status_code == 401


async def test_tokens_of_another_algorithm_are_no_tokens(provider: Provider, app: App) -> None:
    tokens = await provider.tokens(app)
    header, payload, _ = tokens["access_token"].split(".")
    published_key = (await provider.hub.get("/jwks.json")).json()["keys"][0]
    claims = jwt.decode(tokens["access_token"], ECKey.import_key(published_key)).claims
    mixed_up = confused(ECKey.import_key(published_key), claims, kid=published_key["kid"], typ="at+jwt")
    forged = jwt.encode({"alg": "ES256", "kid": published_key["kid"], "typ": "at+jwt"}, claims, new_key())
    none = "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0." + payload + "."
    for token in (mixed_up, forged, none, f"{header}.{payload}.", tokens["id_token"]):
        assert (await app.userinfo(token)).status_code == 401, token
    assert (await app.userinfo(tokens["access_token"])).status_code == 200


async def test_an_access_token_is_no_hint(provider: Provider, app: App) -> None:
    token = (await provider.tokens(app))["access_token"]
    page = await provider.browser.open(app.address(prompt="none", id_token_hint=token))
    assert page.answer["error"] == "invalid_request"


@pytest.mark.clause("RFC 7523, 3")
async def test_assertions_are_used_once_and_by_their_own_client(provider: Provider) -> None:
    key, other = ECKey.generate_key("P-256", auto_kid=True), new_key()
    by_key = {"token_endpoint_auth_method": "private_key_jwt", "jwks": published(key)}
    app, victim = await provider.app(**by_key), await provider.app()
    once = assertion(app, key)
    form = {"token": "x", "client_assertion_type": ASSERTION_TYPE}
    assert (await provider.hub.post("/oauth/revoke", data={**form, "client_assertion": once})).status_code == 200
    now = int(time.time())
    bad = [
        once,
        assertion(app, other),
        assertion(app, key, aud="https://elsewhere.test"),
        assertion(app, key, exp=now - 60),
        assertion(app, key, exp=now + 86400),
        assertion(app, key, exp=None),
        assertion(app, key, jti=None),
        assertion(app, key, iss="c-somebody"),
        assertion(victim, key),
    ]
    for position, each in enumerate(bad):
        answer = await provider.hub.post("/oauth/revoke", data={**form, "client_assertion": each})
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client"), position
    claims = {"iss": app.client_id, "sub": app.client_id, "aud": "http://hub.test", "exp": now + 60, "jti": "j"}
    mixed_up = confused(key, claims, kid=key.kid)
    answer = await provider.hub.post("/oauth/revoke", data={**form, "client_assertion": mixed_up})
    assert answer.status_code == 401


async def test_a_client_uses_no_other_method_than_its_own(provider: Provider) -> None:
    key = new_key()
    app = await provider.app(token_endpoint_auth_method="private_key_jwt", jwks=published(key))
    for form in ({"client_id": app.client_id}, {"client_id": app.client_id, "client_secret": ""}):
        answer = await provider.hub.post("/oauth/revoke", data={"token": "x", **form})
        assert answer.status_code == 401, answer.text
    twice = {**asserted(app, key), "client_secret": "x", "client_id": app.client_id, "token": "x"}
    assert (await provider.hub.post("/oauth/revoke", data=twice)).json()["error"] == "invalid_request"


async def test_a_public_client_that_shows_a_secret_is_refused(provider: Provider) -> None:
    app = await provider.app(**PUBLIC)
    form = {"token": "x", "client_id": app.client_id}
    for shown in ({"auth": (app.client_id, "secret")}, {"headers": {"Authorization": "Bearer x"}}):
        answer = await provider.hub.post("/oauth/revoke", data=form, **shown)  # type: ignore[arg-type]
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert (await provider.hub.post("/oauth/revoke", data=form)).status_code == 200


@pytest.mark.clause("OAuth 2.1, 10.2")
async def test_the_address_may_be_left_out_where_pkce_binds_the_code(provider: Provider, app: App) -> None:
    verifier, digest = challenge()
    by_pkce = {"code_challenge": digest, "code_challenge_method": "S256"}
    for asked, sent, status in (({}, {}, 400), (by_pkce, {"code_verifier": verifier}, 200)):
        code = (await provider.arrive(app, **asked)).answer["code"]
        answer = await app.token(grant_type="authorization_code", code=code, **sent)
        assert answer.status_code == status, answer.text


async def test_a_form_of_another_site_does_nothing(provider: Provider, app: App) -> None:
    page = await provider.browser.open(app.address())
    request_id = page.form.fields["request"]
    fields = {"request": request_id, "login": LOGIN, "password": PASSWORD}
    for forged in ({}, {"csrf": "x"}):
        assert (await provider.browser.post("/oauth/sign-in", {**fields, **forged})).status == 400
    stranger = Browser(provider.hub)
    strange = await stranger.open(app.address())
    theirs = {**fields, "csrf": strange.form.fields["csrf"]}
    assert (await provider.browser.post("/oauth/sign-in", theirs)).status == 400
    assert (await stranger.post("/oauth/sign-in", theirs)).status == 404
    consented = await provider.browser.post("/oauth/consent", {"request": request_id, "decision": "allow"})
    assert consented.status == 400
    assert (await provider.browser.open(app.address(prompt="none"))).answer["error"] == "login_required"


async def test_a_session_is_not_fixed_from_outside(provider: Provider, app: App) -> None:
    provider.browser.client.cookies.set("hiroba-session", "chosen-by-somebody-else", domain="hub.test", path="/")
    await provider.arrive(app)
    values = [cookie.value for cookie in provider.browser.client.cookies.jar if cookie.name == "hiroba-session"]
    assert "chosen-by-somebody-else" not in values
    thief = Browser(provider.hub)
    thief.client.cookies.set("hiroba-session", "chosen-by-somebody-else", domain="hub.test", path="/")
    assert (await thief.open(app.address(prompt="none"))).answer["error"] == "login_required"


async def test_pages_cannot_be_framed_and_cookies_not_be_read(provider: Provider, app: App) -> None:
    first = await provider.browser.client.get(app.address(), follow_redirects=False)
    cookie = first.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    page = await provider.browser.client.get(first.headers["location"])
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert page.headers["x-frame-options"] == "DENY"
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"


async def test_what_an_application_calls_itself_is_text(provider: Provider) -> None:
    name = "<script>alert(1)</script>{{ t.sign_in }}"
    app = await provider.app(client_name=name)
    page = await provider.browser.open(app.address(login_hint='"><img src=x>', state="<b>"))
    assert "<script>alert" not in page.text
    assert "<img" not in page.text
    assert "{{ t.sign_in }}" in page.text


async def test_guessing_locks_the_person_out_and_tells_nothing(provider: Provider, app: App) -> None:
    body = {"login": "target@takamatsu.example.jp", "tenant": "takamatsu", "password": PASSWORD}
    assert (await provider.hub.post("/users", json=body, headers=provider.headers)).status_code == 201
    page = await provider.browser.open(app.address())
    texts = set()
    for login in (*[body["login"]] * 6, "nobody@takamatsu.example.jp"):
        answer = await provider.browser.sign_in(page, login, "wrong password")
        assert answer.status == 401
        texts.add(answer.text.replace(login, ""))
    assert len(texts) == 1
    assert (await provider.browser.sign_in(page, body["login"])).status == 401


async def test_the_time_of_a_sign_in_does_not_tell_who_exists(provider: Provider, app: App) -> None:
    page = await provider.browser.open(app.address())
    taken: dict[str, list[float]] = {LOGIN: [], "nobody@takamatsu.example.jp": []}
    for _ in range(4):
        for login, times in taken.items():
            started = time.process_time()
            assert (await provider.browser.sign_in(page, login, "wrong password")).status == 401
            times.append(time.process_time() - started)
    known, unknown = map(statistics.median, taken.values())
    assert 0.3 < known / unknown < 3
    await provider.browser.sign_in(page, LOGIN)  # the count of wrong ones begins anew


@pytest.mark.parametrize(
    "given",
    [
        {"status": "active"},
        {"client_id": "administrator"},
        {"client_secret": "chosen"},
        {"registration_access_token": "chosen"},
        {"grants": [{"tenant": "*", "actions": ["*"]}]},
        {"owner": "u-somebody"},
        {"sector": "elsewhere.test"},
    ],
)
async def test_an_application_gives_itself_nothing(provider: Provider, given: dict[str, Any]) -> None:
    answer = await provider.hub.post("/oauth/register", json={"redirect_uris": [CALLBACK], **given})
    assert answer.status_code == 201
    made = answer.json()
    assert made["client_id"].startswith("c-")
    assert "chosen" not in str(made)
    kept = await provider.hub.get(f"/clients/{made['client_id']}", headers=provider.headers)
    assert kept.json()["grants"] == []
    assert made.get("owner") is None


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"scope": "openid report"}, "invalid_client_metadata"),
        ({"grant_types": ["client_credentials"]}, "invalid_client_metadata"),
        ({"grant_types": ["implicit"]}, "invalid_client_metadata"),
        ({"response_types": ["token"]}, "invalid_client_metadata"),
        ({"redirect_uris": "https://app.test/callback"}, "invalid_redirect_uri"),
        ({"redirect_uris": []}, "invalid_redirect_uri"),
        ({"jwks": {"keys": [{"kty": "oct", "k": "A" * 43}]}}, "invalid_client_metadata"),
        ({"jwks": published(new_key()) | {"keys": [new_key().as_dict(private=True)]}}, "invalid_client_metadata"),
        ({"policy_uri": "javascript:alert(1)"}, "invalid_client_metadata"),
        ({"token_endpoint_auth_method": "private_key_jwt"}, "invalid_client_metadata"),
        ({"tenant": "takamatsu"}, "invalid_client_metadata"),
    ],
)
async def test_a_registration_that_asks_for_too_much_is_refused(
    provider: Provider, given: dict[str, Any], error: str
) -> None:
    answer = await provider.hub.post("/oauth/register", json={"redirect_uris": [CALLBACK], **given})
    if "tenant" in given:
        assert (answer.status_code, answer.json()["error"]) == (403, "insufficient_scope")
    else:
        assert (answer.status_code, answer.json()["error"]) == (400, error), answer.text


@pytest.mark.clause("RFC 7592, 2")
async def test_a_registration_is_changed_with_its_own_token_alone(provider: Provider, app: App) -> None:
    path = f"/oauth/register/{app.client_id}"
    other = await provider.app()
    for token in ("x", other.registered["registration_access_token"], ""):
        headers = {"Authorization": f"Bearer {token}"}
        for method in ("GET", "DELETE"):
            assert (await provider.hub.request(method, path, headers=headers)).status_code == 401
        assert (await provider.hub.put(path, json={}, headers=headers)).status_code == 401
    headers = {"Authorization": f"Bearer {app.registered['registration_access_token']}"}
    shown = (await provider.hub.get(path, headers=headers)).json()
    assert "client_secret" not in shown
    change = {"redirect_uris": [CALLBACK, "https://app.test/second"], "client_name": "新しい名前"}
    changed = await provider.hub.put(path, json=change, headers=headers)
    assert (changed.status_code, changed.json()["client_name"]) == (200, "新しい名前")
    assert (await provider.hub.get(path, headers=headers)).status_code == 401
    headers = {"Authorization": f"Bearer {changed.json()['registration_access_token']}"}
    assert (await provider.hub.delete(path, headers=headers)).status_code == 204
    assert (await provider.browser.open(app.address())).status == 400
