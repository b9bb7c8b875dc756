"""The token endpoint in the dialect of OAuth (RFC 6749), and what discovery tells."""

import base64
import statistics
import time
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from services.kernel.identity import TokenVerifier
from tests.integration.auth.conftest import Guarded
from tests.support.auth import Login, ask_token, grant

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def _basic(name: str, secret: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode()}


@pytest.fixture
async def login(guarded: Guarded) -> Login:
    await guarded.client.put("/tenants/fukui", json={"code": "180009"})
    return await guarded.registered(grant("fukui", "read", "write"), grant("", "read"))


async def _claims(client: httpx.AsyncClient, token: str) -> dict[str, Any]:
    keys = KeySet.import_key_set((await client.get("/jwks.json")).json())
    claims: dict[str, Any] = jwt.decode(token, keys, algorithms=["ES256"]).claims
    return claims


@pytest.mark.clause("RFC 6749, 4.4 and 5.1")
async def test_a_client_gets_a_token_with_its_grants(guarded: Guarded, login: Login) -> None:
    answer = await ask_token(guarded.client, login)
    body = answer.json()
    assert (answer.headers["cache-control"], answer.headers["pragma"]) == ("no-store", "no-cache")
    assert (body["token_type"], body["expires_in"], body["scope"]) == ("Bearer", 600, "read write")
    claims = await _claims(guarded.client, body["access_token"])
    assert claims["grants"] == [grant("fukui", "read", "write"), grant("", "read")]
    assert (claims["iss"], claims["aud"]) == (guarded.settings.issuer, "hiroba")
    assert (claims["sub"], claims["client_id"]) == (login.client_id, login.client_id)
    assert claims["exp"] - claims["iat"] == 600


@pytest.mark.clause("RFC 6749, 2.3.1")
async def test_a_client_may_authenticate_in_the_form(guarded: Guarded, login: Login) -> None:
    form = {"grant_type": "client_credentials", "client_id": login.client_id, "client_secret": login.secret}
    answer = await guarded.client.post("/oauth/token", data=form, headers={"Authorization": ""})
    assert answer.status_code == 401  # an empty header is a failed attempt at authentication
    del guarded.client.headers["Authorization"]
    assert (await guarded.client.post("/oauth/token", data=form)).status_code == 200


@pytest.mark.clause("RFC 6749, 3.3")
async def test_a_scope_narrows_the_token(guarded: Guarded, login: Login) -> None:
    body = (await ask_token(guarded.client, login, scope="write")).json()
    assert body["scope"] == "write"
    assert (await _claims(guarded.client, body["access_token"]))["grants"] == [grant("fukui", "write")]


@pytest.mark.parametrize(
    "form", [{"resource": "https://hub.example.jp/ngsi-ld"}, {"audience": "hiroba"}, {"scope": ""}]
)
async def test_what_a_token_is_for_may_be_told(guarded: Guarded, login: Login, form: dict[str, str]) -> None:
    assert (await ask_token(guarded.client, login, **form)).status_code == 200


REFUSED = [
    ({"scope": "admin"}, "invalid_scope"),
    ({"scope": "read fly"}, "invalid_scope"),
    ({"scope": "*"}, "invalid_scope"),
    ({"grant_type": "password"}, "unsupported_grant_type"),
    ({"grant_type": '"パスワード"'}, "unsupported_grant_type"),
    ({"grant_type": "authorization_code", "code": "x"}, "unauthorized_client"),
    ({"grant_type": ""}, "invalid_request"),
    ({"resource": "hub"}, "invalid_target"),
    ({"resource": "https://hub.example.jp/#part"}, "invalid_target"),
    ({"resource": "https://[hub"}, "invalid_target"),
    ({"audience": "other"}, "invalid_target"),
]


@pytest.mark.clause("RFC 6749, 5.2")
async def test_a_refused_request_says_why(guarded: Guarded, login: Login) -> None:
    for form, error in REFUSED:
        answer = await ask_token(guarded.client, login, **form)
        assert (answer.status_code, answer.json()["error"]) == (400, error), form
        assert set(answer.json()) == {"error", "error_description"}
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["cache-control"] == "no-store"


UNREADABLE = [
    b"grant_type=client_credentials&grant_type=client_credentials",
    b"grant_type=client_credentials&scope=read&scope=write",
    b"scope=read",
    b"",
    b"grant_type=client_credentials&x=%ff",
    b"\xff\xfe",
    b"&".join(b"a%d=1" % number for number in range(200)),
]


