"""How GET shows registrations, what each member may be, and their service paths (Orion API, Registrations)."""

import json
from typing import Any

import httpx
import pytest

HTTP = {"url": "http://127.0.0.1:9/v2"}
BODY: dict[str, Any] = {"dataProvided": {"entities": [{"id": "room2", "type": "Room"}]}, "provider": {"http": HTTP}}


async def test_the_least_registration_is_shown_with_all_defaults(v2: httpx.AsyncClient) -> None:
    created = await v2.post("/v2/registrations", json=BODY)
    location = created.headers["location"]
    shown = (await v2.get(location)).json()
    assert (created.status_code, created.content) == (201, b"")
    assert location == f"/v2/registrations/{shown['id']}"
    assert json.dumps(shown) == json.dumps(
        {
            "id": shown["id"],
            "dataProvided": {"entities": [{"id": "room2", "type": "Room"}], "attrs": []},
            "provider": {"http": HTTP, "supportedForwardingMode": "all", "legacyForwarding": False},
            "status": "active",
        }
    )


async def test_members_are_shown_in_orions_order(v2: httpx.AsyncClient) -> None:
    body = {
        "status": "inactive",
        "expires": "2040-10-31T12:00:00",
        "provider": {"supportedForwardingMode": "query", "http": HTTP},
        "dataProvided": {
            "expression": {"q": "a>1"},
            "attrs": ["relativeHumidity", "pressure"],
            "entities": [{"type": "Room", "idPattern": ".*"}, {"id": "a"}],
        },
        "description": "Relative Humidity Context Source",
    }
    location = (await v2.post("/v2/registrations", json=body)).headers["location"]
    shown = (await v2.get(location)).json()
    assert list(shown) == ["id", "description", "expires", "dataProvided", "provider", "status"]
    assert shown["expires"] == "2040-10-31T12:00:00.000Z"
    assert shown["status"] == "inactive"
    assert shown["provider"]["supportedForwardingMode"] == "query"
    assert json.dumps(shown["dataProvided"]["entities"]) == json.dumps(
        [{"idPattern": ".*", "type": "Room"}, {"id": "a"}]
    )
    assert shown["dataProvided"]["attrs"] == ["relativeHumidity", "pressure"]
    assert "expression" not in shown["dataProvided"]


def _data(**members: Any) -> dict[str, Any]:
    return {"dataProvided": {**BODY["dataProvided"], **members}}


def _provider(**members: Any) -> dict[str, Any]:
    return {"provider": {**BODY["provider"], **members}}


@pytest.mark.parametrize(
    "members",
    [
        {"dataProvided": 1},
        {"dataProvided": {}},
        _data(entities=1),
        _data(entities=[]),
        _data(entities=[1]),
        _data(entities=[{}]),
        _data(entities=[{"type": "T"}]),
        _data(entities=[{"id": ""}]),
        _data(entities=[{"id": "a b"}]),
        _data(entities=[{"id": 1}]),
        _data(entities=[{"id": "a", "type": ""}]),
        _data(entities=[{"id": "a", "idPattern": ".*"}]),
        _data(attrs=1),
        _data(attrs=[1]),
        _data(attrs=[""]),
        _data(attrs=["a b"]),
        {"provider": 1},
        {"provider": {}},
        _provider(http=1),
        _provider(http={}),
        _provider(http={"url": 1}),
        _provider(http={"url": ""}),
        _provider(http={"url": "nowhere"}),
        _provider(supportedForwardingMode="some"),
        _provider(supportedForwardingMode=1),
        _provider(legacyForwarding="true"),
        {"description": 1},
        {"description": "x" * 1025},
        {"description": "a<b"},
        {"expires": 1},
        {"expires": "soon"},
        {"status": "expired"},
        {"status": 1},
    ],
)
async def test_what_orion_refuses_is_refused(v2: httpx.AsyncClient, members: dict[str, Any]) -> None:
    refused = await v2.post("/v2/registrations", json={**BODY, **members})
    assert (refused.status_code, refused.json()["error"]) == (400, "BadRequest")
    assert (await v2.get("/v2/registrations")).json() == []


@pytest.mark.parametrize("member", ["idPattern", "typePattern"])
async def test_patterns_are_not_implemented_but_for_any(v2: httpx.AsyncClient, member: str) -> None:
    entity = {member: "a.*"} if member == "idPattern" else {"id": "a", member: "a.*"}
    refused = await v2.post("/v2/registrations", json={**BODY, **_data(entities=[entity])})
    assert (refused.status_code, refused.json()["error"]) == (501, "NotImplemented")


async def test_a_registration_without_service_path_is_about_the_root(v2: httpx.AsyncClient) -> None:
    at_root = (await v2.post("/v2/registrations", json=BODY)).headers["location"]
    below = (await v2.post("/v2/registrations", json=BODY, headers={"fiware-servicepath": "/a"})).headers["location"]

    async def listed(**headers: str) -> list[str]:
        answer = await v2.get("/v2/registrations?options=count", headers=headers)
        assert answer.headers["fiware-total-count"] == str(len(answer.json()))
        return [f"/v2/registrations/{each['id']}" for each in answer.json()]

    assert await listed() == await listed(**{"fiware-servicepath": "/#"}) == [at_root, below]
    assert await listed(**{"fiware-servicepath": "/"}) == [at_root]
    assert await listed(**{"fiware-servicepath": "/a"}) == [below]
    assert (await v2.get(below, headers={"fiware-servicepath": "/b"})).status_code == 200


@pytest.mark.parametrize("path", ["/#", "/a/#", "/a,/b"])
async def test_a_registration_is_about_one_exact_path(v2: httpx.AsyncClient, path: str) -> None:
    refused = await v2.post("/v2/registrations", json=BODY, headers={"fiware-servicepath": path})
    assert (refused.status_code, refused.json()["error"]) == (400, "BadRequest")


@pytest.mark.parametrize("method", ["GET", "DELETE"])
@pytest.mark.parametrize(("identifier", "expected"), [("0" * 24, (404, "NotFound")), ("1", (400, "BadRequest"))])
async def test_a_registration_that_is_not_there(
    v2: httpx.AsyncClient, method: str, identifier: str, expected: tuple[int, str]
) -> None:
    answer = await v2.request(method, f"/v2/registrations/{identifier}")
    assert (answer.status_code, answer.json()["error"]) == expected


async def test_registrations_are_not_updated(v2: httpx.AsyncClient) -> None:
    location = (await v2.post("/v2/registrations", json=BODY)).headers["location"]
    refused = await v2.patch(location, json={"status": "inactive"})
    assert (refused.status_code, refused.json()["error"]) == (405, "MethodNotAllowed")
    assert refused.headers["allow"] == "GET, DELETE"
