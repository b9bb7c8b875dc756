"""The module of the OpenID Foundation's plan `oidcc-config-certification-test-plan`."""

import pytest
from authlib.oidc.discovery import OpenIDProviderMetadata

from tests.conformance.openid.conftest import Provider

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize("path", ["openid-configuration", "oauth-authorization-server"])
async def test_the_discovery_document_tells_what_there_is(provider: Provider, path: str) -> None:
    """oidcc-discovery-endpoint-verification"""
    document = (await provider.hub.get(f"/.well-known/{path}")).json()
    secure = {
        name: value.replace("http://", "https://") if isinstance(value, str) else value
        for name, value in document.items()
    }
    assert document["id_token_signing_alg_values_supported"] == ["ES256", "RS256"]
    OpenIDProviderMetadata(secure).validate()
    assert document["issuer"] == "http://hub.test"
    assert document["response_types_supported"] == ["code"]
    assert {"authorization_code", "refresh_token", "client_credentials"} <= set(document["grant_types_supported"])
    assert {"openid", "profile", "email", "offline_access"} <= set(document["scopes_supported"])
    assert document["subject_types_supported"] == ["public", "pairwise"]
    assert document["code_challenge_methods_supported"] == ["S256"]
    assert document["claims_parameter_supported"] is True
    keys = (await provider.hub.get("/jwks.json")).json()["keys"]
    assert all(key["alg"] in ("ES256", "RS256") and "d" not in key for key in keys)
    assert len({key["kid"] for key in keys}) == len(keys)
