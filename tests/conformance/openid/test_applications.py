"""Applications that people register themselves, and administrators approve."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.auth.main import create_app
from services.auth.settings import AuthSettings
from services.kernel.settings import read_settings
from tests.support.auth import administrator, bearer, grant, register, until_ready
from tests.support.lifespan import calling
from tests.support.openid import CALLBACK, LOGIN, PASSWORD, App, Browser, Page


class Hub:
    """A running auth where applications want approval, with two cities and a person of one."""

    def __init__(self, client: httpx.AsyncClient, headers: dict[str, str]) -> None:
        self.client, self.headers, self.browser = client, headers, Browser(client)

    async def administrator_of(self, tenant: str) -> dict[str, str]:
        """Return the headers of a city's administrator."""
        return dict(await bearer(self.client, await register(self.client, self.headers, grant(tenant, "admin"))))

    async def registered(self, **fields: str) -> Page:
        """Register an application on the person's own page."""
        page = await self.browser.open("/account")
        if "password" in page.form.fields:
            page = await self.browser.sign_in(page, LOGIN)
        [form] = [each for each in page.forms if each.action.endswith("/account/applications")]
        given = {"name": "バスの窓", "redirect_uris": CALLBACK, **fields}
        return await self.browser.post(form.action, {**form.fields, **given})

    async def applications(self, headers: dict[str, str]) -> list[dict[str, Any]]:
        """List the applications that a caller sees."""
        return list((await self.client.get("/applications", headers=headers)).json()["applications"])


@pytest.fixture
async def hub(database_url: str, tmp_path: Path) -> AsyncIterator[Hub]:
    settings = read_settings(
        AuthSettings, database_url=database_url, data_dir=tmp_path, auth="required", auth_url="http://hub.test"
    )
    async with calling(create_app(settings)) as client:
        await until_ready(client)
        headers = dict(await bearer(client, administrator(tmp_path)))
        for name in ("takamatsu", "marugame"):
            await client.put(f"/tenants/{name}", json={}, headers=headers)
        body = {"login": LOGIN, "tenant": "takamatsu", "password": PASSWORD}
        assert (await client.post("/users", json=body, headers=headers)).status_code == 201
        yield Hub(client, headers)


async def test_an_application_that_a_person_registers_waits_for_the_city(hub: Hub) -> None:
    page = await hub.registered()
    assert page.status == 200, page.text
    own, other = await hub.administrator_of("takamatsu"), await hub.administrator_of("marugame")
    assert await hub.applications(other) == []
    [applied] = await hub.applications(own)
    assert (applied["status"], applied["tenant"], applied["name"]) == ("applied", "takamatsu", "バスの窓")
    path = f"/applications/{applied['client_id']}"
    assert applied["client_id"] in page.text
    app = App(hub.client, {**applied, "token_endpoint_auth_method": "none"})
    assert (await hub.browser.open(app.address())).status == 400
    for method in ("GET", "DELETE"):
        assert (await hub.client.request(method, path, headers=other)).status_code == 404
    assert (await hub.client.patch(path, json={"status": "active"}, headers=other)).status_code == 404
    assert (await hub.client.patch(path, json={"status": "active"}, headers=own)).json()["status"] == "active"
    arrived = await hub.browser.through(await hub.browser.open(app.address()), LOGIN)
    assert "code" in arrived.answer
    assert (await hub.client.patch(path, json={"status": "refused"}, headers=own)).status_code == 200
    assert (await hub.browser.open(app.address(prompt="none"))).status == 400


async def test_a_person_takes_back_what_an_application_may_do(hub: Hub) -> None:
    given = {"redirect_uris": [CALLBACK], "client_name": "河川の窓", "tenant": "takamatsu"}
    made = (await hub.client.post("/oauth/register", json=given, headers=hub.headers)).json()
    app = App(hub.client, made)
    arrived = await hub.browser.through(await hub.browser.open(app.address()), LOGIN)
    token = (await app.exchange(arrived.answer["code"])).json()["access_token"]
    page = await hub.browser.open("/account")
    assert "河川の窓" in page.text
    [form] = [each for each in page.forms if each.action.endswith("/withdrawals")]
    page = await hub.browser.post(form.action, form.fields)
    assert "河川の窓" not in page.text
    assert (await app.userinfo(token)).status_code == 401
    assert (await hub.browser.open(app.address(prompt="none"))).answer["error"] == "consent_required"


async def test_a_person_deletes_only_applications_of_the_persons_own(hub: Hub) -> None:
    given = {"redirect_uris": [CALLBACK], "tenant": "takamatsu"}
    other = (await hub.client.post("/oauth/register", json=given, headers=hub.headers)).json()
    page = await hub.registered(public="yes")
    [form] = [each for each in page.forms if each.action.endswith("/removal")]
    stolen = {**form.fields, "client_id": other["client_id"]}
    assert (await hub.browser.post(form.action, stolen)).status == 404
    assert (await hub.browser.post(form.action, form.fields)).status == 200
    assert [each["client_id"] for each in await hub.applications(hub.headers)] == [other["client_id"]]


@pytest.mark.parametrize("fields", [{"redirect_uris": "javascript:alert(1)"}, {"name": ""}, {"redirect_uris": ""}])
async def test_a_bad_registration_is_a_page_that_says_why(hub: Hub, fields: dict[str, str]) -> None:
    page = await hub.registered(**fields)
    assert (page.status, page.language) == (400, "ja")
    assert await hub.applications(hub.headers) == []


async def test_without_a_token_nothing_is_registered_here(hub: Hub) -> None:
    given = {"redirect_uris": [CALLBACK]}
    assert (await hub.client.post("/oauth/register", json=given)).status_code == 401
    program = dict(await bearer(hub.client, await register(hub.client, hub.headers, grant("takamatsu", "read"))))
    assert (await hub.client.post("/oauth/register", json=given, headers=program)).status_code == 403
    assert (await hub.client.get("/applications")).status_code == 401


async def test_a_tenants_applications_are_exported_and_end_with_it(hub: Hub) -> None:
    given = {"redirect_uris": [CALLBACK], "tenant": "marugame"}
    made = (await hub.client.post("/oauth/register", json=given, headers=hub.headers)).json()
    exported = await hub.client.get("/tenants/marugame/export", headers=hub.headers)
    assert '"table":"application"' in exported.text
    assert "registration_hash" not in exported.text
    assert (await hub.client.delete("/tenants/marugame", headers=hub.headers)).status_code == 202
    for service in ("broker", "catalog", "ingest"):
        path = f"/tenants/marugame/deletion/{service}"
        assert (await hub.client.put(path, json={"rows": 0}, headers=hub.headers)).status_code == 200
    assert (await hub.client.get(f"/clients/{made['client_id']}", headers=hub.headers)).status_code == 404


async def test_over_https_cookies_are_bound_to_the_host(database_url: str, tmp_path: Path) -> None:
    settings = read_settings(
        AuthSettings, database_url=database_url, data_dir=tmp_path, auth="required", auth_url="https://hub.test"
    )
    async with calling(create_app(settings)) as client:
        await until_ready(client)
        sent = (await client.get("/oauth/device")).headers["set-cookie"]
    assert sent.startswith("__Host-hiroba-browser=")
    assert {"Secure", "HttpOnly", "SameSite=lax", "Path=/"} <= set(sent.split("; "))
