"""Modules of the OpenID Foundation's plan `oidcc-rp-initiated-logout-certification-test-plan`, each as a test."""

from urllib.parse import urlencode

import pytest
import pytest_asyncio

from tests.conformance.openid.conftest import Provider
from tests.support.openid import App, Page

pytestmark = pytest.mark.asyncio(loop_scope="module")
AFTERWARDS = "https://app.test/signed-out"


@pytest_asyncio.fixture(loop_scope="module")
async def app(provider: Provider) -> App:
    return await provider.app(post_logout_redirect_uris=[AFTERWARDS])


async def _leave(provider: Provider, **parameters: str) -> Page:
    return await provider.browser.open("/oauth/logout?" + urlencode(parameters))


async def _is_signed_in(provider: Provider, app: App) -> bool:
    return "code" in (await provider.browser.open(app.address(prompt="none"))).answer


async def test_the_end_session_endpoint_is_published(provider: Provider) -> None:
    """oidcc-rp-initiated-logout-discovery-endpoint-verification"""
    document = (await provider.hub.get("/.well-known/openid-configuration")).json()
    assert document["end_session_endpoint"] == "http://hub.test/oauth/logout"


async def test_an_application_signs_its_person_out(provider: Provider, app: App) -> None:
    """oidcc-rp-initiated-logout"""
    tokens = await provider.tokens(app)
    assert await _is_signed_in(provider, app)
    page = await _leave(provider, id_token_hint=tokens["id_token"], post_logout_redirect_uri=AFTERWARDS, state="s-1")
    assert page.url == f"{AFTERWARDS}?state=s-1"
    assert not await _is_signed_in(provider, app)
    assert (await app.userinfo(tokens["access_token"])).status_code == 401


async def test_a_hint_that_is_no_token_leads_nowhere(provider: Provider, app: App) -> None:
    """oidcc-rp-initiated-logout-bad-id-token-hint"""
    await provider.tokens(app)
    page = await _leave(provider, id_token_hint="not-a-token", post_logout_redirect_uri=AFTERWARDS)
    assert page.status == 400
    assert await _is_signed_in(provider, app)


async def test_an_address_that_is_not_registered_is_not_gone_to(provider: Provider, app: App) -> None:
    """oidcc-rp-initiated-logout-bad-post-logout-redirect-uri"""
    token = (await provider.tokens(app))["id_token"]
    page = await _leave(provider, id_token_hint=token, post_logout_redirect_uri="https://app.test/elsewhere")
    assert page.status == 400
    assert await _is_signed_in(provider, app)


async def test_a_hint_that_was_changed_leads_nowhere(provider: Provider, app: App) -> None:
    """oidcc-rp-initiated-logout-modified-id-token-hint"""
    header, payload, signature = (await provider.tokens(app))["id_token"].split(".")
    changed = ".".join((header, payload[:-4] + ("AAAA" if payload[-4:] != "AAAA" else "BBBB"), signature))
    page = await _leave(provider, id_token_hint=changed, post_logout_redirect_uri=AFTERWARDS, state="s")
    assert page.status == 400
    assert await _is_signed_in(provider, app)


async def test_without_a_hint_the_address_is_not_gone_to(provider: Provider, app: App) -> None:
    """oidcc-rp-initiated-logout-no-id-token-hint"""
    await provider.tokens(app)
    page = await _leave(provider, post_logout_redirect_uri=AFTERWARDS, state="s")
    assert page.status == 400
    asked = await _leave(provider, post_logout_redirect_uri=AFTERWARDS, state="s", client_id=app.client_id)
    assert asked.status == 200
    assert await _is_signed_in(provider, app)
    gone = await provider.browser.send(asked, decision="leave")
    assert gone.url == f"{AFTERWARDS}?state=s"
    assert not await _is_signed_in(provider, app)


async def test_without_anything_the_person_is_asked(provider: Provider, app: App) -> None:
    """oidcc-rp-initiated-logout-no-params"""
    await provider.tokens(app)
    asked = await _leave(provider)
    assert ("decision", "leave") in asked.form.buttons
    stayed = await provider.browser.send(asked, decision="stay")
    assert stayed.status == 200
    assert await _is_signed_in(provider, app)
    assert (await provider.browser.send(asked, decision="leave")).status == 200
    assert not await _is_signed_in(provider, app)


async def test_without_an_address_a_page_says_that_it_is_done(provider: Provider, app: App) -> None:
    """oidcc-rp-initiated-logout-no-post-logout-redirect-uri"""
    page = await _leave(provider, id_token_hint=(await provider.tokens(app))["id_token"], state="s")
    assert (page.is_callback, page.status) == (False, 200)
    assert not await _is_signed_in(provider, app)


async def test_without_a_state_none_comes_back(provider: Provider, app: App) -> None:
    """oidcc-rp-initiated-logout-no-state"""
    token = (await provider.tokens(app))["id_token"]
    page = await _leave(provider, id_token_hint=token, post_logout_redirect_uri=AFTERWARDS)
    assert page.url == AFTERWARDS


async def test_a_state_alone_leads_nowhere(provider: Provider, app: App) -> None:
    """oidcc-rp-initiated-logout-only-state"""
    await provider.tokens(app)
    page = await _leave(provider, state="s")
    assert (page.is_callback, page.status) == (False, 200)


async def test_an_address_with_an_added_query_is_another_one(provider: Provider, app: App) -> None:
    """oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri"""
    token = (await provider.tokens(app))["id_token"]
    page = await _leave(provider, id_token_hint=token, post_logout_redirect_uri=f"{AFTERWARDS}?foo=bar")
    assert page.status == 400
    assert await _is_signed_in(provider, app)
