"""How a device's measures become entities."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from services.ingest.domain.device import Device, Group
from services.ingest.domain.plan import Entity, Plan, make_plan
from services.ingest.domain.refusal import MeasureRefused, Reason

NOW = datetime(2026, 8, 20, tzinfo=UTC)
AT_NOW = "2026-08-20T00:00:00Z"


def plan(device: Mapping[str, Any] | None = None, group: Mapping[str, Any] | None = None, path: str = "/") -> Plan:
    shared = Group("fukui", path, "/iot/json", "key", group) if group is not None else None
    return make_plan(Device("fukui", path, "d1", "", device or {}), shared, "Asia/Tokyo")


def one(plan: Plan, values: Mapping[str, object]) -> Entity:
    [entity] = plan.entities(values, NOW)
    return entity


def test_a_key_that_is_not_provisioned_becomes_an_attribute_of_its_name() -> None:
    assert one(plan(), {"t": 1, "on": True}) == {
        "id": "urn:ngsi-ld:Thing:d1",
        "type": "Thing",
        "t": {"type": "Property", "value": 1, "observedAt": AT_NOW},
        "on": {"type": "Property", "value": True, "observedAt": AT_NOW},
    }


def test_with_explicit_attributes_other_keys_are_left_out() -> None:
    explicit = plan({"explicitAttrs": True, "attributes": [{"object_id": "t", "name": "temperature"}]})
    assert one(explicit, {"t": 1, "x": 2}).keys() == {"id", "type", "temperature"}
    with pytest.raises(MeasureRefused) as caught:
        explicit.entities({"x": 2}, NOW)
    assert caught.value.refusal.reason is Reason.EMPTY_MEASURE


def test_units_and_metadata_become_members_of_the_attribute() -> None:
    metadata = {"unitCode": {"type": "Text", "value": "CEL"}, "accuracy": {"type": "Number", "value": 0.1}}
    rendered = one(plan({"attributes": [{"name": "t", "type": "Number", "metadata": metadata}]}), {"t": "21.5"})["t"]
    assert rendered == {
        "type": "Property",
        "value": 21.5,
        "unitCode": "CEL",
        "accuracy": {"type": "Property", "value": 0.1},
        "observedAt": AT_NOW,
    }


@pytest.mark.parametrize("key", ["TimeInstant", "timestamp"])
def test_the_measure_tells_when_it_was_observed(key: str) -> None:
    entity = one(plan(), {"t": 1, key: "2023-07-13T07:20"})
    assert entity == {
        "id": "urn:ngsi-ld:Thing:d1",
        "type": "Thing",
        "t": {"type": "Property", "value": 1, "observedAt": "2023-07-12T22:20:00Z"},
    }


def test_a_device_reads_times_in_its_own_zone() -> None:
    entity = one(plan({"timezone": "Europe/Paris"}), {"t": 1, "TimeInstant": "2023-07-13T07:20"})
    assert entity["t"]["observedAt"] == "2023-07-13T05:20:00Z"


def test_a_key_provisioned_as_the_time_is_the_time() -> None:
    mapped = plan({"attributes": [{"object_id": "at", "name": "TimeInstant", "type": "DateTime"}]})
    assert one(mapped, {"t": 1, "at": 1689200400})["t"]["observedAt"] == "2023-07-12T22:20:00Z"


def test_a_provisioned_timestamp_attribute_stays_an_attribute() -> None:
    entity = one(plan({"attributes": [{"object_id": "timestamp", "name": "sentAt"}]}), {"timestamp": 5})
    assert entity["sentAt"] == {"type": "Property", "value": 5, "observedAt": AT_NOW}


def test_ids_and_types_in_a_measure_are_renamed() -> None:
    assert one(plan(), {"id": 1, "type": 2, "scope": 3}).keys() == {
        "id",
        "type",
        "measure_id",
        "measure_type",
        "measure_scope",
    }


@pytest.mark.parametrize("key", ["@context", "@id", ""])
def test_a_key_that_would_be_json_ld_is_refused(key: str) -> None:
    with pytest.raises(MeasureRefused) as caught:
        plan().entities({key: "x", "t": 1}, NOW)
    assert caught.value.refusal.reason is Reason.BAD_NAME


def test_null_values_are_left_out_and_a_measure_of_nothing_is_refused() -> None:
    assert "gone" not in one(plan(), {"t": 1, "gone": None})
    for nothing in ({}, {"t": None}, {"TimeInstant": "2023-07-13T07:20"}):
        with pytest.raises(MeasureRefused) as caught:
            plan().entities(nothing, NOW)
        assert caught.value.refusal.reason is Reason.EMPTY_MEASURE


def test_one_bad_value_refuses_the_whole_measure_and_names_its_attribute() -> None:
    numeric = plan({"attributes": [{"name": "a", "type": "Number"}, {"name": "b", "type": "Number"}]})
    with pytest.raises(MeasureRefused, match="Attribute b: '\\*' is not a number"):
        numeric.entities({"a": 1, "b": "*"}, NOW)


def test_a_device_inherits_what_it_lacks_from_its_group() -> None:
    group = {
        "entity_type": "Gauge",
        "timezone": "UTC",
        "attributes": [{"object_id": "l", "name": "level", "type": "Number"}, {"object_id": "b", "name": "battery"}],
        "static_attributes": [{"name": "city", "value": "Fukui"}, {"name": "owner", "value": "group"}],
    }
    device = {
        "timezone": None,
        "attributes": [{"object_id": "b", "name": "charge"}],
        "static_attributes": [{"name": "owner", "value": "device"}],
    }
    made = plan(device, group)
    assert made.entity_id == "urn:ngsi-ld:Gauge:d1"
    assert {key: each.name for key, each in made.active.items()} == {"b": "charge", "l": "level"}
    assert made.static_values == {"city": "Fukui", "owner": "device"}
    assert one(made, {"l": "2", "TimeInstant": "2023-07-13T07:20"})["level"]["observedAt"] == "2023-07-13T07:20:00Z"


def test_an_attribute_of_another_entity_goes_there() -> None:
    attributes = [{"name": "t"}, {"name": "busy", "entity_name": "room 1", "entity_type": "Room"}]
    entities = plan({"attributes": attributes}).entities({"t": 1, "busy": True}, NOW)
    assert [(each["id"], each["type"]) for each in entities] == [
        ("urn:ngsi-ld:Thing:d1", "Thing"),
        ("urn:ngsi-ld:Room:room%201", "Room"),
    ]


def test_the_service_path_is_the_scope_of_the_entity() -> None:
    assert plan(path="/parks/north").static_entity()["scope"] == "/parks/north"
    assert "scope" not in plan().static_entity()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("urn:ngsi-ld:Gauge:fukui-1", "urn:ngsi-ld:Gauge:fukui-1"),
        ("九頭竜 1", "urn:ngsi-ld:Thing:%E4%B9%9D%E9%A0%AD%E7%AB%9C%201"),
    ],
)
def test_entity_ids_are_always_uris(name: str, expected: str) -> None:
    assert plan({"entity_name": name}).entity_id == expected


def test_with_ngsi_v2_results_of_commands_have_the_agents_types() -> None:
    received = datetime(2026, 8, 20, 1, 0, tzinfo=UTC)
    fields = {"entity_type": "Lamp", "commands": [{"name": "on", "type": "command"}]}
    entity = plan({**fields, "ngsiVersion": "v2"}).results({"on": "is on"}, received)
    assert (entity["on_status"]["value"], entity["on_status"]["valueType"]) == ("OK", "commandStatus")
    assert (entity["on_info"]["value"], entity["on_info"]["valueType"]) == ("is on", "commandResult")
    assert "valueType" not in plan(fields).results({"on": "is on"}, received)["on_info"]


def test_with_ngsi_v2_a_type_is_a_label_and_a_told_time_stays_an_attribute() -> None:
    typed = [{"name": "n", "type": "Number"}, {"name": "s", "type": "Text"}, {"name": "p", "type": "geo:point"}]
    group = {"ngsiVersion": "v2", "entity_type": "Room", "attributes": typed}
    told = "2026-08-20T01:00:00Z"
    entity = one(plan({}, group), {"n": "21.5", "s": 5, "u": 1, "TimeInstant": told})
    assert (entity["id"], {name: each["value"] for name, each in entity.items() if name not in ("id", "type")}) == (
        "Room:d1",
        {"n": "21.5", "s": 5, "u": 1, "TimeInstant": {"@type": "DateTime", "@value": told}},
    )
    assert {name: entity[name]["valueType"] for name in "nsu"} == {"n": "Number", "s": "Text", "u": "Text"}
    assert "TimeInstant" not in one(plan({}, group), {"n": 1})
    assert "TimeInstant" not in one(plan({"explicitAttrs": True}, group), {"n": 1, "TimeInstant": told})
    assert "TimeInstant" not in one(plan({}, {**group, "ngsiVersion": "ld"}), {"n": 1, "TimeInstant": told})
    with pytest.raises(MeasureRefused, match="latitude, longitude"):
        plan({}, group).entities({"p": "nowhere"}, NOW)


def test_with_ngsi_v2_and_timestamp_attributes_have_their_time_as_metadata() -> None:
    told = "2026-08-20T01:00:00Z"
    time = {"type": "Property", "value": {"@type": "DateTime", "@value": told}}
    fields = {"timestamp": True, "ngsiVersion": "v2", "commands": [{"name": "on", "type": "command"}]}
    other = {"object_id": "h", "name": "n", "entity_name": "urn:ngsi-ld:Hall:1"}
    made = plan({**fields, "attributes": [other]}).entities({"n": 1, "h": 2, "TimeInstant": told}, NOW)
    assert [(entity["n"]["TimeInstant"], entity["TimeInstant"]) for entity in made] == [(time, time)] * 2
    results = plan(fields).results({"on": "is on"}, datetime(2026, 8, 20, 1, 0, tzinfo=UTC))
    assert results["on_status"]["TimeInstant"] == results["on_info"]["TimeInstant"] == time
    for changed in ({"ngsiVersion": "ld"}, {"timestamp": False}):
        assert "TimeInstant" not in one(plan({**fields, **changed}), {"n": 1, "TimeInstant": told})["n"]
