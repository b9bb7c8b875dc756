"""The published OpenAPI document: complete, and as the service answers."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from services.auth.main import create_api
from services.auth.settings import AuthSettings

OPEN_TO_ALL = {
    "/health/live",
    "/health/ready",
    "/metrics",
    "/municipalities",
    "/jwks.json",
    "/device-keys/token",
    "/personal-keys/token",
    "/.well-known/oauth-authorization-server",
    "/.well-known/openid-configuration",
    "/.well-known/authzen-configuration",
    "/policies/schema",
    "/services/checklist",
}


@pytest.fixture
def document(settings: AuthSettings) -> dict[str, Any]:
    return create_api(settings).openapi()


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield f"{method} {path}", operation


def test_every_operation_says_what_it_does(document: dict[str, Any]) -> None:
    for name, operation in _operations(document):
        assert operation["summary"], name
        assert operation["tags"], name
        if "Operation" not in operation["tags"]:
            assert len(operation["description"]) > 30, name
        for parameter in operation.get("parameters", ()):
            assert parameter["description"], (name, parameter["name"])


def test_every_tag_is_described(document: dict[str, Any]) -> None:
    described = {tag["name"] for tag in document["tags"] if tag["description"]}
    assert described == {tag for _, operation in _operations(document) for tag in operation["tags"]}


def test_every_operation_says_how_it_refuses_and_who_may(document: dict[str, Any]) -> None:
    for name, operation in _operations(document):
        path = name.partition(" ")[2]
        if path in OPEN_TO_ALL:
            assert "security" not in operation, name
        else:
            assert operation["security"], name
            assert {"401", "503"} <= set(operation["responses"]), name
        if path.startswith("/oauth/"):
            continue  # in the words of OAuth
        for status, response in operation["responses"].items():
            if status[0] in "45" and "Operation" not in operation["tags"]:
                assert list(response["content"]) == ["application/problem+json"], (name, status)


def test_every_field_of_what_is_sent_is_described(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    for name in (
        "NewTenant",
        "TenantChange",
        "NewClientJson",
        "ClientChange",
        "GrantJson",
        "Rotation",
        "NewKeyJson",
        "KeyText",
    ):
        for field, schema in schemas[name]["properties"].items():
            assert schema.get("description"), (name, field)
        assert schemas[name].get("additionalProperties") is False, name


def test_the_token_endpoint_tells_its_form(document: dict[str, Any]) -> None:
    operation = document["paths"]["/oauth/token"]["post"]
    [(media_type, body)] = operation["requestBody"]["content"].items()
    assert media_type == "application/x-www-form-urlencoded"
    assert body["schema"]["required"] == ["grant_type"]
    schemes = document["components"]["securitySchemes"]
    assert {scheme for each in operation["security"] for scheme in each} <= set(schemes)


async def test_the_examples_are_accepted(hub: httpx.AsyncClient) -> None:
    schemas = (await hub.get("/openapi.json")).json()["components"]["schemas"]
    await hub.put("/tenants/kagawa", json={"code": "370002"})
    [tenant] = schemas["NewTenant"]["examples"]
    assert (await hub.post("/tenants", json=tenant)).status_code == 201
    [change] = schemas["TenantChange"]["examples"]
    assert (await hub.patch("/tenants/takamatsu", json=change)).status_code == 200
    [grant] = schemas["GrantJson"]["examples"]
    assert (await hub.post("/clients", json={"client_id": "one", "grants": [grant]})).status_code == 201
    [client] = schemas["ClientChange"]["examples"]
    assert (await hub.patch("/clients/one", json=client)).json()["status"] == "suspended"


async def test_the_documentation_page_needs_no_token(guarded: Any) -> None:
    answer = await guarded.client.get("/docs", headers={"Authorization": ""})
    assert (answer.status_code, "text/html" in answer.headers["content-type"]) == (200, True)
