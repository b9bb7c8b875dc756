"""Signing in with external providers: npm's oidc-provider stands in for one."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc.jwk import ECKey

from services.auth.domain.openid.provider import read_providers
from services.auth.settings import AuthSettings
from services.kernel.settings import SettingsError, read_settings
from services.local.ports import free_port
from tests.support.guarded_auth import guarded_settings, serving_auth, settle
from tests.support.openid import LOGIN, App, Browser, Page, register_app

SCRIPT = Path(__file__).with_name("provider.mjs")
SECRET = {"client_id": "hub", "client_secret": "a secret of the hub"}


@dataclass(frozen=True)
class Town:
    """A hub with an application and a person, and a provider elsewhere."""

    app: App
    headers: dict[str, str]
    user: dict[str, Any]
    elsewhere: str

    def browser(self) -> Browser:
        """Return a new browser."""
        return Browser(self.app.hub, self.elsewhere)

    async def arrive(self, browser: Browser, page: Page, name: str, person: str) -> Page:
        """Sign in with a provider from a page to sign in; returns where that leads."""
        [address] = [each for each in page.links if f"/oauth/external/{name}?" in each]
        return await self.walk(browser, await browser.open(address), person)

    async def walk(self, browser: Browser, page: Page, person: str) -> Page:
        """Go through the provider's pages."""
        while page.url.startswith(self.elsewhere):
            filled = {"login": person, "password": "any"} if "login" in page.form.fields else {}
            page = await browser.send(page, **filled)
        return page

    async def claims(self, browser: Browser, page: Page) -> dict[str, Any]:
        """Let the application have what it asks for; returns what its ID token says of the sign-in."""
        arrived = page if page.is_callback else await browser.allow(page)
        tokens = (await self.app.exchange(arrived.answer["code"])).json()
        told: dict[str, Any] = (await self.app.userinfo(tokens["access_token"])).json()
        introspected = await self.app.hub.post(
            "/oauth/introspect",
            data={"token": tokens["access_token"]},
            auth=(self.app.client_id, self.app.registered["client_secret"]),
        )
        return {**told, "acr": introspected.json()["acr"]}


def _configured(elsewhere: str, key: ECKey) -> list[dict[str, Any]]:
    """Return the hub's providers: the one elsewhere twice, plainly and as a card's."""
    card = {"profile": "digital-auth-app", "client_id": "hub-by-key", "private_key": key.as_dict(private=True)}
    return [
        {"name": "plain", "issuer": elsewhere, "title": "隣町", "title_en": "Next town", **SECRET},
        {"name": "card", "issuer": elsewhere, "creates_in": "takamatsu", **card},
    ]


def _clients(hub: str, key: ECKey) -> list[dict[str, Any]]:
    """Return what the provider elsewhere knows of the hub: a client with a secret, and one with a key."""
    by_key = {
        "client_id": "hub-by-key",
        "token_endpoint_auth_method": "private_key_jwt",
        "token_endpoint_auth_signing_alg": "ES256",
        "id_token_signed_response_alg": "ES256",
        "jwks": {"keys": [key.as_dict(private=False)]},
        "redirect_uris": [f"{hub}/oauth/external/card/callback"],
    }
    return [{**SECRET, "redirect_uris": [f"{hub}/oauth/external/plain/callback"]}, by_key]


@asynccontextmanager
async def _provider(port: int, clients: list[dict[str, Any]]) -> AsyncIterator[str]:
    """Run oidc-provider and yield its address."""
    given = json.dumps({"port": port, "clients": clients})
    pipe = asyncio.subprocess.PIPE
    env = {**os.environ, "NODE_ENV": "test"}
    process = await asyncio.create_subprocess_exec("node", str(SCRIPT), given, stdout=pipe, stderr=pipe, env=env)
    try:
        assert process.stdout
        assert process.stderr
        line = await process.stdout.readline()
        assert line == b"listening\n", (line, (await process.stderr.read()).decode())
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        await process.wait()


