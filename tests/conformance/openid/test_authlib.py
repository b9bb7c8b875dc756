"""The PyPI package Authlib runs every flow against the provider, and its readers verify what comes back."""

from typing import Any

import httpx
import pytest
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.conformance.openid.conftest import Provider
from tests.support.auth import grant, register
from tests.support.client_keys import new_key, published
from tests.support.openid import CALLBACK, LOGIN, App

pytestmark = pytest.mark.asyncio(loop_scope="module")
ENDPOINT = "http://hub.test/oauth/token"
DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"


def _client(app: App, **more: Any) -> Any:
    secret = app.registered.get("client_secret")
    method = app.registered["token_endpoint_auth_method"]
    given = {"client_secret": secret, "token_endpoint_auth_method": method, "redirect_uri": CALLBACK, **more}
    return AsyncOAuth2Client(
        app.client_id, transport=app.hub._transport, code_challenge_method="S256", scope="openid", **given
    )


async def _sign_in(provider: Provider, client: Any, scope: str = "openid") -> dict[str, Any]:
    verifier = "v" * 64
    address, state = client.create_authorization_url(
        "http://hub.test/oauth/authorize", code_verifier=verifier, nonce="nonce-1", scope=scope
    )
    page = await provider.browser.through(await provider.browser.open(address), LOGIN)
    return dict(
        await client.fetch_token(ENDPOINT, authorization_response=page.url, code_verifier=verifier, state=state)
    )


async def _verified(provider: Provider, app: App, tokens: dict[str, Any]) -> dict[str, Any]:
    keys = KeySet.import_key_set((await provider.hub.get("/jwks.json")).json())
    decoded = jwt.decode(tokens["id_token"], keys, algorithms=["ES256"])
    claims = CodeIDToken(
        decoded.claims,
        decoded.header,
        {"iss": {"value": "http://hub.test"}, "aud": {"value": app.client_id}},
        {"nonce": "nonce-1", "client_id": app.client_id, "access_token": tokens["access_token"]},
    )
    claims.validate(leeway=10)
    return dict(claims)


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post", "none"])
async def test_authlib_signs_somebody_in(provider: Provider, method: str) -> None:
    app = await provider.app(token_endpoint_auth_method=method, grant_types=["authorization_code", "refresh_token"])
    async with _client(app) as client:
        tokens = await _sign_in(provider, client, "openid email offline_access")
        claims = await _verified(provider, app, tokens)
        told = (await client.get("http://hub.test/oauth/userinfo")).json()
        assert told["sub"] == claims["sub"] == provider.user["user_id"]
        renewed = await client.refresh_token(ENDPOINT, tokens["refresh_token"])
        assert renewed["refresh_token"] != tokens["refresh_token"]
        revoked = await client.revoke_token("http://hub.test/oauth/revoke", token=renewed["refresh_token"])
        assert revoked.status_code == 200
        assert (await client.get("http://hub.test/oauth/userinfo")).status_code == 401


async def test_authlib_authenticates_with_a_key(provider: Provider) -> None:
    key = new_key()
    app = await provider.app(token_endpoint_auth_method="private_key_jwt", jwks=published(key))
    async with _client(app, client_secret=key) as client:
        client.register_client_auth_method(PrivateKeyJWT(ENDPOINT, alg="ES256"))
        tokens = await _sign_in(provider, client)
        assert (await _verified(provider, app, tokens))["sub"] == provider.user["user_id"]


async def test_authlib_asks_for_a_programs_own_token_and_introspects_it(provider: Provider) -> None:
    login = await register(provider.hub, provider.headers, grant("takamatsu", "read", "write"))
    transport = provider.hub._transport
    async with AsyncOAuth2Client(login.client_id, login.secret, transport=transport, scope="read") as client:
        token = await client.fetch_token(ENDPOINT, grant_type="client_credentials")
        assert token["scope"] == "read"
        told = await client.introspect_token("http://hub.test/oauth/introspect", token=token["access_token"])
        assert told.json()["active"] is True


async def test_authlib_lets_a_device_in_and_exchanges_its_token(provider: Provider) -> None:
    role = {"role": "viewer", "tenant": "takamatsu", "user_id": provider.user["user_id"]}
    assert (await provider.hub.post("/roles", json=role, headers=provider.headers)).status_code == 201
    given = {"grant_types": [DEVICE_CODE, TOKEN_EXCHANGE], "client_name": "board"}
    answer = await provider.hub.post("/oauth/register", json=given, headers=provider.headers)
    app = App(provider.hub, answer.json())
    async with _client(app) as client:
        asked = await app.hub.post(
            "/oauth/device_authorization",
            data={"scope": "openid read"},
            auth=httpx.BasicAuth(app.client_id, app.registered["client_secret"]),
        )
        page = await provider.browser.open(asked.json()["verification_uri_complete"])
        if "password" in page.form.fields:
            page = await provider.browser.sign_in(page, provider.user["login"])
        await provider.browser.send(await provider.browser.send(page), decision="allow")
        code = asked.json()["device_code"]
        token = await client.fetch_token(ENDPOINT, grant_type=DEVICE_CODE, device_code=code)
        subject = {"subject_token": token["access_token"], "subject_token_type": ACCESS_TOKEN}
        exchanged = await client.fetch_token(ENDPOINT, grant_type=TOKEN_EXCHANGE, scope="read", **subject)
        assert exchanged["issued_token_type"] == ACCESS_TOKEN
