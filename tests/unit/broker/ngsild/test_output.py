from typing import Any

import pytest

from services.broker.http.request import Request
from services.broker.ngsild.errors import NotAcceptable
from services.broker.ngsild.input_entity import read_entity
from services.broker.ngsild.languages import best_text
from services.broker.ngsild.negotiation import GEO_JSON, JSON, LD_JSON, accepted
from services.broker.ngsild.output_entity import entity_document
from services.broker.ngsild.output_geojson import feature
from services.broker.ngsild.projections import read_projection
from services.broker.ngsild.representation import Format, Representation
from services.broker.operations.context_terms import core_context
from services.kernel.errors import BadData

CORE = core_context()
DOCUMENT: dict[str, Any] = {
    "id": "urn:ngsi-ld:Gauge:1",
    "type": "Gauge",
    "level": {"type": "Property", "value": 1.5, "unitCode": "MTR"},
    "river": {"type": "LanguageProperty", "languageMap": {"ja": "九頭竜川", "en": "Kuzuryu"}},
    "owner": {"type": "Relationship", "object": "urn:ngsi-ld:City:fukui"},
    "location": {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [136.2, 36.1]}},
    "state": {"type": "VocabProperty", "vocab": "open"},
}


def shown(**members: Any) -> dict[str, Any]:
    return entity_document(read_entity(DOCUMENT, CORE), Representation(CORE, **members))


def test_normalized_gives_back_what_was_sent() -> None:
    assert shown() == DOCUMENT


def test_simplified_shows_values() -> None:
    document = shown(format=Format.SIMPLIFIED)
    assert document["level"] == 1.5
    assert document["owner"] == "urn:ngsi-ld:City:fukui"
    assert document["state"] == {"vocab": "open"}


def test_concise_leaves_out_what_goes_without_saying() -> None:
    document = shown(format=Format.CONCISE)
    assert document["level"] == {"value": 1.5, "unitCode": "MTR"}
    assert document["location"] == {"type": "Point", "coordinates": [136.2, 36.1]}


def test_a_language_is_chosen_and_told() -> None:
    assert shown(language="ja")["river"] == {"type": "Property", "value": "九頭竜川", "lang": "ja"}


@pytest.mark.parametrize(
    ("ranges", "tag"),
    [("fr, en;q=0.5", "en"), ("en-GB", "en"), ("ja;q=0.2, en;q=0.9", "en"), ("*", "en"), ("fr", "en")],
)
def test_language_ranges_are_ranked(ranges: str, tag: str) -> None:
    assert best_text({"ja": "a", "en": "b"}, ranges)[0] == tag


def test_pick_shows_only_what_it_names() -> None:
    assert shown(pick=read_projection("id,level", CORE, "pick")).keys() == {"id", "level"}


def test_omit_leaves_out_what_it_names() -> None:
    assert "river" not in shown(omit=read_projection("river|owner", CORE, "omit"))


@pytest.mark.parametrize("text", ["", "a,,b", "a{b", "a}b"])
def test_a_broken_projection_is_refused(text: str) -> None:
    with pytest.raises(BadData):
        read_projection(text, CORE, "pick")


def test_a_feature_has_the_location_as_its_geometry() -> None:
    document = feature(read_entity(DOCUMENT, CORE), Representation(CORE))
    assert document["geometry"] == {"type": "Point", "coordinates": [136.2, 36.1]}
    assert document["properties"]["type"] == "Gauge"


def request_with(accept: str) -> Request:
    scope = {"method": "GET", "path": "/", "query_string": b"", "headers": [(b"accept", accept.encode())]}
    return Request(scope, None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("*/*", JSON),
        ("application/*", JSON),
        ("application/ld+json", LD_JSON),
        ("application/json;q=0.5, application/ld+json", LD_JSON),
        ("application/geo+json", GEO_JSON),
        ("text/html, application/json;q=0.1", JSON),
    ],
)
def test_the_best_accepted_media_type_is_chosen(accept: str, media_type: str) -> None:
    assert accepted(request_with(accept), geo=True) == media_type


@pytest.mark.parametrize("accept", ["text/html", "application/json;q=0", "application/geo+json"])
def test_what_cannot_be_given_is_not_acceptable(accept: str) -> None:
    with pytest.raises(NotAcceptable):
        accepted(request_with(accept))
