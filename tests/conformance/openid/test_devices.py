"""Devices without a browser (RFC 8628), and clients that act on behalf of others (RFC 8693)."""

from typing import Any

import pytest
import pytest_asyncio

from tests.conformance.openid.conftest import Provider
from tests.support.auth import ask_token, grant, register
from tests.support.openid import LOGIN, PASSWORD, App, Browser, Page

pytestmark = pytest.mark.asyncio(loop_scope="module")
DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"


@pytest_asyncio.fixture(loop_scope="module")
async def board(provider: Provider) -> App:
    """A board at a bus stop, without a secret."""
    grant_types = [DEVICE_CODE, "refresh_token"]
    return await provider.app(
        token_endpoint_auth_method="none", grant_types=grant_types, redirect_uris=[], application_type="native"
    )


async def _begin(app: App, scope: str = "openid profile offline_access") -> dict[str, Any]:
    answer = await app.hub.post("/oauth/device_authorization", data={"client_id": app.client_id, "scope": scope})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def _poll(app: App, begun: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    answer = await app.token(grant_type=DEVICE_CODE, device_code=begun["device_code"])
    return answer.status_code, dict(answer.json())


async def _type_in(provider: Provider, begun: dict[str, Any]) -> Page:
    page = await provider.browser.open(begun["verification_uri_complete"])
    if "password" in page.form.fields:
        page = await provider.browser.sign_in(page, LOGIN)
    assert page.form.fields["user_code"].replace("-", "") == begun["user_code"].replace("-", "")
    return await provider.browser.send(page)


async def test_a_device_is_let_in_by_a_person_elsewhere(provider: Provider, board: App) -> None:
    begun = await _begin(board)
    assert begun["verification_uri"] == "http://hub.test/oauth/device"
    assert (await _poll(board, begun))[1]["error"] == "authorization_pending"
    page = await _type_in(provider, begun)
    assert begun["user_code"] in page.text
    await provider.browser.send(page, decision="allow")
    status, tokens = await _poll(board, begun)
    assert status == 200, tokens
    told = (await board.userinfo(tokens["access_token"])).json()
    assert told["preferred_username"] == LOGIN
    assert (await provider.claims(tokens["id_token"]))["aud"] == board.client_id
    renewed = await board.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert renewed.status_code == 200
    assert (await _poll(board, begun))[1]["error"] == "invalid_grant"


@pytest.mark.clause("RFC 8628, 3.5")
async def test_a_device_that_asks_too_often_is_slowed_down(board: App) -> None:
    begun = await _begin(board)
    errors = [(await _poll(board, begun))[1]["error"] for _ in range(2)]
    assert errors == ["authorization_pending", "slow_down"]


async def test_a_device_that_is_turned_away_gets_nothing(provider: Provider, board: App) -> None:
    begun = await _begin(board)
    await provider.browser.send(await _type_in(provider, begun), decision="deny")
    assert (await _poll(board, begun))[1]["error"] == "access_denied"
    assert (await _poll(board, begun))[1]["error"] == "invalid_grant"


async def test_a_device_code_is_of_use_to_its_own_client_alone(provider: Provider, board: App) -> None:
    begun = await _begin(board)
    await provider.browser.send(await _type_in(provider, begun), decision="allow")
    thief = await provider.app(token_endpoint_auth_method="none", grant_types=[DEVICE_CODE])
    assert (await _poll(thief, begun))[1]["error"] == "invalid_grant"
    assert (await _poll(board, begun))[0] == 200


async def test_guessing_codes_is_stopped(provider: Provider) -> None:
    body = {"login": "guesser@takamatsu.example.jp", "tenant": "takamatsu", "password": PASSWORD}
    assert (await provider.hub.post("/users", json=body, headers=provider.headers)).status_code == 201
    browser = Browser(provider.hub)
    page = await browser.sign_in(await browser.open("/oauth/device"), body["login"])
    statuses = [(await browser.send(page, user_code="BBBB-BBBB")).status for _ in range(11)]
    assert statuses == [404] * 10 + [429]


async def test_an_application_that_is_not_registered_for_devices_is_refused(provider: Provider, app: App) -> None:
    form = {"client_id": app.client_id, "client_secret": app.registered["client_secret"]}
    answer = await app.hub.post("/oauth/device_authorization", data=form)
    assert answer.status_code in (400, 401)


@pytest_asyncio.fixture(loop_scope="module")
async def acting(provider: Provider) -> App:
    """A program that acts on behalf of who calls it."""
    given = {"client_name": "Acting", "grant_types": [TOKEN_EXCHANGE, "client_credentials"]}
    answer = await provider.hub.post("/oauth/register", json=given, headers=provider.headers)
    assert answer.status_code == 201, answer.text
    return App(provider.hub, answer.json())


async def _exchange(acting: App, token: str, **form: str) -> Any:
    usual = {"grant_type": TOKEN_EXCHANGE, "subject_token": token, "subject_token_type": ACCESS_TOKEN}
    return await acting.token(**{**usual, **form})


@pytest.mark.clause("RFC 8693, 2.2")
async def test_a_client_acts_on_behalf_of_a_person_with_no_more_than_the_person(
    provider: Provider, app: App, acting: App
) -> None:
    body = {"role": "editor", "tenant": "takamatsu", "user_id": provider.user["user_id"]}
    assert (await provider.hub.post("/roles", json=body, headers=provider.headers)).status_code == 201
    tokens = await provider.tokens(app, scope="openid read write")
    answer = await _exchange(acting, tokens["access_token"], scope="read")
    assert answer.status_code == 200, answer.text
    assert answer.json()["issued_token_type"] == ACCESS_TOKEN
    before = await provider.claims(tokens["access_token"])
    after = await provider.claims(answer.json()["access_token"])
    assert (after["sub"], after["client_id"]) == (before["sub"], acting.client_id)
    assert after["act"] == {"sub": acting.client_id, "act": {"sub": app.client_id}}
    assert [each["actions"] for each in after["grants"]] == [["read"]]
    assert after["exp"] <= before["exp"]
    assert (after["acr"], after["aid"]) == (before["acr"], before["aid"])
    wider = await _exchange(acting, answer.json()["access_token"], scope="write")
    assert (wider.status_code, wider.json()["error"]) == (400, "invalid_scope")


async def test_what_came_of_a_token_ends_with_what_it_came_of(provider: Provider, app: App, acting: App) -> None:
    code = (await provider.arrive(app, scope="openid read")).answer["code"]
    token = (await app.exchange(code)).json()["access_token"]
    derived = (await _exchange(acting, token)).json()["access_token"]
    assert (await app.exchange(code)).status_code == 400  # the code's reuse ends all
    for each in (token, derived):
        again = await _exchange(acting, each)
        assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")


async def test_a_programs_token_is_exchanged_too_and_chains_are_short(provider: Provider, acting: App) -> None:
    login = await register(provider.hub, provider.headers, grant("takamatsu", "read"))
    text, statuses = (await ask_token(provider.hub, login)).json()["access_token"], []
    for _ in range(7):
        answer = await _exchange(acting, text)
        statuses.append(answer.status_code)
        text = answer.json().get("access_token", text)
    assert statuses == [200] * 5 + [400] * 2
    assert (await provider.claims(text))["sub"] == login.client_id


@pytest.mark.parametrize(
    "form",
    [
        {"subject_token": "x"},
        {"subject_token_type": "urn:ietf:params:oauth:token-type:saml2"},
        {"requested_token_type": "urn:ietf:params:oauth:token-type:refresh_token"},
        {"actor_token": "x"},
        {"audience": "elsewhere"},
        {"scope": "openid"},
    ],
)
async def test_an_exchange_that_cannot_be_done_is_refused(
    provider: Provider, app: App, acting: App, form: dict[str, str]
) -> None:
    token = (await provider.tokens(app, scope="openid read"))["access_token"]
    assert (await _exchange(acting, token, **form)).status_code == 400


async def test_only_clients_that_an_administrator_lets_act_for_others(provider: Provider, app: App) -> None:
    token = (await provider.tokens(app))["access_token"]
    refused = await _exchange(app, token)
    assert (refused.status_code, refused.json()["error"]) == (400, "unauthorized_client")
    given = {"grant_types": [TOKEN_EXCHANGE]}
    assert (await provider.hub.post("/oauth/register", json=given)).status_code == 400
