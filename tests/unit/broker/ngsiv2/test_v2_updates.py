"""The mutations of NGSIv2."""

from datetime import UTC, datetime
from typing import Any

import pytest

from services.broker.domain.attribute import Instance
from services.broker.domain.entity import Entity
from services.broker.domain.selection import V2Ref
from services.broker.operations.update_operators import OperatorMisfit, resolve_operator
from services.broker.operations.v2_combine import override_metadata, stick_metadata, value_only
from services.broker.operations.v2_updates import Admit, DeleteAttributes, TooManyLocations, UpdateEntity
from services.kernel.errors import BadData, NotFound

NOW = datetime(2024, 1, 1, tzinfo=UTC)


def plain(value: Any, **more: Any) -> Instance:
    return {"kind": "Property", "type": "Own", "value": value, **more}


def stored(**attributes: Instance) -> Entity:
    return Entity("e", ("T",), {name: [each] for name, each in attributes.items()}, uri="urn:e", seq=1)


def test_attributes_that_are_not_admitted_are_named_and_nothing_changes() -> None:
    outcome = UpdateEntity(V2Ref("e"), {"b": [plain(1)]}, Admit.PRESENT).apply([stored(a=plain(1))], NOW)
    assert outcome.changes == ()
    assert [each.name for each in outcome.not_updated] == ["b"]


def test_a_second_location_is_refused() -> None:
    place = {"kind": "GeoProperty", "type": "geo:json", "value": {"type": "Point", "coordinates": [1, 2]}}
    with pytest.raises(TooManyLocations):
        UpdateEntity(V2Ref("e"), {"b": [place]}).apply([stored(a=place)], NOW)


def test_deleting_the_end_of_an_entity_without_one_is_refused() -> None:
    with pytest.raises(NotFound):
        DeleteAttributes(V2Ref("e"), (), end_of_expiry=True).apply([stored()], NOW)


def test_metadata_stick_to_the_attribute() -> None:
    existing = plain(1, unitCode="CEL", subs={"x": [plain(1)], "y": [plain(2)]})
    incoming = plain(2, subs={"y": [plain(3)]})
    assert stick_metadata(existing, incoming) == plain(2, unitCode="CEL", subs={"x": [plain(1)], "y": [plain(3)]})
    assert override_metadata(existing, incoming) == incoming


def test_a_value_alone_keeps_the_type_and_must_fit_it() -> None:
    existing = {"kind": "Property", "type": "DateTime", "value": "x", "instant": "x", "unitCode": "CEL"}
    written = value_only(existing, plain("2024-01-01"))
    assert (written["type"], written["instant"], written["unitCode"]) == ("DateTime", "2024-01-01T00:00:00.000Z", "CEL")
    with pytest.raises(BadData):
        value_only(existing, plain("soon"))
    assert value_only({"kind": "Relationship", "value": "urn:a:b"}, plain("urn:c:d")) == {
        "kind": "Relationship",
        "value": "urn:c:d",
    }


def test_an_operator_on_a_date_compares_instants() -> None:
    existing = {"kind": "Property", "type": "DateTime", "value": "2024-01-01T00:00:00.000Z"}
    incoming = {"kind": "Property", "type": "DateTime", "value": {"$max": "2025-01-01"}}
    assert resolve_operator(existing, incoming)["instant"] == "2025-01-01T00:00:00.000Z"
    assert resolve_operator(None, {**incoming, "value": {"$min": "2025-01-01"}})["value"].startswith("1970")


@pytest.mark.parametrize(
    ("low", "high"),
    [(1, 2), (9, "1"), ("b", {}), ({"a": 1}, {"a": "1"}), ({"z": 9}, [0]), ([9], [9, 1]), ([9], False), (False, True)],
)
def test_values_of_all_kinds_have_an_order(low: Any, high: Any) -> None:
    for before, operand in ((low, high), (high, low)):
        assert resolve_operator(plain(before), plain({"$min": operand}))["value"] == low
        assert resolve_operator(plain(before), plain({"$max": operand}))["value"] == high


@pytest.mark.parametrize(
    ("before", "operation"),
    [
        ("x", {"$inc": 1}),
        (1, {"$inc": "x"}),
        (1, {"$mul": True}),
        (1e308, {"$mul": 10}),
        (1.5e308, {"$inc": 1.5e308}),
        (1, {"$push": 1}),
        ([1], {"$push": {"$each": 1}}),
        ([1], {"$pullAll": 1}),
        ("x", {"$set": {"a": 1}}),
        ({"a": 1}, {"$set": {"a": 1}, "$unset": {"a": 1}}),
    ],
)
def test_an_operator_that_does_not_fit_is_refused(before: Any, operation: Any) -> None:
    with pytest.raises(OperatorMisfit):
        resolve_operator(plain(before), plain(operation))
