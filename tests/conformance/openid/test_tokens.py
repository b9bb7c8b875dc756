"""Refresh tokens, revocation (RFC 7009), introspection (RFC 7662) and what an access token of a person grants."""

from typing import Any

import pytest
import pytest_asyncio

from services.kernel.identity import TokenVerifier
from tests.conformance.openid.conftest import Provider
from tests.support.auth import Login, ask_token, grant, register
from tests.support.openid import App, Browser

pytestmark = pytest.mark.asyncio(loop_scope="module")
LASTING = "openid offline_access read"


@pytest_asyncio.fixture(loop_scope="module")
async def app(provider: Provider) -> App:
    return await provider.app(grant_types=["authorization_code", "refresh_token"])


@pytest_asyncio.fixture(loop_scope="module")
async def viewer(provider: Provider) -> None:
    body = {"role": "viewer", "tenant": "takamatsu", "user_id": provider.user["user_id"]}
    assert (await provider.hub.post("/roles", json=body, headers=provider.headers)).status_code == 201


async def _refresh(app: App, tokens: dict[str, Any], **form: str) -> Any:
    return await app.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"], **form)


async def _introspect(app: App, token: str) -> dict[str, Any]:
    auth = (app.client_id, app.registered["client_secret"])
    answer = await app.hub.post("/oauth/introspect", data={"token": token}, auth=auth)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


@pytest.mark.usefixtures("viewer")
async def test_an_access_token_carries_what_the_roles_grant_and_the_scope_names(provider: Provider, app: App) -> None:
    async def keys() -> dict[str, Any]:
        return dict((await provider.hub.get("/jwks.json")).json())

    verifier = TokenVerifier("http://hub.test", "http://hub.test", is_open=False, keys=keys)
    for scope, actions in (("openid read admin write", ("read",)), ("openid profile", ())):
        tokens = await provider.tokens(app, scope=scope)
        principal = await verifier.identify(f"Bearer {tokens['access_token']}")
        assert principal.subject == provider.user["user_id"]
        assert principal.client_id == app.client_id
        assert (principal.ial, principal.aal) == (1, 1)
        assert tuple(action for each in principal.grants for action in each.actions) == actions
        assert {each.tenant for each in principal.grants} <= {"takamatsu/#"}


@pytest.mark.clause("RFC 9700, 4.14.2")
async def test_a_refresh_token_that_comes_back_ends_them_all(provider: Provider, app: App) -> None:
    first = await provider.tokens(app, scope=LASTING)
    second = (await _refresh(app, first)).json()
    stolen = await _refresh(app, first)
    assert (stolen.status_code, stolen.json()["error"]) == (400, "invalid_grant")
    assert (await _refresh(app, second)).status_code == 400
    assert (await app.userinfo(second["access_token"])).status_code == 401


@pytest.mark.clause("RFC 6749, 6")
async def test_a_refresh_narrows_the_scope_and_never_widens_it(provider: Provider, app: App) -> None:
    tokens = await provider.tokens(app, scope=LASTING)
    refused = await _refresh(app, tokens, scope="openid admin")
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_scope")
    narrowed = (await _refresh(app, tokens, scope="openid")).json()
    assert narrowed["scope"] == "openid"


async def test_a_new_password_ends_sessions_and_refresh_tokens(provider: Provider, app: App) -> None:
    body = {"login": "sato@takamatsu.example.jp", "tenant": "takamatsu", "password": "correct horse battery"}
    user = (await provider.hub.post("/users", json=body, headers=provider.headers)).json()
    browser = Browser(provider.hub)
    page = await browser.through(await browser.open(app.address(scope=LASTING)), body["login"])
    tokens = (await app.exchange(page.answer["code"])).json()
    change = {"password": "another battery horse"}
    changed = await provider.hub.patch(f"/users/{user['user_id']}", json=change, headers=provider.headers)
    assert changed.status_code == 200
    assert (await _refresh(app, tokens)).status_code == 400
    assert (await app.userinfo(tokens["access_token"])).status_code == 401
    assert (await browser.open(app.address(prompt="none"))).answer["error"] == "login_required"


async def test_lasting_access_outlives_the_session_and_other_access_does_not(provider: Provider, app: App) -> None:
    lasting = await provider.tokens(app, scope=LASTING)
    passing = await provider.tokens(app, scope="openid")
    asked = await provider.browser.open("/oauth/logout")
    await provider.browser.send(asked, decision="leave")
    assert (await app.userinfo(passing["access_token"])).status_code == 401
    assert (await _refresh(app, lasting)).status_code == 200


@pytest.mark.clause("RFC 7009, 2.1")
async def test_a_revoked_refresh_token_ends_with_all_that_came_of_it(provider: Provider, app: App) -> None:
    tokens = await provider.tokens(app, scope=LASTING)
    auth = (app.client_id, app.registered["client_secret"])
    other = await provider.app()
    others = (other.client_id, other.registered["client_secret"])
    form = {"token": tokens["refresh_token"], "token_type_hint": "access_token"}
    assert (await app.hub.post("/oauth/revoke", data=form, auth=others)).status_code == 200
    assert (await _introspect(app, tokens["refresh_token"]))["active"] is True
    assert (await app.hub.post("/oauth/revoke", data=form, auth=auth)).status_code == 200
    assert (await _refresh(app, tokens)).status_code == 400
    assert await _introspect(app, tokens["access_token"]) == {"active": False}


@pytest.mark.clause("RFC 7009, 2.2")
async def test_a_revoked_access_token_ends_alone(provider: Provider, app: App) -> None:
    tokens = await provider.tokens(app, scope=LASTING)
    auth = (app.client_id, app.registered["client_secret"])
    for token in (tokens["access_token"], "not a token"):
        form = {"token": token, "token_type_hint": "of some other kind"}
        assert (await app.hub.post("/oauth/revoke", data=form, auth=auth)).status_code == 200
    assert await _introspect(app, tokens["access_token"]) == {"active": False}
    assert (await app.userinfo(tokens["access_token"])).status_code == 401
    renewed = (await _refresh(app, tokens)).json()
    assert (await _introspect(app, renewed["access_token"]))["active"] is True


@pytest.mark.clause("RFC 7662, 2.2")
async def test_introspection_tells_what_a_token_is_worth(provider: Provider, app: App) -> None:
    tokens = await provider.tokens(app, scope=LASTING)
    told = await _introspect(app, tokens["access_token"])
    assert (told["active"], told["client_id"], told["sub"]) == (True, app.client_id, provider.user["user_id"])
    other = await provider.app()
    assert await _introspect(other, tokens["refresh_token"]) == {"active": False}
    assert (await _introspect(app, tokens["refresh_token"]))["active"] is True
    for token in ("x", "a.b.c", tokens["id_token"]):
        assert await _introspect(app, token) == {"active": False}
    unknown = await app.hub.post("/oauth/introspect", data={"token": "x", "client_id": app.client_id})
    assert unknown.status_code == 401


async def test_a_programs_token_can_be_introspected_and_revoked(provider: Provider, app: App) -> None:
    login: Login = await register(provider.hub, provider.headers, grant("takamatsu", "read"))
    token = (await ask_token(provider.hub, login)).json()["access_token"]
    assert (await _introspect(app, token))["sub"] == login.client_id
    form = {"token": token, "client_id": login.client_id, "client_secret": login.secret}
    assert (await provider.hub.post("/oauth/revoke", data=form)).status_code == 200
    assert await _introspect(app, token) == {"active": False}
