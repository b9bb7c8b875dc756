"""Vocabularies: complete, true to their sources, the same as SKOS, as JSON Schema and as pages."""

from collections import Counter

import httpx
import jsonschema
import pytest
from rdflib import Graph, URIRef
from rdflib.namespace import RDF, SKOS

from services.catalog.domain.local_government import is_code
from services.catalog.domain.theme import THEMES
from services.catalog.vocabularies.schemes import schemes

BASE = "https://data.example.jp/vocabularies"
PAGE = {"Accept": "text/html"}


def test_every_local_government_is_there_with_its_prefecture_and_a_true_check_digit() -> None:
    places = schemes()["local-governments"].concepts
    assert all(is_code(code) for code in places)
    assert len([each for each in places.values() if each.broader is None]) == 47
    assert places["372013"].names == {"ja": "香川県高松市", "ja-Hira": "たかまつし"}
    assert places[places["372013"].broader or ""].names["en"] == "Kagawa"
    assert places["010006"].names["ja"] == "北海道"
    assert Counter(each.broader for each in places.values())["180009"] == 17


def test_every_word_has_a_name() -> None:
    for scheme in schemes().values():
        assert set(scheme.titles) == set(scheme.descriptions) == {"ja", "en"}
        for each in scheme.concepts.values():
            assert each.names.get("ja") or each.names.get("en"), each.code
            assert each.broader is None or each.broader in scheme.concepts


@pytest.mark.parametrize(("suffix", "form"), [("ttl", "turtle"), ("jsonld", "json-ld"), ("rdf", "xml")])
async def test_a_vocabulary_reads_back_as_skos(client: httpx.AsyncClient, suffix: str, form: str) -> None:
    answer = await client.get(f"/vocabularies/themes.{suffix}")
    graph = Graph().parse(data=answer.text, format=form)
    words = set(graph.subjects(RDF.type, SKOS.Concept))
    assert len(words) == len(schemes()["themes"].concepts)
    for word in words:
        assert {label.language for label in graph.objects(word, SKOS.prefLabel)} == {"ja", "en"}  # type: ignore[attr-defined]
        assert graph.value(word, SKOS.inScheme, default=None) is not None
        assert graph.value(word, SKOS.exactMatch, default=None) is not None


async def test_the_same_address_gives_data_to_programs_and_a_page_to_readers(client: httpx.AsyncClient) -> None:
    turtle = await client.get("/vocabularies/themes", headers={"Accept": "text/turtle"})
    assert turtle.text == (await client.get("/vocabularies/themes.ttl")).text
    page = await client.get("/vocabularies/themes", headers=PAGE)
    assert "環境" in page.text
    file = await client.get("/vocabularies/themes.ttl", headers=PAGE)
    assert file.headers["content-type"].startswith("text/turtle")
    assert (await client.get("/vocabularies/themes", headers={"Accept": "image/png"})).status_code == 406


async def test_a_schema_accepts_the_codes_and_nothing_else(client: httpx.AsyncClient) -> None:
    for name in ("themes", "licences", "local-governments"):
        schema = (await client.get(f"/vocabularies/{name}.schema.json")).json()
        jsonschema.Draft202012Validator.check_schema(schema)
        for code in list(schemes()[name].concepts)[:3]:
            jsonschema.validate(code, schema)
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate("000000", schema)


async def test_types_lead_to_their_models_and_to_smart_data_models(client: httpx.AsyncClient) -> None:
    schema = (await client.get("/vocabularies/entity-types/WaterLevelObserved.schema.json")).json()
    assert "waterLevel" in schema["properties"]
    turtle = (await client.get("/vocabularies/entity-types.ttl")).text
    assert "https://smartdatamodels.org/dataModel.Parking/OffStreetParking" in turtle
    graph = Graph().parse(data=turtle)
    shelters = URIRef(f"{BASE}/entity-types#EvacuationSite")
    assert {str(each) for each in graph.objects(shelters, SKOS.relatedMatch)} == {THEMES["JUST"].uri}
    assert (await client.get("/vocabularies/entity-types/Nothing.schema.json")).status_code == 404


async def test_words_are_found_on_their_page_in_any_width_and_kana(client: httpx.AsyncClient) -> None:
    for asked in ("タカマツ", "たかまつ", "３７２０１３", "高松市"):
        page = await client.get("/vocabularies/local-governments", params={"q": asked}, headers=PAGE)
        assert 'id="372013"' in page.text
    assert (await client.get("/vocabularies/local-governments?page=99999", headers=PAGE)).status_code == 200


@pytest.mark.parametrize(
    "path", ["/vocabularies/nothing", "/vocabularies/nothing.ttl", "/vocabularies/nothing.schema.json"]
)
async def test_a_vocabulary_that_is_not_there_is_404(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 404
    assert (await client.get(path, headers=PAGE)).status_code == 404


async def test_the_list_names_them_all(client: httpx.AsyncClient) -> None:
    listed = (await client.get("/vocabularies")).json()
    assert {each["name"]: each["words"] for each in listed} == {
        name: len(each.concepts) for name, each in schemes().items()
    }
    assert listed[0]["uri"] == f"{BASE}/{listed[0]['name']}"
    page = (await client.get("/vocabularies", headers=PAGE)).text
    assert all(f'href="/vocabularies/{name}"' in page for name in schemes())
