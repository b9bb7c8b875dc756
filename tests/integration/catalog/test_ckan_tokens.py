"""CKAN's API tokens, from the page of their person through CKAN's own client to the audit log."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from ckanapi import NotAuthorized, NotFound, RemoteCKAN, ValidationError

from tests.support.hub import Hub, own_hub
from tests.support.openid import PASSWORD, Browser, Page, register_app
from tests.support.patience import until

TOWN = "takamatsu"


@pytest.fixture(scope="module")
def hub(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    with own_hub(postgres_server, tmp_path_factory.mktemp("hub"), ("auth", "catalog")) as running:
        yield running


@dataclass
class Person:
    """Somebody of a town, with a browser, as an editor there."""

    hub: Hub
    auth: httpx.AsyncClient
    user_id: str
    login: str
    browser: Browser
    binding: str = ""

    async def gain(self, role: str = "editor") -> None:
        """Bind a role in the town."""
        body = {"role": role, "tenant": TOWN, "user_id": self.user_id}
        answer = await self.auth.post("/roles", json=body)
        assert answer.status_code == 201, answer.text
        self.binding = answer.json()["binding_id"]

    async def lose(self) -> None:
        """Take the role away."""
        assert (await self.auth.delete(f"/roles/{self.binding}")).status_code == 204

    async def account(self) -> Page:
        """Open the person's own page."""
        page = await self.browser.open("/account")
        return await self.browser.sign_in(page, self.login) if "password" in page.form.fields else page

    async def send(self, path: str, **filled: str) -> Page:
        """Send the form of the page that goes to a path."""
        form = next(each for each in (await self.account()).forms if each.action.endswith(path))
        return await self.browser.post(form.action, {**form.fields, **filled})

    async def key(self, **filled: str) -> str:
        """Make a key on the page."""
        page = await self.send("/account/keys", key_title="毎晩の登録", **filled)
        assert page.status == 200, page.text
        [text] = [part.partition("</code>")[0] for part in page.text.split("<code>") if part.startswith("hbp_")]
        return text


@pytest.fixture
async def person(hub: Hub) -> AsyncIterator[Person]:
    async with hub.client("auth", await hub.headers()) as auth:
        await auth.put(f"/tenants/{TOWN}", json={"title": "高松市"})
        count = len((await auth.get("/users")).json()["users"])
        body = {"login": f"hanako-{count}@takamatsu.example.jp", "tenant": TOWN, "password": PASSWORD}
        made = (await auth.post("/users", json=body)).json()
        someone = Person(hub, auth, made["user_id"], made["login"], Browser(auth))
        await someone.gain()
        yield someone
        await someone.browser.client.aclose()


async def _until(call: Callable[[], object], wanted: type[BaseException] | None) -> None:
    """Wait less long than a token is kept in the place of a key: a minute."""

    async def is_so() -> bool:
        try:
            await asyncio.to_thread(call)
        except Exception as error:
            return type(error) is wanted
        return wanted is None

    await until(is_so, 45)


async def test_a_token_acts_with_what_its_person_may_do_at_each_use(person: Person) -> None:
    with RemoteCKAN(person.hub.urls["catalog"], apikey=await person.key()) as ckan:
        act = ckan.action
        made = await asyncio.to_thread(act.api_token_create, user=person.login, name="登録", expires_in=2, unit=3600)
        assert made["token"].startswith(f"hbp_{made['id']}_")
    with RemoteCKAN(person.hub.urls["catalog"], apikey=made["token"]) as ckan:
        act = ckan.action

        def write() -> object:
            return act.package_patch(id=package["id"], notes="水位")

        await _until(lambda: act.organization_list_for_user()[0], None)
        package = await asyncio.to_thread(act.package_create, name=f"p-{made['id']}", title="川", owner_org=TOWN)
        await person.lose()
        await _until(write, NotAuthorized)
        await person.gain()
        await _until(write, None)
        listed = await asyncio.to_thread(act.api_token_list, user_id=person.user_id)
        assert [(each["name"], each["user_id"]) for each in listed] == [
            ("毎晩の登録", person.user_id),
            ("登録", person.user_id),
        ]
        assert listed[1]["last_access"] > listed[1]["created_at"][:16] < listed[1]["expires_at"]
        assert made["token"] not in json.dumps(listed)
        header = {"X-CKAN-API-Key": made["token"]}
        async with person.hub.client("catalog", header) as client:
            answer = await client.get("/api/3/action/api_token_list", params={"user": person.login})
            assert answer.json()["result"] == listed
        await asyncio.to_thread(act.api_token_revoke, jti=made["id"])
        await _until(write, NotAuthorized)
    recorded = (await person.auth.get("/audit", params={"actor": person.user_id, "limit": 1000})).json()
    acts = [each["action"] for each in recorded]
    assert {"POST /account/keys", "POST /personal-keys", "DELETE /personal-keys/{key_id}"} <= set(acts)


