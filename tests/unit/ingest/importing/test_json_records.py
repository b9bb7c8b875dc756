"""JSON and GeoJSON as tables."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.feeds.feed import Destination
from services.ingest.importing.jsonrecords import is_json, read_json
from services.ingest.importing.shelf import Wanted, load_mappings
from services.ingest.importing.source import Reading, open_file
from services.kernel.errors import InvalidRequest

SHELF = load_mappings()


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ([{"a": 1, "b": "x"}, {"a": 2.5}], [["a", "b"], ["1", "x"], ["2.5", ""]]),
        ({"result": {"count": 1, "items": [{"a": {"b": True, "c": None}}]}}, [["a.b", "a.c"], ["1", ""]]),
        ([{"tags": ["x", "y"], "more": [{"a": 1}]}], [["tags", "more"], ["x;y", '[{"a":1}]']]),
        ({"a": 1}, [["a"], ["1"]]),
    ],
)
def test_objects_are_rows_and_members_columns(document: object, expected: list[list[str]]) -> None:
    assert read_json(json.dumps(document)) == expected


def test_features_become_entities_with_their_position() -> None:
    point = {"type": "Point", "coordinates": [138.31, 34.86]}
    feature = {"type": "Feature", "properties": {"ID": 7, "名称": "南の井戸"}, "geometry": point}
    text = json.dumps({"type": "FeatureCollection", "features": [feature]}, ensure_ascii=False)
    opened = open_file(text.encode(), SHELF, Wanted("Well"), Reading())
    [record] = opened.records(Destination("yaizu"))
    assert record.entity is not None
    assert (record.entity["id"], record.entity["location"]["value"]) == ("urn:ngsi-ld:Well:yaizu-7", point)


@pytest.mark.parametrize("text", ["{", "[]", "[{}]", '{"a": [', "[1, 2]"])
def test_what_has_no_objects_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest):
        read_json(text)


@given(st.recursive(st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(), st.lists))
def test_no_document_makes_it_fail_otherwise(document: object) -> None:
    text = json.dumps(document)
    if is_json(text):
        with pytest.raises(InvalidRequest):
            read_json(text)
