"""Raw values become values of the provisioned type, or are refused with their reason."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.domain.conversion import conversion_of, free_value, is_uri
from services.ingest.domain.refusal import MeasureRefused, Reason

POINT = {"type": "Point", "coordinates": [134.05, 34.34]}


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        ("Number", 3, 3),
        ("Number", -0.5, -0.5),
        ("Number", "3.42", 3.42),
        ("Number", " 7 ", 7),
        ("integer", "-12", -12),
        ("Number", "1e3", 1000.0),
        ("Number", ".5", 0.5),
        ("Boolean", True, True),
        ("Boolean", "off", False),
        ("Boolean", 1, True),
        ("DateTime", "2026-08-20T00:40:00+09:00", {"@type": "DateTime", "@value": "2026-08-19T15:40:00Z"}),
        ("geo:point", "34.34, 134.05", POINT),
        ("geo:point", [34.34, 134.05], POINT),
        ("geo:json", POINT, POINT),
        ("GeoProperty", POINT, POINT),
        ("Relationship", "urn:ngsi-ld:City:1", "urn:ngsi-ld:City:1"),
        ("Text", "", ""),
        ("Text", {"a": [1]}, {"a": [1]}),
        ("", "*", "*"),
    ],
)
def test_a_value_is_read_by_its_type(kind: str, raw: object, value: object) -> None:
    assert conversion_of(kind).read(raw) == value


@pytest.mark.parametrize(
    ("kind", "raw", "reason"),
    [
        ("Number", "*", Reason.NOT_A_NUMBER),
        ("Number", "", Reason.EMPTY_VALUE),
        ("Number", "  ", Reason.EMPTY_VALUE),
        ("Number", True, Reason.NOT_A_NUMBER),
        ("Number", "1_000", Reason.NOT_A_NUMBER),
        ("Number", "１２", Reason.NOT_A_NUMBER),
        ("Number", "1e999", Reason.NOT_A_NUMBER),
        ("Number", float("nan"), Reason.NOT_A_NUMBER),
        ("Number", "nan", Reason.NOT_A_NUMBER),
        ("Number", [1], Reason.NOT_A_NUMBER),
        ("Boolean", "maybe", Reason.NOT_A_BOOLEAN),
        ("Boolean", 2, Reason.NOT_A_BOOLEAN),
        ("Boolean", "", Reason.EMPTY_VALUE),
        ("DateTime", "tomorrow", Reason.NOT_A_TIME),
        ("geo:point", "34.34", Reason.NOT_A_POSITION),
        ("geo:point", "134.05, 34.34", Reason.NOT_A_POSITION),
        ("geo:point", "a, b", Reason.NOT_A_POSITION),
        ("geo:json", {"type": "Circle"}, Reason.NOT_A_POSITION),
        ("geo:json", {"type": "Polygon", "coordinates": [[[0, 91]]]}, Reason.NOT_A_POSITION),
        ("geo:json", {"type": "Point", "coordinates": []}, Reason.NOT_A_POSITION),
        ("Relationship", "city one", Reason.NOT_A_REFERENCE),
        ("Relationship", 1, Reason.NOT_A_REFERENCE),
    ],
)
def test_a_value_of_another_type_is_refused(kind: str, raw: object, reason: Reason) -> None:
    with pytest.raises(MeasureRefused) as caught:
        conversion_of(kind).read(raw)
    assert caught.value.refusal.reason is reason


@pytest.mark.parametrize("value", [{"a": [1, {"b": None}]}, [1, None]])
def test_a_value_with_null_in_it_is_kept_as_json(value: object) -> None:
    assert conversion_of("Text").render(value) == {"type": "JsonProperty", "json": value}
    assert free_value(value) == {"type": "JsonProperty", "json": value}
    assert free_value([1, {}]) == {"type": "Property", "value": [1, {}]}


def test_the_kind_of_attribute_follows_the_type() -> None:
    kinds = {name: conversion_of(name).kind for name in ("Number", "geo:point", "Relationship", "StructuredValue")}
    assert kinds == {
        "Number": "Property",
        "geo:point": "GeoProperty",
        "Relationship": "Relationship",
        "StructuredValue": "Property",
    }


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_survives_being_sent_as_text(number: float) -> None:
    assert conversion_of("Number").read(repr(number)) == number


@given(st.text())
def test_no_text_makes_the_conversions_fail_otherwise(text: str) -> None:
    for kind in ("Number", "Boolean", "DateTime", "geo:point", "geo:json", "Relationship"):
        with contextlib.suppress(MeasureRefused):
            assert conversion_of(kind).read(text) is not None


@pytest.mark.parametrize(("text", "expected"), [("urn:a:1", True), ("a b:c", False), ("gauge-1", False), ("x:", False)])
def test_only_uris_are_ids_as_they_are(text: str, expected: bool) -> None:
    assert is_uri(text) is expected