async def test_what_cannot_be_made_or_ended_is_refused_in_ckans_words(person: Person) -> None:
    text = await person.key(key_days="30")
    with RemoteCKAN(person.hub.urls["catalog"], apikey=text) as ckan:
        given: list[tuple[str, dict[str, Any], type[Exception]]] = [
            ("api_token_create", {"user": person.login}, ValidationError),
            ("api_token_create", {"name": "x"}, ValidationError),
            ("api_token_create", {"user": person.login, "name": "x", "expires_in": -1, "unit": 1}, ValidationError),
            ("api_token_create", {"user": person.login, "name": "x", "expires_in": 9, "unit": 10**9}, ValidationError),
            ("api_token_create", {"user": "somebody", "name": "x"}, NotAuthorized),
            ("api_token_list", {}, ValidationError),
            ("api_token_list", {"user_id": "somebody"}, NotAuthorized),
            ("api_token_revoke", {}, ValidationError),
            ("api_token_revoke", {"token": "x"}, ValidationError),
            ("api_token_revoke", {"jti": "aaaaaaaaaaaa"}, NotFound),
        ]
        for action, arguments, refusal in given:
            with pytest.raises(refusal):
                await asyncio.to_thread(ckan.call_action, action, arguments)
        made = await asyncio.to_thread(ckan.action.api_token_create, user=person.user_id, name="長く")
        days = await asyncio.to_thread(ckan.action.api_token_list, user=person.user_id)
        assert made["expires_at"] == days[0]["expires_at"], "a key made with a key lasts no longer"
    page = await person.send("/account/keys/removal", key_id=text.split("_")[1])
    assert (page.status, page.text.count("毎晩の登録")) == (200, 0)
    with RemoteCKAN(person.hub.urls["catalog"], apikey=text) as ckan:
        await _until(lambda: ckan.action.api_token_list(user=person.user_id), NotAuthorized)
    with RemoteCKAN(person.hub.urls["catalog"]) as ckan, pytest.raises(NotAuthorized):
        await asyncio.to_thread(ckan.action.api_token_create, user=person.login, name="x")


async def test_a_narrowed_token_makes_no_key_and_an_administrator_ends_those_of_others(person: Person) -> None:
    text, other = await person.key(), await person.key()
    key_id = text.split("_")[1]
    app = await register_app(person.auth, await person.hub.headers())
    arrived = await person.browser.through(await person.browser.open(app.address(scope="openid read")), person.login)
    narrow = (await app.exchange(arrived.answer["code"])).json()["access_token"]
    async with person.hub.client("auth", {"Authorization": f"Bearer {narrow}"}) as client:
        refused = await client.post("/personal-keys", json={"title": "x"})
        assert (refused.status_code, "account page" in refused.json()["detail"]) == (403, True)
    assert (await person.auth.post("/personal-keys", json={"title": "x"})).json()["field"] == "user"
    listed = (await person.auth.get("/personal-keys", params={"user": person.login})).json()["keys"]
    assert listed[0]["key_id"] == key_id
    assert (await person.auth.delete(f"/personal-keys/{key_id}")).status_code == 204
    await person.auth.patch(f"/users/{person.user_id}", json={"status": "suspended"})
    for key in (text, other, "hbp_x"):
        assert (await person.auth.post("/personal-keys/token", json={"key": key})).status_code == 401
