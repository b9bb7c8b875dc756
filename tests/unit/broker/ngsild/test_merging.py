from datetime import UTC, datetime
from typing import Any

import pytest

from services.broker.domain.entity import Entity
from services.broker.domain.selection import LdRef
from services.broker.operations.merges import MergeEntity, PatchAttributes
from services.broker.operations.merging import NULL, merged_json
from services.broker.operations.partials import PartialUpdate
from services.kernel.errors import BadData, NotFound

NOW = datetime(2026, 1, 31, tzinfo=UTC)
REF = LdRef("urn:a:1")


def entity(**attributes: Any) -> Entity:
    attrs = {name: [{"kind": "Property", "createdAt": "x", **each}] for name, each in attributes.items()}
    return Entity("urn:a:1", ("T",), attrs, uri="urn:a:1")


def after(mutation: Any, there: Entity) -> Entity:
    entity_after: Entity = mutation.apply([there], NOW).changes[0].after
    return entity_after


@pytest.mark.parametrize(
    ("there", "incoming", "result"),
    [
        ({"a": 1, "b": 2}, {"b": 3}, {"a": 1, "b": 3}),
        ({"a": {"x": 1, "y": 2}}, {"a": {"x": NULL}}, {"a": {"y": 2}}),
        (5, {"a": NULL, "b": 1}, {"b": 1}),
        ({"a": 1}, [1], [1]),
    ],
)
def test_json_values_merge_like_a_merge_patch(there: Any, incoming: Any, result: Any) -> None:
    assert merged_json(there, incoming) == result


def test_a_merge_keeps_what_it_does_not_name() -> None:
    merge = MergeEntity(REF, {"a": [{"kind": "Property", "value": 2}]})
    found = after(merge, entity(a={"value": 1, "unitCode": "MTR"}, b={"value": 1}))
    assert found.attrs["a"][0]["value"] == 2
    assert found.attrs["a"][0]["unitCode"] == "MTR"
    assert "b" in found.attrs


def test_ngsi_ld_null_deletes_in_a_merge() -> None:
    merge = MergeEntity(REF, {"a": [{"kind": "Property", "deleted": True}]})
    assert after(merge, entity(a={"value": 1}, b={"value": 1})).attrs.keys() == {"b"}


def test_an_update_adds_what_is_not_there_and_tells_what_it_could_not_delete() -> None:
    incoming = {"a": {"value": 2}, "y": {"value": 1}, "z": {"deleted": True}}
    patch = PatchAttributes(REF, {name: [{"kind": "Property", **each}] for name, each in incoming.items()})
    outcome = patch.apply([entity(a={"value": 1})], NOW)
    assert outcome.updated == ("a", "y")
    assert [each.name for each in outcome.not_updated] == ["z"]
    assert outcome.changes[0].created == {"y"}


def test_a_partial_update_keeps_the_time_of_creation() -> None:
    update = PartialUpdate(REF, "a", {"unitCode": "CMT"})
    found = after(update, entity(a={"value": 1}))
    assert found.attrs["a"][0]["value"] == 1
    assert found.attrs["a"][0]["unitCode"] == "CMT"
    assert found.attrs["a"][0]["createdAt"] == "x"


def test_a_partial_update_cannot_change_the_kind() -> None:
    with pytest.raises(BadData):
        PartialUpdate(REF, "a", {"kind": "Relationship", "value": "urn:x:y"}).apply([entity(a={"value": 1})], NOW)


def test_a_partial_update_of_what_is_not_there_is_not_found() -> None:
    with pytest.raises(NotFound):
        PartialUpdate(REF, "z", {"unitCode": "CMT"}).apply([entity(a={"value": 1})], NOW)
