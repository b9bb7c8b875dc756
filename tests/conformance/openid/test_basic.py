"""Modules of the OpenID Foundation's plan `oidcc-basic-certification-test-plan`, each as a test."""

import asyncio
import time
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from joserfc import jws

from tests.conformance.openid.conftest import Provider
from tests.support.openid import CALLBACK, LOGIN, App, Browser, challenge

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def _claims(provider: Provider, app: App, **parameters: str | None) -> dict[str, Any]:
    return await provider.claims((await provider.tokens(app, **parameters))["id_token"])


async def _info(provider: Provider, app: App, **parameters: str | None) -> dict[str, Any]:
    return dict((await app.userinfo((await provider.tokens(app, **parameters))["access_token"])).json())


async def test_a_code_is_exchanged_for_tokens(provider: Provider, app: App) -> None:
    """oidcc-server"""
    page = await provider.arrive(app)
    assert page.answer["state"] == "state-1"
    assert page.answer["iss"] == "http://hub.test"
    answer = await app.exchange(page.answer["code"])
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    claims = await provider.claims(answer.json()["id_token"])
    assert claims["aud"] == app.client_id
    assert claims["nonce"] == "nonce-1"
    assert claims["sub"] == provider.user["user_id"]
    assert claims["exp"] > claims["iat"] >= claims["auth_time"]
    assert answer.json()["token_type"] == "Bearer"
    assert "refresh_token" not in answer.json()
    assert LOGIN not in str(claims)


async def test_a_request_without_a_response_type_is_refused(provider: Provider, app: App) -> None:
    """oidcc-response-type-missing"""
    page = await provider.browser.open(app.address(response_type=None))
    assert page.is_callback
    assert (page.answer["error"], page.answer["state"]) == ("invalid_request", "state-1")


async def test_an_id_token_is_signed_with_a_published_key(provider: Provider, app: App) -> None:
    """oidcc-idtoken-signature"""
    token = (await provider.tokens(app))["id_token"]
    header = jws.extract_compact(token.encode()).headers()
    published = (await provider.hub.get("/jwks.json")).json()["keys"]
    assert header["alg"] == "ES256"
    assert header["kid"] in {key["kid"] for key in published}
    await provider.claims(token)


async def test_unsigned_id_tokens_are_not_to_be_had(provider: Provider) -> None:
    """oidcc-idtoken-unsigned"""
    given = {"redirect_uris": [CALLBACK], "id_token_signed_response_alg": "none"}
    refused = await provider.hub.post("/oauth/register", json=given, headers=provider.headers)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_client_metadata")


async def test_userinfo_answers_a_get(provider: Provider, app: App) -> None:
    """oidcc-userinfo-get"""
    assert await _info(provider, app) == {"sub": provider.user["user_id"]}


async def test_userinfo_answers_a_post_with_the_token_in_the_header(provider: Provider, app: App) -> None:
    """oidcc-userinfo-post-header"""
    token = (await provider.tokens(app))["access_token"]
    answer = await app.hub.post("/oauth/userinfo", headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json()) == (200, {"sub": provider.user["user_id"]})


async def test_userinfo_answers_a_post_with_the_token_in_the_form(provider: Provider, app: App) -> None:
    """oidcc-userinfo-post-body"""
    token = (await provider.tokens(app))["access_token"]
    answer = await app.hub.post("/oauth/userinfo", data={"access_token": token})
    assert (answer.status_code, answer.json()["sub"]) == (200, provider.user["user_id"])


async def test_a_request_needs_no_nonce(provider: Provider, app: App) -> None:
    """oidcc-ensure-request-without-nonce-succeeds-for-code-flow"""
    assert "nonce" not in await _claims(provider, app, nonce=None)


async def test_the_scope_profile_tells_the_name(provider: Provider, app: App) -> None:
    """oidcc-scope-profile"""
    told = await _info(provider, app, scope="openid profile")
    assert (told["name"], told["preferred_username"]) == ("高松 花子", LOGIN)
    assert (told["tenant"], told["municipality_code"], told["ial"]) == ("takamatsu", "372013", 1)
    assert isinstance(told["updated_at"], int)
    assert "email" not in told


async def test_the_scope_email_tells_the_address(provider: Provider, app: App) -> None:
    """oidcc-scope-email"""
    told = await _info(provider, app, scope="openid email")
    assert told == {"sub": provider.user["user_id"], "email": LOGIN, "email_verified": False}


@pytest.mark.parametrize("scope", ["address", "phone"])
async def test_a_scope_that_is_not_known_tells_nothing(provider: Provider, app: App, scope: str) -> None:
    """oidcc-scope-address, oidcc-scope-phone: neither is in scopes_supported"""
    assert scope not in (await provider.hub.get("/.well-known/openid-configuration")).json()["scopes_supported"]
    assert await _info(provider, app, scope=f"openid {scope}") == {"sub": provider.user["user_id"]}


