"""Passkeys: added, signed in with, asked for where an application wants more than a password; and what is refused."""

import pytest

from tests.conformance.openid.conftest import Provider
from tests.support.authenticator import Authenticator
from tests.support.openid import LOGIN, PASSWORD, App, Browser, Page

pytestmark = pytest.mark.asyncio(loop_scope="module")
AAL2 = "urn:hiroba:acr:ial1:aal2"
_ANSWER = "/oauth/passkeys/sign-in"


def _authenticator(**more: object) -> Authenticator:
    return Authenticator("http://hub.test", "hub.test", **more)  # type: ignore[arg-type]


async def _account(provider: Provider, login: str, browser: Browser | None = None) -> Page:
    page = await (browser or provider.browser).open("/account")
    return await (browser or provider.browser).sign_in(page, login) if "password" in page.form.fields else page


async def _add(browser: Browser, page: Page, authenticator: Authenticator) -> Page:
    csrf = page.form.fields["csrf"]
    options = (await browser.client.post("/account/passkeys/options", data={"csrf": csrf})).json()
    made = {"csrf": csrf, "credential": authenticator.make(options), "title": "わたしの電話"}
    return await browser.post("/account/passkeys", made)


async def _use(browser: Browser, page: Page, authenticator: Authenticator) -> Page:
    form = page.form.fields
    options = (await browser.client.post("/oauth/passkeys/options", data={"csrf": form["csrf"]})).json()
    answer = {"csrf": form["csrf"], "request": form["request"], "credential": authenticator.use(options)}
    return await browser.post(_ANSWER, answer)


async def _person(provider: Provider, name: str) -> str:
    body = {"login": f"{name}@takamatsu.example.jp", "tenant": "takamatsu", "password": PASSWORD, "ial": 1}
    assert (await provider.hub.post("/users", json=body, headers=provider.headers)).status_code == 201
    return str(body["login"])


async def test_a_passkey_is_added_and_signed_in_with(provider: Provider, app: App) -> None:
    login, authenticator = await _person(provider, "first"), _authenticator()
    added = await _add(provider.browser, await _account(provider, login), authenticator)
    assert "わたしの電話" in added.text
    other = Browser(provider.hub)
    page = await _use(other, await other.open(app.address()), authenticator)
    arrived = page if page.is_callback else await other.allow(page)
    claims = await provider.claims((await app.exchange(arrived.answer["code"])).json()["id_token"])
    assert (claims["acr"], claims["amr"]) == (AAL2, ["pop", "user", "mfa"])


async def test_an_application_that_needs_more_than_a_password_gets_it(provider: Provider, app: App) -> None:
    login, authenticator = await _person(provider, "second"), _authenticator()
    asked = f'{{"id_token": {{"acr": {{"essential": true, "value": "{AAL2}"}}}}}}'
    page = await provider.browser.sign_in(await provider.browser.open(app.address()), login)
    arrived = page if page.is_callback else await provider.browser.allow(page)
    first = await provider.claims((await app.exchange(arrived.answer["code"])).json()["id_token"])
    assert first["acr"] == "urn:hiroba:acr:ial1:aal1"
    without = await provider.browser.open(app.address(claims=asked))
    assert without.answer["error"] == "unmet_authentication_requirements"
    await _add(provider.browser, await _account(provider, login), authenticator)
    none = await provider.browser.open(app.address(claims=asked, prompt="none"))
    assert none.answer["error"] == "interaction_required"
    stepped = await provider.browser.open(app.address(claims=asked))
    assert "/oauth/step-up" in stepped.url
    arrived = await _use(provider.browser, stepped, authenticator)
    second = await provider.claims((await app.exchange(arrived.answer["code"])).json()["id_token"])
    assert (second["acr"], second["sid"]) == (AAL2, first["sid"])


async def test_a_wish_for_a_level_is_asked_for_once(provider: Provider, app: App) -> None:
    login, authenticator = await _person(provider, "third"), _authenticator()
    await _add(provider.browser, await _account(provider, login), authenticator)
    stepped = await provider.browser.open(app.address(acr_values=AAL2))
    assert "/oauth/step-up" in stepped.url
    fresh = Browser(provider.hub)
    page = await fresh.sign_in(await fresh.open(app.address(acr_values=AAL2)), login)
    assert page.is_callback or ("decision", "allow") in page.form.buttons


async def test_an_answer_is_good_for_one_challenge_of_one_browser(provider: Provider, app: App) -> None:
    login, authenticator = await _person(provider, "fourth"), _authenticator()
    await _add(provider.browser, await _account(provider, login), authenticator)
    thief, victim = Browser(provider.hub), Browser(provider.hub)
    page, other = await victim.open(app.address()), await thief.open(app.address())
    options = (await victim.client.post("/oauth/passkeys/options", data={"csrf": page.form.fields["csrf"]})).json()
    answer = authenticator.use(options)
    stolen = {**{name: other.form.fields[name] for name in ("csrf", "request")}, "credential": answer}
    assert (await thief.post(_ANSWER, stolen)).status == 401
    own = {**{name: page.form.fields[name] for name in ("csrf", "request")}, "credential": answer}
    assert (await victim.post(_ANSWER, own)).status != 401
    assert (await victim.post(_ANSWER, own)).status in (401, 404)


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "http://evil.test"},
        {"host": "evil.test"},
        {"flags": 0x01},
        {"count": 0},
    ],
)
async def test_what_another_site_or_a_copied_key_signs_is_refused(
    provider: Provider, app: App, wrong: dict[str, object]
) -> None:
    login = await _person(provider, f"wrong-{next(iter(wrong))}")
    authenticator = _authenticator(count=10)
    await _add(provider.browser, await _account(provider, login), authenticator)
    for name, value in wrong.items():
        setattr(authenticator, name, value)
    browser = Browser(provider.hub)
    answered = await _use(browser, await browser.open(app.address()), authenticator)
    assert answered.status == 401
    stranger = _authenticator()
    assert (await _use(browser, await browser.open(app.address()), stranger)).status == 401


@pytest.mark.parametrize("credential", ["", "{}", "[]", '{"response": {"clientDataJSON": "AA"}}', "x" * 5000])
async def test_an_answer_that_cannot_be_read_is_refused(provider: Provider, app: App, credential: str) -> None:
    page = await provider.browser.open(app.address())
    form = {name: page.form.fields[name] for name in ("csrf", "request")}
    assert (await provider.browser.post(_ANSWER, {**form, "credential": credential})).status == 401
    account = await _account(provider, LOGIN)
    told = {"csrf": account.form.fields["csrf"], "credential": credential, "title": "x"}
    assert (await provider.browser.post("/account/passkeys", told)).status == 400


async def test_a_person_deletes_passkeys_of_the_persons_own_alone(provider: Provider) -> None:
    login, authenticator = await _person(provider, "fifth"), _authenticator()
    page = await _add(provider.browser, await _account(provider, login), authenticator)
    [form] = [each for each in page.forms if each.action.endswith("/passkeys/removal")]
    stranger = Browser(provider.hub)
    theirs = await _account(provider, await _person(provider, "sixth"), stranger)
    stolen = {**form.fields, "csrf": theirs.form.fields["csrf"]}
    await stranger.post("/account/passkeys/removal", stolen)
    assert "わたしの電話" in (await provider.browser.open("/account")).text
    await provider.browser.post(form.action, form.fields)
    assert "わたしの電話" not in (await provider.browser.open("/account")).text
