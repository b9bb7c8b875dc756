"""People sign in at auth to publish: the whole way, and what is not taken."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from services.auth.main import create_app as create_auth
from services.auth.settings import AuthSettings
from services.catalog.main import create_app
from services.catalog.portal.session import COOKIE, Session
from services.catalog.settings import CatalogSettings
from services.kernel.seal import Seal
from services.kernel.settings import read_settings
from services.local.ports import free_port
from tests.support.auth import administrator, bearer, until_ready
from tests.support.openid import PASSWORD, Browser
from tests.support.serving import served

LOGIN = "hanako@takamatsu.example.jp"
KEY = "a key of this test"
TABLE = {"file": ("公園.csv", "名称,面積\n中央公園,1.2\n")}


@dataclass
class Place:
    """The catalogue's and auth's addresses."""

    portal: str
    auth: str


@pytest.fixture
async def place(database_url: str, tmp_path: Path) -> AsyncIterator[Place]:
    auth_port, portal_port = free_port(), free_port()
    found = Place(f"http://127.0.0.1:{portal_port}", f"http://127.0.0.1:{auth_port}")
    common: dict[str, Any] = {"database_url": database_url, "auth": "required", "auth_url": found.auth}
    auth = read_settings(AuthSettings, data_dir=tmp_path, auth_registration="open", egress="loopback", **common)
    with served(create_auth(auth), auth_port):
        async with httpx.AsyncClient(base_url=found.auth) as hub:
            await until_ready(hub)
            application = await _register(hub, dict(await bearer(hub, administrator(tmp_path))), found)
        settings = CatalogSettings(
            data_dir=tmp_path / "catalog",
            tenant_creation="on-write",
            catalog_public_url=found.portal,
            catalog_live_interval_s=0,
            catalog_sign_in_client=application["client_id"],
            catalog_sign_in_secret=application["client_secret"],
            catalog_key=KEY,
            **common,
        )
        with served(create_app(settings), portal_port):
            yield found


async def _register(hub: httpx.AsyncClient, headers: dict[str, str], place: Place) -> dict[str, Any]:
    """Register a person who may publish for Takamatsu, and the portal."""
    assert (await hub.put("/tenants/takamatsu", json={"code": "372013"}, headers=headers)).status_code == 201
    person = {"login": LOGIN, "tenant": "takamatsu", "name": "高松 花子", "password": PASSWORD}
    created = await hub.post("/users", json=person, headers=headers)
    assert created.status_code == 201, created.text
    role = {"role": "editor", "tenant": "takamatsu", "user_id": created.json()["user_id"]}
    assert (await hub.post("/roles", json=role, headers=headers)).status_code == 201
    wanted = {
        "client_name": "ポータル",
        "redirect_uris": [f"{place.portal}/sign-in/return"],
        "grant_types": ["authorization_code", "refresh_token"],
        "scope": "openid offline_access read publish",
        "token_endpoint_auth_method": "client_secret_post",
    }
    answer = await hub.post("/oauth/register", json=wanted, headers=headers)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def sign_in(place: Place, portal: httpx.AsyncClient) -> httpx.Response:
    """Go from the editor to auth and back."""
    sent = await portal.get("/editor", headers={"Accept": "text/html"})
    assert sent.headers["location"] == "/sign-in?next=%2Feditor"
    to_auth = (await portal.get(sent.headers["location"])).headers["location"]
    async with httpx.AsyncClient(base_url=place.auth) as hub:
        browser = Browser(hub)
        page = await browser.through(await browser.open(to_auth), LOGIN)
    assert page.is_callback, page.text
    return await portal.get(page.url)


async def test_somebody_who_signs_in_may_publish_and_after_signing_out_no_more(place: Place) -> None:
    async with httpx.AsyncClient(base_url=place.portal) as portal:
        back = await sign_in(place, portal)
        assert (back.status_code, back.headers["location"]) == (303, "/editor")
        assert all("HttpOnly" in cookie and "SameSite=Lax" in cookie for cookie in back.headers.get_list("set-cookie"))
        page = await portal.get("/editor")
        assert '<option value="takamatsu">' in page.text
        sent = await portal.post("/editor/upload", data={"tenant": "takamatsu"}, files=TABLE)
        assert sent.status_code == 303, sent.text
        assert "中央公園" in (await portal.get(sent.headers["location"])).text
        refused = await portal.post("/editor/upload", data={"tenant": "fukui"}, files=TABLE)
        assert refused.status_code == 403
        assert (await portal.post("/datasets", json={}, headers={"Fiware-Service": "takamatsu"})).status_code == 401
        assert (await portal.get("/data-map?tenant=takamatsu")).status_code == 200
        assert (await portal.get("/data-map?tenant=fukui")).status_code == 403
        given = await portal.get("/developers/token")
        assert given.headers["cache-control"] == "no-store"
        own = {"Authorization": f"Bearer {given.json()['token']}"}
        assert (await portal.get("/data-map?tenant=takamatsu", headers=own)).status_code == 200
        elsewhere = {"Sec-Fetch-Site": "cross-site"}
        assert (await portal.get("/developers/token", headers=elsewhere)).status_code == 403
        out = await portal.post("/sign-out")
        assert out.status_code == 303
        assert (await portal.get("/editor")).status_code == 303
        assert (await portal.get("/developers/token")).json() == {"token": None}
        sent = await portal.get("/data-map?tenant=takamatsu")
        assert sent.headers["location"] == "/sign-in?next=%2Fdata-map%3Ftenant%3Dtakamatsu"


async def test_an_answer_to_nobodys_question_is_not_taken(place: Place) -> None:
    async with httpx.AsyncClient(base_url=place.portal) as portal:
        assert (await portal.get("/sign-in/return?code=x&state=y")).status_code == 401
        begun = await portal.get("/sign-in?next=//evil.example/x")
        state = parse_qs(urlsplit(begun.headers["location"]).query)["state"][0]
        for answer in (
            {"code": "x", "state": "other", "iss": place.auth},
            {"code": "x", "state": state, "iss": "https://evil.example"},
            {"error": "access_denied", "state": state, "iss": place.auth},
            {"code": "x", "state": state, "iss": place.auth},
        ):
            assert (await portal.get("/sign-in/return", params=answer)).status_code == 401


async def test_a_session_that_nobody_here_sealed_opens_nothing(place: Place) -> None:
    for sealed in ("nonsense", Session("a.b.c", "", 9e12).sealed(Seal("another key"))):
        cookies = {f"{COOKIE}_0": sealed}
        async with httpx.AsyncClient(base_url=place.portal, cookies=cookies) as portal:
            assert (await portal.get("/editor")).headers["location"] == "/sign-in?next=%2Feditor"


async def test_a_token_that_ends_is_renewed_without_a_word(place: Place) -> None:
    async with httpx.AsyncClient(base_url=place.portal) as portal:
        await sign_in(place, portal)
        sealed = "".join(portal.cookies.get(f"{COOKIE}_{number}", "") for number in range(6))
        session = Session.opened(sealed, Seal(KEY))
        assert session is not None
        ending = Session(session.access_token, session.refresh_token, 1.0).sealed(Seal(KEY))
        cookies = {f"{COOKIE}_{number}": ending[number * 3500 : (number + 1) * 3500] for number in range(2)}
        async with httpx.AsyncClient(base_url=place.portal, cookies=cookies) as later:
            page = await later.get("/editor")
            assert page.status_code == 200
            assert any(cookie.startswith(f"{COOKIE}_0=e") for cookie in page.headers.get_list("set-cookie"))
