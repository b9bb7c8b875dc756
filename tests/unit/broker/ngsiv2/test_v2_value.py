"""What values of NGSIv2 types are stored as, and the types that stored attributes show."""

from typing import Any

import pytest

from services.broker.domain.v2_value import read_date, shown_type, shown_value, typed_members
from services.kernel.errors import BadData


@pytest.mark.parametrize(
    ("type_name", "value", "kind"),
    [
        ("Text", "x", "Property"),
        ("Relationship", "urn:ngsi-ld:Room:1", "Relationship"),
        ("Relationship", ["urn:a:1", "urn:a:2"], "Relationship"),
        ("Relationship", "no uri", "Property"),
        ("LanguageProperty", {"ja": "公園"}, "LanguageProperty"),
        ("LanguageProperty", {"ja": 3}, "Property"),
        ("JsonProperty", {"a": 1}, "JsonProperty"),
        ("ListProperty", [1], "ListProperty"),
        ("geo:point", None, "Property"),
        ("geo:json", {"type": "Point", "coordinates": [134, 34]}, "GeoProperty"),
    ],
)
def test_a_type_decides_the_kind_where_the_value_fits(type_name: str, value: Any, kind: str) -> None:
    members = typed_members(type_name, value)
    assert members["kind"] == kind
    assert members["type"] == type_name
    assert shown_value(members) == value


@pytest.mark.parametrize(
    ("type_name", "value", "geometry"),
    [
        ("geo:point", "34.5, 134", {"type": "Point", "coordinates": [134, 34.5]}),
        ("geo:line", ["1,2", "3,4"], {"type": "LineString", "coordinates": [[2, 1], [4, 3]]}),
        (
            "geo:box",
            ["1,2", "3,4"],
            {"type": "Polygon", "coordinates": [[[2, 1], [4, 1], [4, 3], [2, 3], [2, 1]]]},
        ),
        (
            "geo:polygon",
            ["0,0", "0,1", "1,1", "0,0"],
            {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]},
        ),
    ],
)
def test_simple_locations_become_geojson_and_stay_verbatim(type_name: str, value: Any, geometry: Any) -> None:
    members = typed_members(type_name, value)
    assert members["value"] == geometry
    assert members["raw"] == value


@pytest.mark.parametrize(
    ("type_name", "value"),
    [
        ("geo:point", "91,0"),
        ("geo:point", 3),
        ("geo:line", ["1,2"]),
        ("geo:box", ["1,2", "1,4"]),
        ("geo:polygon", ["0,0", "0,1", "1,1", "1,0"]),
        ("geo:json", {"type": "GeometryCollection", "geometries": []}),
        ("geo:json", {"type": "Point", "coordinates": ["a", 1]}),
        ("geo:json", {"type": ["Point"], "coordinates": [1, 1]}),
        ("geo:json", {"type": "FeatureCollection", "features": [{}, {}]}),
        ("geo:json", {"type": "LineString", "coordinates": [[1, 1]]}),
        ("geo:json", {"type": "Polygon", "coordinates": [[[0, 0], [0, 1], [1, 1], [1, 0]]]}),
    ],
)
def test_a_location_that_is_none_is_refused(type_name: str, value: Any) -> None:
    with pytest.raises(BadData):
        typed_members(type_name, value)


@pytest.mark.parametrize(
    "text", ["", "2017", "2017-13-01", "2017-01-01Z", "2017-01-01T25:00", "0001-01-01T00+23", None, 3]
)
def test_a_text_that_is_no_date_is_refused(text: Any) -> None:
    with pytest.raises(BadData):
        read_date(text)


@pytest.mark.parametrize(
    ("instance", "type_name"),
    [
        ({"kind": "Property", "value": 1}, "Number"),
        ({"kind": "Property", "value": "x"}, "Text"),
        ({"kind": "Property", "value": True}, "Boolean"),
        ({"kind": "Property", "value": [1]}, "StructuredValue"),
        ({"kind": "Property", "value": "2024-01-01T00:00:00Z", "literal": "DateTime"}, "DateTime"),
        ({"kind": "GeoProperty", "value": {}}, "geo:json"),
        ({"kind": "Relationship", "value": "urn:a:b"}, "Relationship"),
        ({"kind": "LanguageProperty", "value": {}}, "LanguageProperty"),
        ({"kind": "Property", "value": 1, "type": "Own"}, "Own"),
    ],
)
def test_what_ngsi_ld_wrote_shows_a_type_that_fits(instance: Any, type_name: str) -> None:
    assert shown_type(instance) == type_name


@pytest.mark.parametrize(
    ("told", "shown"), [("Celsius", "Celsius"), ("xsd:integer", "Number"), ("a b", "Number"), (7, "Number")]
)
def test_a_plain_value_type_of_ngsild_is_shown_as_the_type(told: object, shown: str) -> None:
    assert shown_type({"kind": "Property", "value": 21, "valueType": told}) == shown
