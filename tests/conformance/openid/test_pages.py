"""The pages in a real browser: passkeys from a virtual authenticator, signing in without JavaScript, no barriers."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from tests.conftest import AXE
from tests.support.browser import FLAGS
from tests.support.guarded_auth import guarded_settings, serving_auth, settle
from tests.support.openid import CALLBACK, LOGIN, PASSWORD, App, register_app
from tests.support.patience import LONGEST_S

_AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
async def app(database_url: str, tmp_path: Path) -> AsyncIterator[App]:
    """An application of a provider that browsers reach, and of which they take passkeys: at localhost."""
    async with serving_auth(guarded_settings(database_url, tmp_path, "localhost")) as hub:
        town = await settle(hub, tmp_path)
        yield await register_app(hub, town.headers)


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    expect.set_options(timeout=LONGEST_S * 1000)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        yield browser
        await browser.close()


async def _open(chromium: Browser, app: App, **options: Any) -> Page:
    context = await chromium.new_context(base_url=str(app.hub.base_url), locale="en", **options)
    context.set_default_timeout(LONGEST_S * 1000)
    page = await context.new_page()
    await page.route(f"{CALLBACK}**", lambda route: route.fulfill(status=200, body="back"))
    return page


async def _sign_in(page: Page) -> None:
    await page.get_by_label("Login name").fill(LOGIN)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in", exact=True).click()


async def _told(app: App, page: Page) -> dict[str, Any]:
    await page.wait_for_url(f"{CALLBACK}**")
    code = httpx.URL(page.url).params["code"]
    answer = await app.exchange(code)
    assert answer.status_code == 200, answer.text
    info: dict[str, Any] = (await app.userinfo(answer.json()["access_token"])).json()
    return info


@pytest.mark.needs("chromium")
async def test_a_passkey_of_a_browser_signs_its_person_in(chromium: Browser, app: App) -> None:
    page = await _open(chromium, app)
    session = await page.context.new_cdp_session(page)
    await session.send("WebAuthn.enable")
    await session.send("WebAuthn.addVirtualAuthenticator", {"options": _AUTHENTICATOR})
    await page.goto("/account")
    await _sign_in(page)
    await page.get_by_label("Name of the passkey").fill("My phone")
    await page.get_by_role("button", name="Add a passkey").click()
    await expect(page.get_by_text("My phone")).to_be_visible()
    await page.get_by_role("link", name="Sign out").click()
    await page.get_by_role("button", name="Sign out").click()
    await page.goto(app.address())
    await page.get_by_role("button", name="Sign in with a passkey").click()
    await page.get_by_role("button", name="Allow", exact=True).click()
    assert (await _told(app, page))["sub"].startswith("u-")


@pytest.mark.needs("chromium")
async def test_the_pages_need_no_javascript(chromium: Browser, app: App) -> None:
    page = await _open(chromium, app, java_script_enabled=False)
    await page.goto(app.address(response_mode="form_post"))
    await expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()
    await _sign_in(page)
    await page.get_by_role("button", name="Allow", exact=True).click()
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.post_data or "") if request.url == CALLBACK else None)
    await page.get_by_role("button", name="Continue").click()
    await page.wait_for_url(CALLBACK)
    assert "code=" in sent[0]


@pytest.mark.needs("chromium", "axe")
async def test_the_pages_have_no_barriers(chromium: Browser, app: App) -> None:
    page = await _open(chromium, app, bypass_csp=True)
    faults: list[str] = []

    async def look() -> None:
        await page.add_script_tag(path=AXE)
        found = await page.evaluate("axe.run()")
        faults.extend(f"{page.url} {each['id']}: {each['nodes'][0]['html']}" for each in found["violations"])

    await page.goto(app.address(prompt="consent"))
    await look()
    await page.get_by_label("Login name").fill(LOGIN)
    await page.get_by_label("Password").fill("wrong password")
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await expect(page.get_by_role("alert").first).to_be_visible()
    await look()
    await _sign_in(page)
    await page.get_by_role("button", name="Allow", exact=True).wait_for()
    await look()
    for path in ("/account", "/oauth/device", "/oauth/logout", "/oauth/continue?request=none"):
        await page.goto(path)
        await look()
    assert faults == []
