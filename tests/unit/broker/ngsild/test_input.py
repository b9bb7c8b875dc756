from typing import Any

import pytest

from services.broker.ngsild.input_attribute import Reading, read_attribute
from services.broker.ngsild.input_entity import read_entity
from services.broker.operations.context_terms import core_context, user_context
from services.kernel.errors import BadData

CORE = core_context()
SPEED = "https://uri.etsi.org/ngsi-ld/default-context/speed"


def entity(**attributes: Any) -> dict[str, Any]:
    return {"id": "urn:ngsi-ld:Vehicle:1", "type": "Vehicle", **attributes}


@pytest.mark.parametrize(
    ("raw", "kind", "value"),
    [
        ({"type": "Property", "value": 5}, "Property", 5),
        ({"value": 5}, "Property", 5),
        (5, "Property", 5),
        ([1, 2], "Property", [1, 2]),
        ({"street": "x"}, "Property", {"street": "x"}),
        ({"object": "urn:a:b"}, "Relationship", "urn:a:b"),
        ({"type": "Relationship", "object": ["urn:a:b", "urn:a:c"]}, "Relationship", ["urn:a:b", "urn:a:c"]),
        ({"type": "Point", "coordinates": [1, 2]}, "GeoProperty", {"type": "Point", "coordinates": [1, 2]}),
        (
            {"value": {"type": "Point", "coordinates": [1, 2, 3]}},
            "GeoProperty",
            {"type": "Point", "coordinates": [1, 2, 3]},
        ),
        ({"languageMap": {"ja": "水位"}}, "LanguageProperty", {"ja": "水位"}),
        ({"vocab": "open"}, "VocabProperty", "https://uri.etsi.org/ngsi-ld/default-context/open"),
        ({"json": {"a": None}}, "JsonProperty", {"a": None}),
        ({"valueList": [1, "a"]}, "ListProperty", [1, "a"]),
        ({"objectList": [{"object": "urn:a:b"}]}, "ListRelationship", ["urn:a:b"]),
    ],
)
def test_every_form_of_an_attribute_is_read(raw: Any, kind: str, value: Any) -> None:
    (instance,) = read_attribute(raw, "a", Reading(CORE))
    assert (instance["kind"], instance["value"]) == (kind, value)


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        ({"type": "Property", "value": 5, "observedAt": "yesterday"}, "speed.observedAt"),
        ({"type": "Property", "value": 5, "observedAt": "2026-01-01T00:00:00+09:00"}, "speed.observedAt"),
        ({"type": "Property"}, "speed.value"),
        ({"type": "Property", "value": None}, "speed.value"),
        ({"type": "Property", "value": "urn:ngsi-ld:null"}, "speed.value"),
        ({"type": "Property", "value": 5, "unitCode": 7}, "speed.unitCode"),
        ({"type": "Relationship", "object": "not a uri"}, "speed.object"),
        ({"type": "Relationship", "object": "urn:a:b", "unitCode": "MTR"}, "speed.unitCode"),
        ({"type": "GeoProperty", "value": {"type": "Point", "coordinates": ["x"]}}, "speed.value"),
        ({"type": "LanguageProperty", "languageMap": {"en": 5}}, "speed.languageMap"),
        ({"type": "Speed", "value": 5}, "speed.type"),
        ({"type": "Property", "value": 5, "source": {"type": "Property"}}, "speed.source.value"),
    ],
)
def test_a_fault_names_its_member(raw: Any, field: str) -> None:
    with pytest.raises(BadData) as caught:
        read_entity(entity(speed=raw), CORE)
    assert caught.value.field == field


def test_sub_attributes_are_read_to_any_depth() -> None:
    found = read_entity(entity(speed={"value": 5, "source": {"value": "gps", "by": {"object": "urn:a:b"}}}), CORE)
    source = next(iter(found.attrs[SPEED][0]["subs"].values()))[0]
    assert next(iter(source["subs"].values()))[0]["value"] == "urn:a:b"


def test_two_instances_of_one_data_set_are_refused() -> None:
    with pytest.raises(BadData, match="same datasetId"):
        read_entity(entity(speed=[{"value": 1}, {"value": 2}]), CORE)


def test_the_core_context_wins_over_a_user_s() -> None:
    context = user_context({"location": "https://example.org/location", "ex": "https://example.org/"}, {}, CORE)
    assert context.expand("location") == "https://uri.etsi.org/ngsi-ld/location"
    assert context.expand("ex:a") == "https://example.org/a"
    assert context.compact("https://example.org/a") == "ex:a"


def test_a_vocabulary_of_a_user_s_expands_unknown_terms() -> None:
    context = user_context([{"@vocab": "https://example.org/v/"}], {}, CORE)
    assert context.expand("anything") == "https://example.org/v/anything"


@pytest.mark.parametrize("source", [{"a": 5}, 7, {"a": {"@id": "x", "@context": {}}}])
def test_a_context_that_is_none_is_refused(source: Any) -> None:
    with pytest.raises(BadData):
        user_context(source, {}, CORE)
