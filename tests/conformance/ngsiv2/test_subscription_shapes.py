"""How GET shows subscriptions: members, defaults, their order; what each member may be (Orion API, Subscriptions)."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import httpx
import pytest

ENTITIES = [{"idPattern": ".*", "type": "Room"}]
HTTP = {"url": "http://127.0.0.1:9/notify"}


def _subscription(notification: dict[str, Any] | None = None, **members: Any) -> dict[str, Any]:
    return {"subject": {"entities": ENTITIES}, "notification": notification or {"http": HTTP}, **members}


async def _shown(v2: httpx.AsyncClient, body: dict[str, Any]) -> dict[str, Any]:
    created = await v2.post("/v2/subscriptions", json=body)
    assert (created.status_code, created.content) == (201, b""), created.text
    answer = await v2.get(created.headers["location"])
    shown = answer.json()
    assert created.headers["location"] == f"/v2/subscriptions/{shown.pop('id')}"
    return dict(shown)


async def test_the_least_subscription_is_shown_with_all_defaults(v2: httpx.AsyncClient) -> None:
    assert json.dumps(await _shown(v2, _subscription())) == json.dumps(
        {
            "status": "active",
            "subject": {"entities": ENTITIES, "condition": {"attrs": [], "notifyOnMetadataChange": True}},
            "notification": {
                "attrs": [],
                "onlyChangedAttrs": False,
                "attrsFormat": "normalized",
                "http": HTTP,
                "covered": False,
            },
        }
    )


async def test_members_are_shown_in_orions_order(v2: httpx.AsyncClient) -> None:
    body: dict[str, Any] = {
        "throttling": 5,
        "status": "inactive",
        "expires": "2040-04-05T14:00:00Z",
        "notification": {
            "maxFailsLimit": 3,
            "covered": True,
            "metadata": ["dateCreated", "*"],
            "onlyChangedAttrs": True,
            "attrsFormat": "keyValues",
            "attrs": ["temperature", "humidity"],
            "http": {"timeout": 4500, **HTTP},
        },
        "subject": {
            "condition": {
                "notifyOnMetadataChange": False,
                "alterationTypes": ["entityCreate", "entityDelete"],
                "expression": {
                    "georel": "near;maxDistance:15000",
                    "coords": "37.407804,-6.004552",
                    "geometry": "point",
                    "mq": "temperature.accuracy<0.9",
                    "q": "temperature>40",
                },
                "attrs": ["temperature"],
            },
            "entities": [{"typePattern": "Ro+m", "id": "Room1"}],
        },
        "description": "One subscription to rule them all",
    }
    shown = await _shown(v2, body)
    assert list(shown) == ["description", "expires", "status", "subject", "notification", "throttling"]
    assert shown["expires"] == "2040-04-05T14:00:00.000Z"
    assert list(shown["subject"]["entities"][0]) == ["id", "typePattern"]
    condition, notification = shown["subject"]["condition"], shown["notification"]
    assert list(condition) == ["attrs", "expression", "alterationTypes", "notifyOnMetadataChange"]
    assert list(condition["expression"]) == ["q", "mq", "geometry", "coords", "georel"]
    order = ["maxFailsLimit", "attrs", "onlyChangedAttrs", "attrsFormat", "http", "metadata", "covered"]
    assert list(notification) == order
    assert notification == body["notification"]
    assert condition == body["subject"]["condition"]


@pytest.mark.parametrize(
    ("channel", "sent", "shown"),
    [
        ("http", {**HTTP, "timeout": 0}, HTTP),
        ("mqtt", {"topic": "sub1", "url": "mqtt://127.0.0.1:9"}, {"qos": 0, "retain": False}),
        ("mqtt", {"topic": "t", "url": "mqtt://127.0.0.1:9", "qos": 2, "retain": True}, {"qos": 2, "retain": True}),
        ("httpCustom", {"url": "http://127.0.0.1:9/entity/${id}", "payload": None}, {"payload": None}),
        ("httpCustom", {**HTTP, "headers": {"x": "'a'"}, "qs": {"type": "${type}"}, "method": "PUT"}, {}),
        ("httpCustom", {**HTTP, "json": {"t": "${temperature}", "v": [4]}}, {}),
        ("httpCustom", {**HTTP, "ngsi": {}}, {"ngsi": {}}),
        ("httpCustom", {**HTTP, "ngsi": {"id": "prefix:${id}", "a": {"value": "${b+1}", "type": "T"}}}, {}),
        ("mqttCustom", {"url": "mqtt://127.0.0.1:9", "topic": "/${id}", "payload": "a"}, {"qos": 0, "retain": False}),
    ],
)
async def test_a_channel_is_shown_as_it_was_sent(
    v2: httpx.AsyncClient, channel: str, sent: dict[str, Any], shown: dict[str, Any]
) -> None:
    notification = (await _shown(v2, _subscription({channel: sent})))["notification"]
    expected = {**sent, **shown}
    if not expected.get("timeout", 1):
        del expected["timeout"]
    assert notification[channel] == expected
    assert next(iter(notification[channel])) == "url"


async def test_excepted_attributes_stand_in_place_of_attributes(v2: httpx.AsyncClient) -> None:
    notification = (await _shown(v2, _subscription({"http": HTTP, "exceptAttrs": ["a", "b"]})))["notification"]
    assert list(notification) == ["exceptAttrs", "onlyChangedAttrs", "attrsFormat", "http", "covered"]


@pytest.mark.parametrize(
    "members",
    [
        {"expires": ""},
        {"expires": "2016-04-05T14:00:00.00Z"},
        {"expires": "2040-04-05"},
        {"throttling": 0},
        {"description": ""},
        {"status": "oneshot"},
        {"subject": {"entities": ENTITIES, "condition": {"attrs": []}}},
        {"subject": {"entities": [{"idPattern": "house<flat>"}]}},
        {"subject": {"entities": [{"id": "a"}, {"idPattern": ".*", "typePattern": ".*"}]}},
        {"notification": {"http": HTTP, "attrs": [], "metadata": []}},
        {"notification": {"http": HTTP, "attrs": ["*", "dateCreated"]}},
        {"unknown": 1},
    ],
)
async def test_what_orion_takes_is_taken(v2: httpx.AsyncClient, members: dict[str, Any]) -> None:
    assert (await v2.post("/v2/subscriptions", json={**_subscription(), **members})).status_code == 201


def _condition(**members: Any) -> dict[str, Any]:
    return {"subject": {"entities": ENTITIES, "condition": members}}


def _notification(**members: Any) -> dict[str, Any]:
    return {"notification": {"http": HTTP, **members}}


def _custom(**members: Any) -> dict[str, Any]:
    return {"notification": {"httpCustom": {**HTTP, **members}}}


def _kafka(**members: Any) -> dict[str, Any]:
    return {"notification": {"kafka": {"url": "kafka://127.0.0.1:9,127.0.0.1:10", "topic": "t", **members}}}


def _mqtt(**members: Any) -> dict[str, Any]:
    return {"notification": {"mqtt": {"url": "mqtt://127.0.0.1:9", "topic": "t", **members}}}


def _entity(**members: Any) -> dict[str, Any]:
    return {"subject": {"entities": [members]}}


def _each(make: Callable[..., dict[str, Any]], member: str, *values: Any) -> list[dict[str, Any]]:
    return [make(**{member: value}) for value in values]


@pytest.mark.parametrize(
    "members",
    [
        *_each(dict, "description", 1, None, "a(b)", "a<b", "x" * 1025),
        *_each(dict, "subject", 1, [], {}, {"entities": {}}, {"entities": ENTITIES, "condition": []}),
        *_each(_entity, "id", 1, "", "a b", "a/b", "house=flat", "barça", "x" * 257),
        *(_entity(id="a", type=each) for each in (1, "", "a#b", "x" * 257)),
        *_each(_entity, "idPattern", 1, "", "*", "("),
        *(_entity(id="a", typePattern=each) for each in (1, "", "[")),
        _entity(type="T"),
        _entity(id="a", idPattern="b"),
        _entity(id="a", type="T", typePattern="U"),
        *_each(_condition, "attrs", "a", [1], [""], ["a b"], ["barça"], ["x" * 257], ["a", "a"]),
        *_each(_condition, "expression", "q", [], {}, {"q": ""}, {"q": 1}, {"mq": ""}, {"q": "a=="}),
        *(_condition(expression={"georel": "near;maxDistance:1", "geometry": each}) for each in ("point", "")),
        *_each(_condition, "alterationTypes", "entityCreate", ["x"], [1]),
        *_each(_condition, "notifyOnMetadataChange", "true", 1, None),
        *_each(_condition, "jexlExpression", 1, "", "a|"),
        *_each(dict, "notification", 1, [], {}, {"http": {}}, {"http": 1}, {"http": {"url": 1}}),
        *(_notification(http={"url": each}) for each in ("", "localhost:1234", "ftp://a", "http://", "http://a?b=c")),
        *(_notification(http={**HTTP, "timeout": each}) for each in (-1, 1_800_001, "5", 0.5, None)),
        *_each(_notification, "attrs", "a", [1], [""], ["a", "a"], ["a<b>"], ["barça"]),
        *_each(_notification, "exceptAttrs", "a", [], [1], ["a", "a"]),
        *_each(_notification, "metadata", "a", [1], ["a", "a"]),
        *_each(_notification, "attrsFormat", 1, "", "legacy", "simple"),
        *_each(_notification, "onlyChangedAttrs", "true", 1, None),
        *(_notification(covered=each, attrs=["a"]) for each in ("true", 1)),
        _notification(covered=True),
        _notification(covered=True, attrs=[]),
        _notification(covered=True, exceptAttrs=["a"]),
        *_each(_notification, "maxFailsLimit", 0, -1, "3", 1.5),
        _notification(attrs=["a"], exceptAttrs=["b"]),
        _notification(httpCustom=HTTP),
        *_each(_custom, "method", "FETCH", 1, "", [], {}),
        *_each(_custom, "headers", {}, [], {"x": 1}, {"x": "a=b"}, {"x": "(a)"}),
        *_each(_custom, "qs", {}, [], {"x": 1}, {"x": "a=b"}, {"x": "'a'"}),
        *_each(_custom, "payload", 1, {}, "a=b"),
        *_each(_custom, "json", 1, "text", None),
        *_each(_custom, "ngsi", 1, [], {"a": 1}, {"a": {"metadata": {"b": {"value": 1}}}}),
        _custom(payload="a", json={}),
        *_each(_mqtt, "qos", 3, -1, "1"),
        *_each(_mqtt, "retain", "true", 1),
        *_each(_mqtt, "url", "http://a", "mqtt://", "mqtt://a:1883/path"),
        *_each(_mqtt, "topic", "", 1, "a=b"),
        *(_mqtt(**{each: "x"}) for each in ("user", "passwd")),
        *_each(_kafka, "url", 1, "", "http://a", "kafka://", "kafka://a:9/path", "kafka://a:b", "kafka://a:9,"),
        *_each(_kafka, "topic", 1, "", "a=b"),
        *_each(_kafka, "key", 1, {}),
        *_each(_kafka, "user", "x"),
        *_each(partial(_kafka, user="u", passwd="p"), "saslMechanism", "GSSAPI", 1, []),
        _kafka(user="u", passwd="p"),
        _kafka(user="u", passwd="p", saslMechanism="PLAIN", securityProtocol="SSL"),
        {"notification": {"kafkaCustom": {"url": "kafka://a:9", "topic": "t", "headers": {}}}},
        *_each(dict, "expires", 1, None, " ", "soon", "2016-04-05T14:10:0x.00Z", "2016-04-05T14:10:00.h00Z"),
        *_each(dict, "status", 1, "", "expired", "failed", None),
        *_each(dict, "throttling", True, [34], {"value": 34}, "234", 23432.45, -1, None),
    ],
)
async def test_what_orion_refuses_is_refused(v2: httpx.AsyncClient, members: dict[str, Any]) -> None:
    refused = await v2.post("/v2/subscriptions", json={**_subscription(), **members})
    assert (refused.status_code, refused.json()["error"]) == (400, "BadRequest")
    location = (await v2.post("/v2/subscriptions", json=_subscription())).headers["location"]
    refused = await v2.patch(location, json=members)
    assert (refused.status_code, refused.json()["error"]) == (400, "BadRequest")


async def test_a_well_formed_kafka_subscription_is_not_implemented(v2: httpx.AsyncClient) -> None:
    user = {"user": "u", "passwd": "p", "saslMechanism": "SCRAM-SHA-256", "securityProtocol": "SASL_PLAINTEXT"}
    for members in ({}, {"key": None}, {"key": "k", **user}):
        refused = await v2.post("/v2/subscriptions", json={**_subscription(), **_kafka(**members)})
        assert (refused.status_code, refused.json()["error"]) == (501, "NotImplemented")


@pytest.mark.parametrize("limit", ["0", "1"])
async def test_a_page_of_subscriptions_is_in_order_of_creation(v2: httpx.AsyncClient, limit: str) -> None:
    made = [(await v2.post("/v2/subscriptions", json=_subscription())).headers["location"] for _ in range(3)]
    page = await v2.get(f"/v2/subscriptions?limit={limit}&offset=1&options=count")
    assert [f"/v2/subscriptions/{each['id']}" for each in page.json()] == made[1:2][: int(limit)]
    assert page.headers["fiware-total-count"] == "3"


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
@pytest.mark.parametrize(
    ("identifier", "expected"),
    [("0" * 24, (404, "NotFound")), ("1", (400, "BadRequest")), ("g" * 24, (400, "BadRequest"))],
)
async def test_a_subscription_that_is_not_there(
    v2: httpx.AsyncClient, method: str, identifier: str, expected: tuple[int, str]
) -> None:
    body = {"status": "active"} if method == "PATCH" else None
    answer = await v2.request(method, f"/v2/subscriptions/{identifier}", json=body)
    assert (answer.status_code, answer.json()["error"]) == expected
