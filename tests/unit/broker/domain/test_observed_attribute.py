"""What is seen of attributes' values."""

from services.broker.domain.observed_attribute import ObservedAttribute, observe


def test_forms_units_types_and_languages_are_seen() -> None:
    entities = [
        {
            "level": [
                {"kind": "Property", "value": 1, "unitCode": "MTR", "type": "Number", "observedAt": "2026-01-01"}
            ],
            "place": [{"kind": "GeoProperty", "value": {"type": "Point", "coordinates": [136, 36]}}],
            "name": [{"kind": "LanguageProperty", "value": {"ja": "足羽川", "en": "Asuwa"}}],
            "river": [{"kind": "Relationship", "value": "urn:x:1"}],
        },
        {
            "level": [{"kind": "Property", "value": 1.5}, {"kind": "Property", "value": True, "datasetId": "urn:d"}],
            "at": [{"kind": "Property", "value": "2026-01-01", "instant": "2026-01-01T00:00:00.000Z"}],
            "tags": [{"kind": "Property", "value": ["a"]}],
        },
    ]
    assert observe(entities) == {
        "level": ObservedAttribute(("boolean", "integer", "number"), ("MTR",), ("Number",), (), is_observed=True),
        "place": ObservedAttribute(("Point",)),
        "name": ObservedAttribute(("object",), languages=("en", "ja")),
        "river": ObservedAttribute(("uri",)),
        "at": ObservedAttribute(("date-time",)),
        "tags": ObservedAttribute(("array",)),
    }


def test_nothing_is_seen_of_no_entities() -> None:
    assert observe([]) == {}