async def test_all_scopes_together_tell_all(provider: Provider, app: App) -> None:
    """oidcc-scope-all"""
    told = await _info(provider, app, scope="openid profile email address phone")
    assert {"name", "email", "updated_at"} <= told.keys()


async def test_the_order_of_scopes_does_not_matter(provider: Provider, app: App) -> None:
    """oidcc-ensure-other-scope-order-succeeds"""
    assert (await _info(provider, app, scope="email openid"))["email"] == LOGIN


@pytest.mark.parametrize("display", ["page", "popup"])
async def test_a_wish_for_the_display_is_no_obstacle(provider: Provider, app: App, display: str) -> None:
    """oidcc-display-page, oidcc-display-popup"""
    assert "code" in (await provider.arrive(app, display=display)).answer


async def test_prompt_login_asks_for_the_password_again(provider: Provider, app: App) -> None:
    """oidcc-prompt-login"""
    first = await _claims(provider, app)
    await asyncio.sleep(1.1)  # auth_time counts whole seconds
    page = await provider.browser.open(app.address(prompt="login"))
    assert "password" in page.form.fields
    second = await _claims(provider, app, prompt="login")
    assert second["auth_time"] > first["auth_time"]
    assert second["sub"] == first["sub"]


async def test_prompt_none_without_a_session_is_refused(provider: Provider, app: App) -> None:
    """oidcc-prompt-none-not-logged-in"""
    page = await provider.browser.open(app.address(prompt="none"))
    assert (page.answer["error"], page.answer["state"]) == ("login_required", "state-1")


async def test_prompt_none_with_a_session_shows_nothing(provider: Provider, app: App) -> None:
    """oidcc-prompt-none-logged-in"""
    first = await _claims(provider, app)
    page = await provider.browser.open(app.address(prompt="none"))
    second = await provider.claims((await app.exchange(page.answer["code"])).json()["id_token"])
    assert (second["auth_time"], second["sub"]) == (first["auth_time"], first["sub"])


async def test_an_old_session_is_renewed_for_max_age(provider: Provider, app: App) -> None:
    """oidcc-max-age-1"""
    first = await _claims(provider, app)
    await asyncio.sleep(2.1)  # max_age counts whole seconds
    page = await provider.browser.open(app.address(max_age="1"))
    assert "password" in page.form.fields
    arrived = await provider.browser.sign_in(page, LOGIN)
    second = await provider.claims((await app.exchange(arrived.answer["code"])).json()["id_token"])
    assert second["auth_time"] > first["auth_time"]


async def test_a_young_session_is_enough_for_max_age(provider: Provider, app: App) -> None:
    """oidcc-max-age-10000"""
    first = await _claims(provider, app)
    page = await provider.browser.open(app.address(max_age="10000"))
    second = await provider.claims((await app.exchange(page.answer["code"])).json()["id_token"])
    assert second["auth_time"] == first["auth_time"]


async def test_parameters_that_are_not_known_are_passed_over(provider: Provider, app: App) -> None:
    """oidcc-ensure-request-with-unknown-parameter-succeeds"""
    assert "code" in (await provider.arrive(app, extra="foobar")).answer


async def test_an_id_token_hint_names_who_is_signed_in(provider: Provider, app: App) -> None:
    """oidcc-id-token-hint"""
    hint = (await provider.tokens(app))["id_token"]
    page = await provider.browser.open(app.address(prompt="none", id_token_hint=hint))
    assert "code" in page.answer


async def test_a_login_hint_fills_in_the_login(provider: Provider, app: App) -> None:
    """oidcc-login-hint"""
    page = await provider.browser.open(app.address(login_hint=LOGIN))
    assert page.form.fields["login"] == LOGIN


async def test_the_page_is_in_the_language_that_the_application_wishes(provider: Provider, app: App) -> None:
    """oidcc-ui-locales"""
    for locales, language in (("en ja", "en"), ("fr ja", "ja"), ("se", "ja")):
        assert (await provider.browser.open(app.address(ui_locales=locales))).language == language
    assert "code" in (await provider.arrive(app, ui_locales="se")).answer


async def test_a_wish_for_the_language_of_claims_is_no_obstacle(provider: Provider, app: App) -> None:
    """oidcc-claims-locales"""
    assert "code" in (await provider.arrive(app, claims_locales="se")).answer


async def test_a_wish_for_an_acr_is_answered_with_the_one_reached(provider: Provider, app: App) -> None:
    """oidcc-ensure-request-with-acr-values-succeeds"""
    claims = await _claims(provider, app, acr_values="urn:hiroba:acr:ial1:aal2 1 2")
    assert (claims["acr"], claims["amr"]) == ("urn:hiroba:acr:ial1:aal1", ["pwd"])


