"""Measures of devices whose attributes are computed, named, filtered, linked, or NGSI entities themselves."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from services.ingest.domain.computation import Reading, compute
from services.ingest.domain.device import Device, Group
from services.ingest.domain.plan import make_plan
from services.ingest.domain.refusal import MeasureRefused, Reason

NOW = datetime(2026, 8, 20, tzinfo=UTC)
OWN = "urn:ngsi-ld:Lamp:d1"


def readings(
    fields: Mapping[str, Any], values: Mapping[str, Any], previous: Mapping[str, Any] | None = None
) -> list[Reading]:
    group = Group("fukui", "/parks", "/iot/json", "key", {"entity_type": "Lamp", **fields})
    plan = make_plan(Device("fukui", "/parks", "d1", "", {}), group, "Asia/Tokyo")
    assert plan.is_computed
    return compute(plan, values, NOW, previous)


def entities(fields: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the attributes' values by entity id."""
    found: dict[str, dict[str, Any]] = {}
    for reading in readings(fields, values):
        for entity in reading.entities:
            shown = {name: each["value"] for name, each in entity.items() if isinstance(each, dict)}
            found.setdefault(entity["id"], {}).update(shown)
    return found


def attributes(*texts: tuple[str, str]) -> dict[str, Any]:
    return {"attributes": [{"name": name, "type": "Number", "expression": text} for name, text in texts]}


def test_only_the_expressions_that_have_what_they_use_make_attributes() -> None:
    fields = {
        "attributes": [
            {"name": "location", "type": "geo:point", "expression": "longitude+', '+latitude"},
            {"name": "fillingLevel", "type": "Number", "expression": "level / 100"},
        ],
        "explicitAttrs": True,
    }
    assert entities(fields, {"latitude": 1.9, "level": 85.3}) == {OWN: {"fillingLevel": 0.853}}


def test_without_what_an_expression_uses_the_plain_value_stands() -> None:
    fields = {"attributes": [{"name": "consumption", "type": "Text", "expression": "spaces | trim"}]}
    assert entities(fields, {"consumption": "0.44"}) == {OWN: {"consumption": "0.44"}}
    with_both = entities(fields, {"consumption": "0.44", "spaces": "  foobar  "})
    assert with_both[OWN]["consumption"] == "foobar"


def test_attributes_are_computed_in_their_order_and_see_each_other() -> None:
    fields = attributes(("correctedLevel", "level * 0.5"), ("normalizedLevel", "correctedLevel / 100"))
    assert entities({**fields, "explicitAttrs": True}, {"level": 50}) == {
        OWN: {"correctedLevel": 25, "normalizedLevel": 0.25}
    }
    assert entities(attributes(("a", "b*10"), ("b", "a*10")), {"a": 10, "b": 20}) == {OWN: {"a": 200, "b": 2000}}


def test_an_attribute_computed_before_what_it_uses_is_left_out() -> None:
    fields = attributes(("normalizedLevel", "correctedLevel / 100"), ("correctedLevel", "level * 0.5"))
    assert entities({**fields, "explicitAttrs": True}, {"level": 50}) == {OWN: {"correctedLevel": 25}}


def test_a_result_that_is_to_be_skipped_makes_no_attribute() -> None:
    fields = {
        "attributes": [{"name": "state", "expression": "v > 5 ? 'high' : 'ok'", "skipValue": "ok"}, {"name": "v"}]
    }
    assert entities(fields, {"v": 1}) == {OWN: {"v": 1}}
    assert entities(fields, {"v": 9}) == {OWN: {"state": "high", "v": 9}}


def test_one_measure_writes_the_same_attribute_of_several_entities() -> None:
    fields = {
        "attributes": [
            {"object_id": "v1", "name": "vol", "expression": "v1*100", "entity_name": "WeatherStation1"},
            {"object_id": "v2", "name": "vol", "expression": "v2*100", "entity_name": "'Station' + service"},
            {"object_id": "v", "name": "vol", "expression": "v*100"},
        ]
    }
    assert entities(fields, {"v": 0, "v1": 1, "v2": 2}) == {
        "urn:ngsi-ld:Lamp:WeatherStation1": {"vol": 100},
        "urn:ngsi-ld:Lamp:Stationfukui": {"vol": 200},
        OWN: {"vol": 0},
    }


def test_the_entitys_name_can_be_computed_from_the_measure() -> None:
    fields = {"entityNameExp": "id + '__' + sn", "attributes": [{"object_id": "sn", "name": "serial"}]}
    [reading] = readings(fields, {"sn": "ABC"})
    assert reading.own_id == "urn:ngsi-ld:Lamp:d1__ABC"
    assert [entity["id"] for entity in reading.entities] == [reading.own_id]