@pytest.fixture
async def town(database_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    other, key = free_port(), ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256", "kid": "hub"})
    file = tmp_path / "providers.json"
    file.write_text(json.dumps(_configured(f"http://127.0.0.1:{other}", key)))
    settings = guarded_settings(database_url, tmp_path, egress="loopback", auth_providers_file=file)
    async with _provider(other, _clients(settings.auth_url, key)) as elsewhere, serving_auth(settings) as hub:
        made = await settle(hub, tmp_path)
        yield Town(await register_app(hub, made.headers), made.headers, made.user, elsewhere)


@pytest.mark.needs("node", "oidc-provider")
async def test_an_account_elsewhere_is_linked_and_signed_in_with(town: Town) -> None:
    browser = town.browser()
    page = await town.arrive(browser, await browser.open(town.app.address(scope="openid profile")), "plain", "hana")
    assert (page.status, page.forms) == (401, [])  # not linked yet
    page = await browser.sign_in(await browser.open("/account"), LOGIN)
    [form] = [each for each in page.forms if each.fields.get("provider") == "plain"]
    linked = await town.walk(browser, await browser.post(form.action, {**form.fields, "decision": "link"}), "hana")
    assert linked.url.endswith("/account"), linked.text
    other = town.browser()
    page = await town.arrive(other, await other.open(town.app.address(scope="openid profile")), "plain", "hana")
    told = await town.claims(other, page)
    assert (told["sub"], told["acr"]) == (town.user["user_id"], "urn:hiroba:acr:ial0:aal1")
    thief = town.browser()
    page = await town.arrive(thief, await thief.open(town.app.address()), "plain", "somebody-else")
    assert page.status == 401
    unlinked = await browser.post(form.action, {**form.fields, "decision": "unlink"})
    assert unlinked.status == 200
    page = await town.arrive(other, await other.open(town.app.address(prompt="login")), "plain", "hana")
    assert page.status == 401


@pytest.mark.needs("node", "oidc-provider")
async def test_a_card_signs_in_somebody_new_with_its_levels(town: Town) -> None:
    browser = town.browser()
    page = await town.arrive(browser, await browser.open(town.app.address(scope="openid profile")), "card", "ichiro")
    told = await town.claims(browser, page)
    assert (told["tenant"], told["acr"]) == ("takamatsu", "urn:hiroba:acr:ial3:aal3")
    assert told["sub"] != town.user["user_id"]
    again = town.browser()
    page = await town.arrive(again, await again.open(town.app.address(scope="openid profile")), "card", "ichiro")
    assert (await town.claims(again, page))["sub"] == told["sub"]
    page = await again.open("/account")
    [form] = [each for each in page.forms if each.fields.get("provider") == "card"]
    refused = await again.post(form.action, {**form.fields, "decision": "unlink"})
    assert refused.status == 409  # nothing else would be left to sign in with


@pytest.mark.needs("node", "oidc-provider")
async def test_an_answer_is_taken_from_the_browser_that_left_alone(town: Town) -> None:
    victim, thief = town.browser(), town.browser()
    page = await thief.open(town.app.address())
    [address] = [each for each in page.links if "/oauth/external/plain?" in each]
    away = await thief.client.get(address)
    state = httpx.URL(away.headers["location"]).params["state"]
    await victim.open(town.app.address())
    for stolen in (f"code=x&state={state}", "code=x&state=made-up", "code=x"):
        assert (await victim.open(f"/oauth/external/plain/callback?{stolen}")).status == 400
    assert (await thief.open(f"/oauth/external/plain/callback?code=x&state={state}")).status == 400  # used up
    assert (await thief.open("/oauth/external/nobody?request=account")).status == 404


@pytest.mark.parametrize(
    "fault",
    [
        {"client_secret": ""},
        {"private_key": {"kty": "EC"}},
        {"algorithms": ["HS256"]},
        {"algorithms": ["none"]},
        {"profile": "unknown"},
        {"issuer": "elsewhere.test"},
        {"name": "Not a name"},
        {"aal": 4},
    ],
)
def test_a_provider_that_is_not_safe_is_refused_at_the_start(fault: dict[str, Any], tmp_path: Path) -> None:
    given = {"name": "plain", "issuer": "https://elsewhere.test", "client_id": "hub", "client_secret": "s", **fault}
    file = tmp_path / "providers.json"
    file.write_text(json.dumps([given]))
    with pytest.raises(SettingsError, match="HIROBA_AUTH_PROVIDERS_FILE"):
        read_settings(AuthSettings, auth_providers_file=file)


def test_the_profiles_know_what_the_public_providers_want() -> None:
    card = {"name": "card", "profile": "digital-auth-app", "client_id": "RP1", "private_key": {"kty": "EC"}}
    business = {"name": "biz", "profile": "gbizid", "client_id": "biz", "client_secret": "s", "ial": 2}
    providers = read_providers(json.dumps([card, business])).by_name
    assert providers["card"].discovery_url.startswith("https://auth-and-sign.go.jp/api/realms/main/.well-known/")
    assert (providers["card"].algorithms, providers["card"].ial, providers["card"].aal) == (["ES256"], 3, 3)
    assert providers["biz"].discovery_url == "https://gbiz-id.go.jp/oauth/.well-known/openid-configuration"
    assert (providers["biz"].ial, providers["biz"].title_in("ja")) == (2, "GビズID")
