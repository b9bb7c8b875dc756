"""Every route of every service, with another tenant's name and identifiers, service paths in lists and subtrees."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.integration.isolation.conftest import SECRET, STRANGER, VICTIM, Scene
from tests.support.hub import SERVICES

PATHS = ("/", "/#", "/hidden", "/own,/hidden", "/own/#,/#", "/hidden/#")
OPEN_TO_ALL = {
    "/tenants": "who shares the installation is no secret: tenants are listed to any caller",
    "/tenants/{name}": "the same",
    "/feed/tenants": "the same",
    "/.well-known/": "says how to sign in",
}
"""Where the name of a tenant, which its title repeats here, is told to any caller, each with the reason."""

_STREAMS = "/stream/"
_WORDS = re.compile(r"\{([A-Za-z_]+)(:path)?\}")


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method in {"get", "post", "put", "patch", "delete"} and not path.startswith("/health/"):
                yield method.upper(), path, operation


def address(path: str, ids: dict[str, str]) -> str:
    return _WORDS.sub(lambda word: ids.get(word[1], ids["entityId"] if "ntity" in word[1] else SECRET), path)


def body(operation: dict[str, Any]) -> Any:
    content = operation.get("requestBody", {}).get("content", {})
    media: dict[str, Any] = next(iter(content.values()), {})
    examples = media.get("examples", {})
    return media.get("example", next((each.get("value") for each in examples.values()), {}))


def _variants(service: str, path: str) -> Iterator[dict[str, str]]:
    """Name the victim, with each kind of service path where they count; and the stranger, with the victim's ids."""
    listed = PATHS if service == "broker" and path.startswith("/v2") else PATHS[:2]
    for each in listed:
        yield {"Fiware-Service": VICTIM, "Fiware-ServicePath": each}
    yield {"NGSILD-Tenant": VICTIM}
    if not path.startswith(_STREAMS):
        yield {"Fiware-Service": STRANGER, "Fiware-ServicePath": "/"}


async def tried(client: httpx.AsyncClient, method: str, url: str, body: Any, headers: dict[str, str]) -> httpx.Response:
    sent = {"json": body} if method in {"POST", "PUT", "PATCH"} else {}
    return await client.request(method, url, headers=headers, **sent)


@pytest.mark.parametrize("service", SERVICES)
async def test_no_route_shows_or_changes_what_another_tenant_has(scene: Scene, service: str) -> None:
    before = await scene.exported(service)
    assert any(SECRET in line for line in before)
    told, failed, count = [], [], 0
    async with scene.hub.client(service, await scene.hub.headers(scene.stranger)) as client:
        document = (await client.get("/openapi.json")).json()
        for method, path, operation in operations(document):
            for headers in _variants(service, path):
                answer = await tried(client, method, address(path, scene.ids), body(operation), headers)
                count += 1
                if answer.status_code >= 500 and answer.status_code != 501:
                    failed.append((method, path, answer.status_code, answer.text[:200]))
                is_open = any(path == each or (each.endswith("/") and path.startswith(each)) for each in OPEN_TO_ALL)
                if answer.is_success and not is_open and SECRET in answer.text:
                    told.append((method, path, headers, answer.text[:200]))
    assert told == []
    assert failed == []
    assert count > 50
    after = await scene.exported(service)
    assert _without_marks(after) == _without_marks(before)


def _without_marks(lines: set[str]) -> set[str]:
    """Take out what tells of use, not of data."""
    marks = ('"last_used_at"', '"audit', '"usage', '"rate_window', '"deed')
    return {line for line in lines if not any(mark in line for mark in marks)}