def test_a_name_that_has_no_value_leaves_the_devices_own() -> None:
    assert entities({"entityNameExp": "missing"}, {"a": 1}) == {OWN: {"a": 1}}


@pytest.mark.parametrize(
    ("rule", "kept"),
    [
        (False, {"t", "h", "x"}),
        (True, {"t", "h"}),
        ("['temperature']", {"t"}),
        (["temperature"], {"t"}),
        ("[{object_id:'h'}]", {"h"}),
        ("t > 5 ? ['temperature'] : true", {"t", "h"}),
        ("['temperature', 'x']", {"t"}),
        ("false", {"t", "h", "x"}),
    ],
)
def test_explicit_attributes_say_what_is_kept(rule: Any, kept: set[str]) -> None:
    fields = {
        "explicitAttrs": rule,
        "entityNameExp": "id",
        "attributes": [{"object_id": "t", "name": "temperature"}, {"object_id": "h", "name": "humidity"}],
    }
    names = {"t": "temperature", "h": "humidity", "x": "x"}
    assert entities(fields, {"t": 1, "h": 2, "x": 3})[OWN].keys() == {names[key] for key in kept}


def test_only_named_static_attributes_are_kept() -> None:
    fields = {
        "explicitAttrs": "['t', 'name']",
        "attributes": [{"name": "t"}],
        "static_attributes": [{"name": "name", "value": "N"}, {"name": "maker", "value": "M"}],
    }
    [reading] = readings(fields, {"t": 1})
    assert reading.kept.keeps("name")
    assert not reading.kept.keeps("maker")


def test_metadata_can_be_computed() -> None:
    metadata = {"unitCode": {"type": "Text", "value": "CEL"}, "quality": {"type": "Number", "expression": "q / 10"}}
    fields = {"attributes": [{"name": "t", "type": "Number", "metadata": metadata}]}
    [reading] = readings(fields, {"t": 1, "q": 5})
    assert reading.entities[0]["t"] == {
        "type": "Property",
        "value": 1,
        "unitCode": "CEL",
        "quality": {"type": "Property", "value": 0.5},
        "observedAt": "2026-08-20T00:00:00Z",
    }


def test_a_static_attribute_with_computed_metadata_is_written_with_each_measure() -> None:
    metadata = {"includes": {"type": "Text", "expression": "level / 100"}}
    fields = {"static_attributes": [{"name": "category", "value": ["sensor"], "metadata": metadata}]}
    [reading] = readings(fields, {"level": 50})
    assert reading.entities[0]["category"]["includes"] == {"type": "Property", "value": 0.5}


def test_expressions_see_who_sends_static_values_metadata_and_the_measure_before() -> None:
    fields = {
        "static_attributes": [{"name": "factor", "type": "Number", "value": 3, "metadata": {"unit": {"value": "x"}}}],
        "attributes": [
            {"name": "who", "expression": "id + '@' + service + subservice + '/' + type"},
            {"name": "delta", "type": "Number", "expression": "n - oldCtxt.n"},
            {"name": "scaled", "type": "Number", "expression": "n * factor + staticAttributes.factor"},
            {"name": "unit", "expression": "metadata.factor.unit"},
        ],
    }
    [first] = readings(fields, {"n": 5})
    assert first.entities[0]["who"]["value"] == "d1@fukui/parks/Lamp"
    assert first.entities[0]["scaled"]["value"] == 18
    assert first.entities[0]["unit"]["value"] == "x"
    assert "delta" not in first.entities[0]
    [second] = readings(fields, {"n": 7}, first.context)
    assert second.entities[0]["delta"]["value"] == 2


def test_a_time_that_is_computed_is_when_the_measure_was_observed() -> None:
    fields = {"attributes": [{"name": "TimeInstant", "type": "DateTime", "expression": "ts|toisodate"}, {"name": "t"}]}
    [reading] = readings({**fields, "explicitAttrs": True}, {"ts": 1637245214901, "t": 1})
    assert reading.entities[0]["t"]["observedAt"] == "2021-11-18T14:20:14.901000Z"


def test_a_measure_for_which_nothing_has_a_value_is_refused() -> None:
    with pytest.raises(MeasureRefused) as caught:
        readings({**attributes(("a", "missing * 2")), "explicitAttrs": True}, {"b": 1})
    assert caught.value.refusal.reason is Reason.EMPTY_MEASURE