@pytest.mark.clause("RFC 6749, 3.2")
async def test_a_form_that_cannot_be_understood_is_refused(guarded: Guarded, login: Login) -> None:
    headers = FORM | _basic(login.client_id, login.secret)
    for content in UNREADABLE:
        answer = await guarded.client.post("/oauth/token", content=content, headers=headers)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_a_body_that_is_no_form_is_refused(guarded: Guarded, login: Login) -> None:
    headers = _basic(login.client_id, login.secret)
    answer = await guarded.client.post("/oauth/token", json={"grant_type": "client_credentials"}, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_a_huge_form_is_refused(guarded: Guarded) -> None:
    answer = await guarded.client.post("/oauth/token", content=b"a=" + b"x" * 70_000, headers=FORM)
    assert answer.status_code == 413


async def test_two_ways_to_authenticate_at_once_are_refused(guarded: Guarded, login: Login) -> None:
    answer = await ask_token(guarded.client, login, client_id=login.client_id, client_secret=login.secret)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


UNAUTHENTICATED = [
    _basic("nobody", "secret"),
    _basic("administrator", "wrong"),
    _basic("administrator", ""),
    _basic("", ""),
    _basic("\x00", "\x00"),
    {"Authorization": "Basic !!!"},
    {"Authorization": "Basic " + base64.b64encode(b"no-colon").decode()},
    {"Authorization": "Basic " + base64.b64encode(b"\xff:\xff").decode()},
    {"Authorization": "Basic"},
    {"Authorization": "Bearer x"},
    {"Authorization": "Digest a:b"},
]


@pytest.mark.clause("RFC 6749, 5.2: invalid_client")
async def test_who_does_not_authenticate_is_refused_and_told_how(guarded: Guarded) -> None:
    for header in UNAUTHENTICATED:
        answer = await guarded.client.post("/oauth/token", data={"grant_type": "client_credentials"}, headers=header)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client"), answer.request.headers
        assert answer.headers["www-authenticate"].startswith("Basic ")
        assert answer.headers["cache-control"] == "no-store"


async def test_a_client_that_only_identifies_itself_is_refused(guarded: Guarded, login: Login) -> None:
    del guarded.client.headers["Authorization"]
    for form in ({}, {"client_id": login.client_id}, {"client_id": login.client_id, "client_secret": ""}):
        wanted = {"grant_type": "client_credentials", **form}
        answer = await guarded.client.post("/oauth/token", data=wanted)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client"), answer.request.headers


@pytest.mark.usefixtures("full_hashes")
async def test_unknown_suspended_and_wrong_cannot_be_told_apart(guarded: Guarded, login: Login) -> None:
    suspended = await guarded.registered(grant("", "read"))
    await guarded.client.patch(f"/clients/{suspended.client_id}", json={"status": "suspended"})
    attempts = (suspended, Login("c-unknown", "secret"), Login(login.client_id, "wrong"))
    answers = [await ask_token(guarded.client, attempt) for attempt in attempts]
    assert len({(answer.status_code, answer.text) for answer in answers}) == 1
    # The processor's time, as a busy machine makes anything wait.
    times: dict[str, list[float]] = {attempt.client_id: [] for attempt in attempts}
    for attempt in attempts * 9:
        started = time.process_time()
        await ask_token(guarded.client, Login(attempt.client_id, "wrong"))
        times[attempt.client_id].append(time.process_time() - started)
    medians = [statistics.median(taken) for taken in times.values()]
    assert max(medians) < 2 * min(medians)


@pytest.mark.usefixtures("full_hashes")
async def test_repeated_tokens_do_not_pay_for_argon2_again(guarded: Guarded, login: Login) -> None:
    await ask_token(guarded.client, login)
    taken: dict[int, float] = {200: 0, 401: 0}
    for _ in range(15):
        for secret in (login.secret, "wrong"):
            started = time.process_time()
            answer = await ask_token(guarded.client, Login(login.client_id, secret))
            taken[answer.status_code] += time.process_time() - started
    assert taken[200] < 0.7 * taken[401]


async def test_the_endpoint_is_posted_to(guarded: Guarded) -> None:
    answer = await guarded.client.get("/oauth/token")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize("path", ["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"])
@pytest.mark.clause("RFC 8414, 2 and 3")
async def test_discovery_tells_what_there_is_and_no_more(guarded: Guarded, path: str) -> None:
    body = (await guarded.client.get(path, headers={"Authorization": ""})).json()
    issuer = guarded.settings.issuer
    assert body["issuer"] == issuer
    assert body["response_types_supported"] == ["code"]
    endpoints = {name: url for name, url in body.items() if name.endswith(("_endpoint", "_uri"))}
    assert {"authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri"} <= set(endpoints)
    for url in endpoints.values():
        assert (await guarded.client.options(url.removeprefix(issuer))).status_code == 405, url


async def test_a_token_of_auth_is_understood_by_every_service(guarded: Guarded, login: Login) -> None:
    async def keys() -> dict[str, Any]:
        answer: dict[str, Any] = (await guarded.client.get("/jwks.json")).json()
        return answer

    verifier = TokenVerifier(guarded.settings.issuer, guarded.settings.auth_url, is_open=False, keys=keys)
    principal = await verifier.identify((await guarded.headers(login))["Authorization"])
    assert principal.client_id == login.client_id
    principal.require("write", "fukui", ["/river"])
