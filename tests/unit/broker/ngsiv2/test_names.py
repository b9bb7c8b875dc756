"""Short and expanded names."""

import pytest

from services.broker.domain.names import DEFAULT_VOCABULARY, LOCATION, Context
from services.broker.ngsiv2.names import Names

NAMES = Names(Context({"location": LOCATION, "value": "https://uri.etsi.org/ngsi-ld/hasValue"}, "x"))


@pytest.mark.parametrize(
    ("short", "iri"),
    [
        ("temperature", DEFAULT_VOCABULARY + "temperature"),
        ("location", LOCATION),
        ("value", DEFAULT_VOCABULARY + "value"),
        ("scope", DEFAULT_VOCABULARY + "scope"),
        ("https://example.org/a#b", "https://example.org/a#b"),
    ],
)
def test_names_are_expanded_and_come_back(short: str, iri: str) -> None:
    assert NAMES.expand(short) == iri
    assert NAMES.short(iri) == short