def test_an_ngsiv2_payload_is_read_as_measures() -> None:
    entity = {
        "id": "MyEntityId1",
        "type": "MyEntityType1",
        "attr1": {"type": "Number", "value": "5", "metadata": {"unitCode": {"type": "Text", "value": "CEL"}}},
        "where": {"type": "geo:point", "value": "35, 136"},
    }
    [reading] = readings({"payloadType": "ngsiv2"}, {"actionType": "append", "entities": [entity]})
    [written] = reading.entities
    assert written["id"] == OWN
    assert written["measure_id"]["value"] == "MyEntityId1"
    assert written["attr1"]["value"] == 5
    assert written["attr1"]["unitCode"] == "CEL"
    assert written["where"]["type"] == "GeoProperty"


def test_an_ngsi_ld_payload_keeps_its_kinds_and_times() -> None:
    payload = {
        "id": "urn:ngsi-ld:ParkingSpot:3",
        "type": "ParkingSpot",
        "status": {"type": "Property", "value": "free", "observedAt": "2018-09-21T12:00:00Z"},
        "refSite": {"type": "Relationship", "object": "urn:ngsi-ld:ParkingSite:1"},
        "@context": ["https://example.org/context.jsonld"],
    }
    [reading] = readings({"payloadType": "ngsild", "entityNameExp": "measure_id"}, payload)
    [written] = reading.entities
    assert written["id"] == "urn:ngsi-ld:ParkingSpot:3"
    assert written["status"] == {"type": "Property", "value": "free", "observedAt": "2018-09-21T12:00:00Z"}
    assert written["refSite"]["object"] == "urn:ngsi-ld:ParkingSite:1"
    assert "@context" not in written


def test_an_ngsiv2_payload_that_deletes_is_refused() -> None:
    with pytest.raises(MeasureRefused):
        readings({"payloadType": "ngsiv2"}, {"actionType": "delete", "entities": [{"id": "a"}]})


def test_a_linked_entity_gets_the_attribute_and_points_back() -> None:
    link = {"attributes": ["temperature"], "name": "providedBy", "type": "Building"}
    building = "urn:ngsi-ld:Building:001"
    fields = {
        "attributes": [{"object_id": "l", "name": "temperature", "type": "Float", "unitCode": "CEL"}],
        "static_attributes": [{"name": "asset", "type": "Relationship", "value": building, "link": link}],
    }
    plan = make_plan(Device("fukui", "/", "d1", "", {}), Group("fukui", "/", "", "k", fields), "Asia/Tokyo")
    own, linked = plan.entities({"l": 27.6}, NOW)
    assert linked == {
        "id": building,
        "type": "Building",
        "temperature": {**own["temperature"], "providedBy": {"type": "Relationship", "object": own["id"]}},
    }


def test_with_a_timestamp_the_entity_tells_the_time_of_its_last_measure() -> None:
    group = Group("fukui", "/", "", "k", {"timestamp": True})
    plan = make_plan(Device("fukui", "/", "d1", "", {}), group, "Asia/Tokyo")
    [entity] = plan.entities({"t": 1, "TimeInstant": "2026-01-01T00:00:00Z"}, NOW)
    assert entity["TimeInstant"]["value"] == {"@type": "DateTime", "@value": "2026-01-01T00:00:00Z"}


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({}, "urn:ngsi-ld:Thing:d1"),
        ({"ngsiVersion": "v2"}, "Thing:d1"),
        ({"defaultEntityNameConjunction": "--"}, "urn:ngsi-ld:Thing:Thing--d1"),
    ],
)
def test_a_devices_entity_is_named_as_its_group_says(fields: dict[str, Any], name: str) -> None:
    plan = make_plan(Device("fukui", "/", "d1", "", {}), Group("fukui", "/", "", "k", fields), "Asia/Tokyo")
    assert plan.entity_id == name


def test_a_measure_of_which_all_is_skipped_on_purpose_is_no_fault() -> None:
    skipping = {"attributes": [{"name": "state", "expression": "v > 5 ? 'high' : 'ok'", "skipValue": "ok"}]}
    skipping["explicitAttrs"] = True  # type: ignore[assignment]
    assert entities(skipping, {"v": 9}) == {OWN: {"state": "high"}}
    assert entities(skipping, {"v": 1}) == {OWN: {}}
    with pytest.raises(MeasureRefused) as caught:
        entities({**skipping, "attributes": [{"name": "state", "expression": "v * 2"}]}, {"w": 1})
    assert caught.value.refusal.reason is Reason.EMPTY_MEASURE


def test_with_ngsi_v2_computed_values_keep_their_kind_and_a_told_time_stays() -> None:
    told = "2026-08-20T01:00:00Z"
    fields = {**attributes(("a", "v|substr(0, 2)")), "ngsiVersion": "v2"}
    found = entities(fields, {"v": "true", "TimeInstant": told})
    assert found == {"Lamp:d1": {"a": "tr", "v": "true", "TimeInstant": {"@type": "DateTime", "@value": told}}}