async def test_a_code_works_once(provider: Provider, app: App) -> None:
    """oidcc-codereuse"""
    code = (await provider.arrive(app)).answer["code"]
    assert (await app.exchange(code)).status_code == 200
    again = await app.exchange(code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")


async def test_a_code_that_comes_again_ends_what_came_of_it(provider: Provider, app: App) -> None:
    """oidcc-codereuse-30seconds: the time does not matter, a used code is remembered"""
    code = (await provider.arrive(app)).answer["code"]
    token = (await app.exchange(code)).json()["access_token"]
    assert (await app.userinfo(token)).status_code == 200
    assert (await app.exchange(code)).status_code == 400
    refused = await app.userinfo(token)
    assert refused.status_code == 401
    assert 'error="invalid_token"' in refused.headers["www-authenticate"]


async def test_an_address_that_is_not_registered_is_never_returned_to(provider: Provider, app: App) -> None:
    """oidcc-ensure-registered-redirect-uri"""
    page = await provider.browser.open(app.address(redirect_uri="https://app.test/elsewhere"))
    assert (page.is_callback, page.status) == (False, 400)
    assert "form" not in page.text


async def test_a_request_may_come_by_post(provider: Provider, app: App) -> None:
    """oidcc-ensure-post-request-succeeds"""
    query = httpx.URL(app.address()).params
    page = await provider.browser.through(await provider.browser.post("/oauth/authorize", dict(query)), LOGIN)
    assert "code" in page.answer


async def test_a_client_may_send_its_secret_in_the_form(provider: Provider) -> None:
    """oidcc-server-client-secret-post"""
    app = await provider.app(token_endpoint_auth_method="client_secret_post")
    claims = await _claims(provider, app)
    assert claims["aud"] == app.client_id


async def test_a_request_uri_is_refused_as_unsupported(provider: Provider, app: App) -> None:
    """oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported"""
    page = await provider.browser.open(app.address(request_uri="https://app.test/request.jwt"))
    assert page.answer["error"] == "request_uri_not_supported"


async def test_a_request_object_is_refused_as_unsupported(provider: Provider, app: App) -> None:
    """oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported"""
    page = await provider.browser.open(app.address(request="eyJhbGciOiJub25lIn0.e30."))
    assert page.answer["error"] == "request_not_supported"


async def test_claims_can_be_asked_for_one_by_one(provider: Provider, app: App) -> None:
    """oidcc-claims-essential"""
    asked = '{"userinfo": {"name": {"essential": true}}, "id_token": {"preferred_username": null}}'
    tokens = await provider.tokens(app, claims=asked)
    told = (await app.userinfo(tokens["access_token"])).json()
    assert told == {"sub": provider.user["user_id"], "name": "高松 花子"}
    assert (await provider.claims(tokens["id_token"]))["preferred_username"] == LOGIN


async def test_an_address_in_a_request_object_is_not_followed(provider: Provider, app: App) -> None:
    """oidcc-ensure-request-object-with-redirect-uri: request objects are refused, whatever they hold"""
    page = await provider.browser.open(app.address(request="eyJhbGciOiJub25lIn0.e30.", redirect_uri=CALLBACK))
    assert page.url.startswith(CALLBACK + "?")
    assert page.answer["error"] == "request_not_supported"


async def test_a_refresh_token_gives_new_tokens(provider: Provider) -> None:
    """oidcc-refresh-token"""
    app = await provider.app(grant_types=["authorization_code", "refresh_token"])
    other = await provider.app(grant_types=["authorization_code", "refresh_token"])
    first = await provider.tokens(app, scope="openid offline_access", prompt="consent")
    stolen = await other.token(grant_type="refresh_token", refresh_token=first["refresh_token"])
    assert (stolen.status_code, stolen.json()["error"]) == (400, "invalid_grant")
    second = (await app.token(grant_type="refresh_token", refresh_token=first["refresh_token"])).json()
    before, after = await provider.claims(first["id_token"]), await provider.claims(second["id_token"])
    same = ("iss", "sub", "aud", "auth_time", "sid")
    assert {name: before[name] for name in same} == {name: after[name] for name in same}
    assert "nonce" not in after
    assert second["refresh_token"] != first["refresh_token"]
    assert (await app.userinfo(second["access_token"])).status_code == 200


async def test_a_code_may_be_bound_with_pkce(provider: Provider, app: App) -> None:
    """oidcc-ensure-request-with-valid-pkce-succeeds"""
    verifier, made = challenge()
    page = await provider.arrive(app, code_challenge=made, code_challenge_method="S256")
    assert (await app.exchange(page.answer["code"], code_verifier=verifier)).status_code == 200


async def test_signing_in_is_told_with_its_time(provider: Provider, app: App) -> None:
    """oidcc-server: auth_time is when the person signed in, not when the token was made"""
    browser = Browser(provider.hub)
    before = int(time.time())
    page = await provider.arrive(app, browser)
    claims = await provider.claims((await app.exchange(page.answer["code"])).json()["id_token"])
    assert before <= claims["auth_time"] <= int(datetime.now(UTC).timestamp())
