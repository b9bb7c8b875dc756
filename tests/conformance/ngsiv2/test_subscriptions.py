"""/v2/subscriptions."""

import copy
from typing import Any

import httpx
import pytest

SUBSCRIPTION: dict[str, Any] = {
    "description": "Warm rooms",
    "subject": {
        "entities": [{"idPattern": ".*", "type": "Room"}],
        "condition": {"attrs": ["temperature"], "expression": {"q": "temperature>40"}},
    },
    "notification": {"http": {"url": "http://127.0.0.1:9/notify"}, "attrs": ["temperature"]},
    "expires": "2040-01-01T14:00:00.00Z",
    "throttling": 5,
}


async def _subscribe(v2: httpx.AsyncClient, **headers: str) -> str:
    created = await v2.post("/v2/subscriptions", json=SUBSCRIPTION, headers=headers)
    assert created.status_code == 201, created.text
    return created.headers["location"]


async def test_a_subscription_is_shown_with_its_defaults(v2: httpx.AsyncClient) -> None:
    location = await _subscribe(v2)
    identifier = location.removeprefix("/v2/subscriptions/")
    assert len(identifier) == 24
    assert (await v2.get(location)).json() == {
        "id": identifier,
        "description": "Warm rooms",
        "expires": "2040-01-01T14:00:00.000Z",
        "status": "active",
        "subject": {
            "entities": [{"idPattern": ".*", "type": "Room"}],
            "condition": {
                "attrs": ["temperature"],
                "expression": {"q": "temperature>40"},
                "notifyOnMetadataChange": True,
            },
        },
        "notification": {
            "attrs": ["temperature"],
            "onlyChangedAttrs": False,
            "attrsFormat": "normalized",
            "http": {"url": "http://127.0.0.1:9/notify"},
            "covered": False,
        },
        "throttling": 5,
    }


async def test_an_update_changes_only_what_it_names(v2: httpx.AsyncClient) -> None:
    location = await _subscribe(v2)
    assert (await v2.patch(location, json={"status": "inactive", "expires": ""})).status_code == 204
    read = (await v2.get(location)).json()
    assert read["status"] == "inactive"
    assert "expires" not in read
    assert read["throttling"] == 5
    patch = {"notification": {"httpCustom": {"url": "http://127.0.0.1:9/${id}", "headers": {"x": "y"}}}}
    assert (await v2.patch(location, json=patch)).status_code == 204
    read = (await v2.get(location)).json()["notification"]
    assert "http" not in read
    assert read["httpCustom"]["headers"] == {"x": "y"}
    assert read["attrs"] == ["temperature"]


async def test_a_subscription_is_deleted(v2: httpx.AsyncClient) -> None:
    location = await _subscribe(v2)
    assert (await v2.delete(location)).status_code == 204
    missing = await v2.get(location)
    assert (missing.status_code, missing.json()["error"]) == (404, "NotFound")
    assert (await v2.delete(location)).status_code == 404
    assert (await v2.get("/v2/subscriptions/none")).status_code == 400


async def test_subscriptions_are_listed_by_their_exact_path(v2: httpx.AsyncClient) -> None:
    await _subscribe(v2)
    location = await _subscribe(v2, **{"fiware-servicepath": "/a/#"})
    assert len((await v2.get("/v2/subscriptions")).json()) == 2
    exact = await v2.get("/v2/subscriptions?options=count", headers={"fiware-servicepath": "/a/#"})
    assert [each["id"] for each in exact.json()] == [location.rpartition("/")[2]]
    assert exact.headers["fiware-total-count"] == "1"
    assert (await v2.get("/v2/subscriptions", headers={"fiware-servicepath": "/a"})).json() == []


async def test_the_password_of_an_mqtt_broker_is_not_shown(v2: httpx.AsyncClient) -> None:
    body = copy.deepcopy(SUBSCRIPTION)
    mqtt = {"url": "mqtt://127.0.0.1:9", "topic": "t", "user": "u", "passwd": "secret"}
    body["notification"] = {"mqtt": mqtt}
    location = (await v2.post("/v2/subscriptions", json=body)).headers["location"]
    shown = (await v2.get(location)).json()["notification"]["mqtt"]
    assert shown == {**mqtt, "passwd": "*****", "qos": 0, "retain": False}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("subject",), None),
        (("notification",), None),
        (("notification", "http"), None),
        (("subject", "entities"), []),
        (("subject", "entities"), [{"type": "T"}]),
        (("subject", "entities"), [{"id": "a", "idPattern": "b"}]),
        (("subject", "entities"), [{"idPattern": "a["}]),
        (("subject", "condition"), {}),
        (("subject", "condition", "attrs"), ["a", "a"]),
        (("subject", "condition", "expression"), {}),
        (("subject", "condition", "expression"), {"q": "a>1,2"}),
        (("subject", "condition", "expression"), {"georel": "near;maxDistance:1"}),
        (("subject", "condition", "alterationTypes"), ["never"]),
        (("notification", "http", "url"), "nowhere"),
        (("notification", "http", "timeout"), 1_800_001),
        (("notification", "attrsFormat"), "legacy"),
        (("notification", "exceptAttrs"), ["a"]),
        (("notification", "mqtt"), {"url": "mqtt://127.0.0.1:9", "topic": "t"}),
        (("expires",), "soon"),
        (("status",), "asleep"),
        (("throttling",), -1),
        (("description",), "x" * 1025),
    ],
)
async def test_a_malformed_subscription_is_refused(v2: httpx.AsyncClient, path: tuple[str, ...], value: Any) -> None:
    body = copy.deepcopy(SUBSCRIPTION)
    place: Any = body
    for name in path[:-1]:
        place = place[name]
    if value is None:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    refused = await v2.post("/v2/subscriptions", json=body)
    assert (refused.status_code, refused.json()["error"]) == (400, "BadRequest")
    assert (await v2.get("/v2/subscriptions")).json() == []
