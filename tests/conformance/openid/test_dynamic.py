"""Modules of the OpenID Foundation's plan `oidcc-dynamic-certification-test-plan`, each as a test."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from joserfc import jws, jwt
from joserfc.jwk import ECKey, KeySet

from services.auth.tokens.id_token import read_hint
from tests.conformance.openid.conftest import Provider
from tests.support.client_keys import asserted, new_key, published
from tests.support.openid import CALLBACK, LOGIN, App

pytestmark = pytest.mark.asyncio(loop_scope="module")
KEY = new_key()
BY_KEY = {"token_endpoint_auth_method": "private_key_jwt", "jwks": published(KEY)}


class Site:
    """What an application publishes, at addresses of this machine."""

    def __init__(self) -> None:
        self.documents: dict[str, Any] = {}
        self.url = ""

    async def answer(self, request: web.Request) -> web.Response:
        """Return a document."""
        return web.json_response(self.documents[request.path])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site() -> AsyncIterator[Site]:
    site = Site()
    server = web.Application()
    server.router.add_get("/{name}", site.answer)
    runner = web.AppRunner(server)
    await runner.setup()
    await (listening := web.TCPSite(runner, "127.0.0.1", 0)).start()
    site.url = f"http://127.0.0.1:{listening._server.sockets[0].getsockname()[1]}"  # type: ignore[union-attr]
    yield site
    await runner.cleanup()


async def _exchange(app: App, code: str, key: Any = KEY, algorithm: str = "ES256") -> dict[str, Any]:
    answer = await app.exchange(code, **asserted(app, key, algorithm))
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def _refused(provider: Provider, **metadata: Any) -> str:
    answer = await provider.hub.post("/oauth/register", json={"redirect_uris": [CALLBACK], **metadata})
    assert answer.status_code == 400, answer.text
    return str(answer.json()["error"])


async def test_an_application_registers_itself(provider: Provider) -> None:
    """oidcc-server"""
    app = await provider.app(**BY_KEY, client_name="Open", contacts=["a@app.test"])
    assert app.registered["client_id_issued_at"] > 0
    assert "client_secret" not in app.registered
    page = await provider.arrive(app)
    tokens = await _exchange(app, page.answer["code"])
    assert (await provider.claims(tokens["id_token"]))["aud"] == app.client_id


async def test_id_tokens_are_signed_with_rs256_for_who_asks_for_it(provider: Provider) -> None:
    """oidcc-idtoken-rs256"""
    app = await provider.app(**BY_KEY, id_token_signed_response_alg="RS256")
    assert app.registered["id_token_signed_response_alg"] == "RS256"
    page = await provider.arrive(app)
    tokens = await _exchange(app, page.answer["code"])
    header, access = (jws.extract_compact(tokens[name].encode()).headers() for name in ("id_token", "access_token"))
    assert (header["alg"], access["alg"]) == ("RS256", "ES256")
    keys = (await provider.hub.get("/jwks.json")).json()["keys"]
    assert {key["kid"]: key["alg"] for key in keys}[header["kid"]] == "RS256"
    claims = jwt.decode(tokens["id_token"], KeySet.import_key_set({"keys": keys}), algorithms=["RS256"]).claims
    assert claims["aud"] == app.client_id
    forged = jwt.encode({**access, "kid": header["kid"]}, claims, ECKey.generate_key("P-256"))
    refused = await provider.hub.get("/oauth/userinfo", headers={"Authorization": f"Bearer {forged}"})
    assert refused.status_code == 401


async def test_id_tokens_are_signed_with_es256_unless_asked_otherwise(provider: Provider) -> None:
    """oidcc-idtoken-rs256: what a registration that does not say is told"""
    assert (await provider.app()).registered["id_token_signed_response_alg"] == "ES256"
    assert await _refused(provider, id_token_signed_response_alg="PS256") == "invalid_client_metadata"


async def test_unsigned_id_tokens_are_refused_at_the_registration(provider: Provider) -> None:
    """oidcc-idtoken-unsigned"""
    assert await _refused(provider, id_token_signed_response_alg="none") == "invalid_client_metadata"


async def test_userinfo_is_signed_with_rs256_for_who_asks_for_it(provider: Provider) -> None:
    """oidcc-userinfo-rs256"""
    app = await provider.app(**BY_KEY, userinfo_signed_response_alg="RS256")
    assert app.registered["userinfo_signed_response_alg"] == "RS256"
    tokens = await _exchange(app, (await provider.arrive(app)).answer["code"])
    answer = await app.userinfo(tokens["access_token"])
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/jwt")
    published_keys = (await provider.hub.get("/jwks.json")).json()
    told = jwt.decode(answer.text, KeySet.import_key_set(published_keys), algorithms=["RS256"]).claims
    issued = await provider.claims(tokens["id_token"])
    assert {name: told[name] for name in ("iss", "aud", "sub")} == {
        name: issued[name] for name in ("iss", "aud", "sub")
    }
    assert read_hint(tokens["id_token"], published_keys, issued["iss"]) is not None
    assert read_hint(answer.text, published_keys, issued["iss"]) is None
    refused = await provider.hub.get("/oauth/userinfo", headers={"Authorization": f"Bearer {answer.text}"})
    assert refused.status_code == 401
    assert await _refused(provider, userinfo_signed_response_alg="none") == "invalid_client_metadata"


async def test_a_request_without_an_address_leads_nowhere(provider: Provider, app: App) -> None:
    """oidcc-ensure-redirect-uri-in-authorization-request"""
    page = await provider.browser.open(app.address(redirect_uri=None))
    assert (page.is_callback, page.status) == (False, 400)


async def test_a_registered_query_is_kept(provider: Provider) -> None:
    """oidcc-redirect-uri-query-OK"""
    app = await provider.app(redirect_uris=[f"{CALLBACK}?foo=bar"])
    page = await provider.arrive(app)
    assert page.answer["foo"] == "bar"
    assert (await app.exchange(page.answer["code"])).status_code == 200


async def test_another_query_is_another_address(provider: Provider) -> None:
    """oidcc-redirect-uri-query-mismatch"""
    app = await provider.app(redirect_uris=[f"{CALLBACK}?foo=bar"])
    page = await provider.browser.open(app.address(redirect_uri=f"{CALLBACK}?bar=foo"))
    assert page.status == 400


async def test_an_added_query_is_another_address(provider: Provider, app: App) -> None:
    """oidcc-redirect-uri-query-added"""
    page = await provider.browser.open(app.address(redirect_uri=f"{CALLBACK}?foo=bar"))
    assert page.status == 400


async def test_an_address_with_a_fragment_is_not_registered(provider: Provider) -> None:
    """oidcc-redirect-uri-regfrag"""
    assert await _refused(provider, redirect_uris=[f"{CALLBACK}#fragment"]) == "invalid_redirect_uri"


async def test_the_discovery_document_leads_to_the_registration(provider: Provider) -> None:
    """oidcc-discovery-endpoint-verification"""
    document = (await provider.hub.get("/.well-known/openid-configuration")).json()
    assert document["registration_endpoint"] == "http://hub.test/oauth/register"
    assert "private_key_jwt" in document["token_endpoint_auth_methods_supported"]


async def test_a_logo_is_kept(provider: Provider) -> None:
    """oidcc-registration-logo-uri: it is kept, and not loaded into the page"""
    app = await provider.app(logo_uri="https://app.test/logo.png")
    assert app.registered["logo_uri"] == "https://app.test/logo.png"
    page = await provider.browser.open(app.address())
    assert "logo.png" not in page.text


async def test_the_privacy_policy_is_linked(provider: Provider) -> None:
    """oidcc-registration-policy-uri"""
    app = await provider.app(policy_uri="https://app.test/policy")
    page = await provider.browser.sign_in(await provider.browser.open(app.address()), LOGIN)
    assert 'href="https://app.test/policy"' in page.text


async def test_the_terms_are_linked(provider: Provider) -> None:
    """oidcc-registration-tos-uri"""
    app = await provider.app(tos_uri="https://app.test/terms")
    page = await provider.browser.sign_in(await provider.browser.open(app.address()), LOGIN)
    assert 'href="https://app.test/terms"' in page.text


async def test_keys_are_fetched_from_where_the_application_publishes_them(provider: Provider, site: Site) -> None:
    """oidcc-registration-jwks-uri"""
    site.documents["/keys"] = published(KEY)
    app = await provider.app(token_endpoint_auth_method="private_key_jwt", jwks_uri=f"{site.url}/keys")
    page = await provider.arrive(app)
    assert "id_token" in await _exchange(app, page.answer["code"])


async def test_applications_of_a_sector_know_a_person_by_the_same_name(provider: Provider, site: Site) -> None:
    """oidcc-registration-sector-uri"""
    second = "https://second.test/callback"
    site.documents["/sector"] = [CALLBACK, second]
    sector = {"subject_type": "pairwise", "sector_identifier_uri": f"{site.url}/sector"}
    subjects = []
    for callbacks, more in (([CALLBACK], sector), ([second], sector), ([CALLBACK], {"subject_type": "pairwise"})):
        app = await provider.app(redirect_uris=callbacks, **more)
        tokens = await provider.tokens(app)
        subjects.append((await provider.claims(tokens["id_token"]))["sub"])
        assert (await app.userinfo(tokens["access_token"])).json()["sub"] == subjects[-1]
    assert subjects[0] == subjects[1] != subjects[2]
    assert provider.user["user_id"] not in subjects


async def test_a_sector_that_does_not_list_the_address_is_refused(provider: Provider, site: Site) -> None:
    """oidcc-registration-sector-bad"""
    site.documents["/other"] = ["https://elsewhere.test/callback"]
    assert await _refused(provider, sector_identifier_uri=f"{site.url}/other") == "invalid_client_metadata"


async def test_the_providers_keys_rotate(provider: Provider, app: App) -> None:
    """oidcc-server-rotate-keys"""
    before = (await provider.hub.get("/jwks.json")).json()["keys"]
    old = await provider.tokens(app)
    answer = await provider.hub.post("/signing-keys", json={"lead_s": 0}, headers=provider.headers)
    assert answer.status_code == 201
    after = (await provider.hub.get("/jwks.json")).json()["keys"]
    assert {key["kid"] for key in before} < {key["kid"] for key in after}
    await provider.claims(old["id_token"])
    await provider.claims((await provider.tokens(app))["id_token"])


async def test_an_applications_keys_rotate(provider: Provider, site: Site) -> None:
    """oidcc-refresh-token-rp-key-rotation"""
    first, second = new_key(), new_key()
    site.documents["/rotating"] = published(first)
    app = await provider.app(
        token_endpoint_auth_method="private_key_jwt",
        jwks_uri=f"{site.url}/rotating",
        grant_types=["authorization_code", "refresh_token"],
    )
    page = await provider.arrive(app, scope="openid offline_access")
    tokens = await _exchange(app, page.answer["code"], first)
    change = {
        "redirect_uris": [CALLBACK],
        "token_endpoint_auth_method": "private_key_jwt",
        "jwks_uri": f"{site.url}/rotated",
        "grant_types": ["authorization_code", "refresh_token"],
    }
    site.documents["/rotated"] = published(second)
    headers = {"Authorization": f"Bearer {app.registered['registration_access_token']}"}
    changed = await provider.hub.put(f"/oauth/register/{app.client_id}", json=change, headers=headers)
    assert changed.status_code == 200, changed.text
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    refused = await app.token(**form, **asserted(app, first))
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")
    assert (await app.token(**form, **asserted(app, second))).status_code == 200


async def test_a_request_uri_is_refused_as_unsupported(provider: Provider, app: App) -> None:
    """oidcc-request-uri-unsigned"""
    page = await provider.browser.open(app.address(request_uri="https://app.test/request.jwt"))
    assert page.answer["error"] == "request_uri_not_supported"


async def test_registering_request_uris_is_refused(provider: Provider) -> None:
    """oidcc-request-uri-signed-rs256"""
    given = {"request_uris": ["https://app.test/r"], "request_object_signing_alg": "RS256"}
    assert await _refused(provider, **given) == "invalid_client_metadata"


async def test_a_request_object_is_refused_as_unsupported(provider: Provider, app: App) -> None:
    """oidcc-ensure-request-object-with-redirect-uri"""
    page = await provider.browser.open(app.address(request="eyJhbGciOiJub25lIn0.e30."))
    assert page.answer["error"] == "request_not_supported"


async def test_a_refresh_token_gives_new_tokens(provider: Provider) -> None:
    """oidcc-refresh-token"""
    app = await provider.app(**BY_KEY, grant_types=["authorization_code", "refresh_token"])
    page = await provider.arrive(app, scope="openid offline_access")
    tokens = await _exchange(app, page.answer["code"])
    again = await app.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"], **asserted(app, KEY))
    assert again.status_code == 200
    assert again.json()["refresh_token"] != tokens["refresh_token"]


@pytest.mark.parametrize("audience", ["http://hub.test", "http://hub.test/oauth/token", ["http://hub.test"]])
async def test_an_assertion_may_name_the_issuer_or_the_endpoint(provider: Provider, audience: Any) -> None:
    """oidcc-ensure-client-assertion-with-iss-aud-succeeds"""
    app = await provider.app(**BY_KEY)
    page = await provider.arrive(app)
    answer = await app.exchange(page.answer["code"], **asserted(app, KEY, aud=audience))
    assert answer.status_code == 200, answer.text
