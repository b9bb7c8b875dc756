"""The catalogue as DCAT-AP: valid, complete, page by page."""

from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from pyshacl import validate
from rdflib import Graph, Namespace, URIRef
from rdflib.compare import isomorphic
from rdflib.namespace import DCAT, DCTERMS, RDF

from services.catalog.operations.catalogue import Catalogue
from services.catalog.operations.record_observation import record_observation
from tests.integration.catalog.conftest import GAUGES, LIST, TAKAMATSU, seen
from tests.integration.catalog.test_datasets import PARKS
from tests.support.dcat import read_datasets

SHAPES = Path(__file__).parents[3] / "schemas/dcat/dcat-ap-3-shapes.ttl"
HYDRA = Namespace("http://www.w3.org/ns/hydra/core#")
CATALOGUE = URIRef("https://data.example.jp/catalog")


async def with_every_kind(client: httpx.AsyncClient, catalogue: Catalogue) -> None:
    """Add a data set that says everything, one that says as little as may be, and a live one."""
    everything: dict[str, Any] = PARKS | {"languages": ["ja", "en"], "licence_text": "CC BY 4.0 で公開"}
    assert (await client.post("/datasets", json=everything, headers=TAKAMATSU)).status_code == 201
    bare = {"titles": {"en": "Bare"}, "descriptions": {"en": "Nothing else"}}
    assert (await client.post("/datasets", json=bare, headers=TAKAMATSU)).status_code == 201
    await record_observation(catalogue, seen(GAUGES))


@pytest.fixture
async def some(client: httpx.AsyncClient, catalogue: Catalogue) -> httpx.AsyncClient:
    """A catalogue with every kind of data set, eight in all."""
    head = b"\n".join(LIST.read_bytes().splitlines()[:6])
    assert (await client.post("/datasets/import", content=head, headers=TAKAMATSU)).status_code == 200
    await with_every_kind(client, catalogue)
    return client


async def read(client: httpx.AsyncClient, path: str) -> Graph:
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    forms = {"text/turtle": "turtle", "application/ld+json": "json-ld"}
    return Graph().parse(data=answer.content, format=forms[answer.headers["content-type"].partition(";")[0]])


def faults(graph: Graph) -> str:
    conforms, _, report = validate(graph, shacl_graph=Graph().parse(SHAPES))
    return "" if conforms else str(report)


async def test_the_whole_catalogue_keeps_to_dcat_ap(takamatsu: httpx.AsyncClient, catalogue: Catalogue) -> None:
    await with_every_kind(takamatsu, catalogue)
    graph = await read(takamatsu, "/catalog.ttl?limit=1000")
    assert len(set(graph.subjects(RDF.type, DCAT.Dataset))) == 116
    assert len(set(graph.subjects(RDF.type, DCAT.DataService))) == 2
    assert faults(graph) == ""


async def test_the_shapes_notice_what_is_missing(some: httpx.AsyncClient) -> None:
    graph = await read(some, "/dataset/parks.ttl")
    graph.remove((None, DCTERMS.title, None))
    graph.remove((None, DCAT.accessURL, None))
    assert faults(graph).count("MinCountConstraintComponent (") == 3  # data set, licence, distribution


@pytest.mark.parametrize("suffix", ["ttl", "jsonld"])
async def test_reading_back_loses_nothing(some: httpx.AsyncClient, suffix: str) -> None:
    found = read_datasets(await read(some, f"/catalog.{suffix}?limit=1000"))
    said = (await some.get("/datasets", params={"limit": 1000})).json()["items"]
    assert len(found) == len(said) == 8
    for each in said:
        assert _with_instants(found[each["id"]]) == _with_instants(_as_rdf_can_say(each))


def _with_instants(said: dict[str, Any]) -> dict[str, Any]:
    """Compare times as what they mean: parsers write them their own way."""
    return said | {
        name: datetime.fromisoformat(said[name]) for name in ("issued", "modified") if "T" in (said[name] or "")
    }


_OF_THE_DESK = {"unit", "version", "published_at", "due_at", "source_system", "max_age_s"}
_EMPTY_HERE = {"box", "temporal_start", "temporal_end", "data_class", "policy", "provenance", "creator"} | {
    *("version_label", "conforms_to", "documentation", "sources", "series", "serves"),
    *("endpoint_url", "endpoint_description"),
}
_EMPTY_IN_FORMS = {"licence", "byte_size", "checksum", "issued", "modified", "conforms_to", "availability"}


def _as_rdf_can_say(view: dict[str, Any]) -> dict[str, Any]:
    """Take away what is not the data set's but the record's, and the order of sets."""
    records_own = {"state", "withdrawn_because", "source", "edited", "created_at", "updated_at", *_OF_THE_DESK}
    kept = {name: value for name, value in view.items() if name not in records_own | _EMPTY_HERE}
    for name in ("keywords", "themes", "languages"):
        kept[name] = sorted(kept[name])
    kept["publisher"] = {name: value for name, value in kept["publisher"].items() if name != "tenant"}
    forms = [
        {name: value for name, value in form.items() if name not in _EMPTY_IN_FORMS}
        | {"fields": {name: value for name, value in form["fields"].items() if isinstance(value, str)}}
        for form in kept["distributions"]
    ]
    kept["distributions"] = sorted(forms, key=lambda form: str(form["id"]))
    return kept


async def test_both_forms_say_the_same(some: httpx.AsyncClient) -> None:
    for path in ("/dataset/parks", "/dataset/fukui-waterlevelobserved", "/dataset/environmental_facilities"):
        assert isomorphic(await read(some, f"{path}.ttl"), await read(some, f"{path}.jsonld"))


async def test_the_address_of_a_data_set_says_the_same_as_its_files(some: httpx.AsyncClient) -> None:
    uri = (await some.get("/datasets/parks")).json()["uri"]
    path = uri.removeprefix("https://data.example.jp")
    answer = await some.get(path, headers={"Accept": "text/turtle"})
    assert answer.headers["content-type"].startswith("text/turtle")
    assert isomorphic(Graph().parse(data=answer.content, format="turtle"), await read(some, "/dataset/parks.jsonld"))
    assert (await some.get(path, headers={"Accept": "image/png"})).status_code == 406


async def test_the_catalogue_is_negotiated(some: httpx.AsyncClient) -> None:
    assert (await some.get("/catalog")).headers["content-type"] == "application/ld+json"
    turtle = await some.get("/catalog", headers={"Accept": "text/turtle"})
    assert turtle.headers["content-type"] == "text/turtle; charset=utf-8"
    assert (await some.get("/catalog", headers={"Accept": "text/html"})).status_code == 406


async def test_following_the_links_reaches_every_data_set_once(some: httpx.AsyncClient) -> None:
    path: str | None = "/catalog.ttl?limit=3"
    members: list[URIRef] = []
    pages = 0
    while path is not None:
        graph = await read(some, path)
        assert faults(graph) == ""
        view = graph.value(CATALOGUE, HYDRA.view)
        assert str(graph.value(CATALOGUE, HYDRA.totalItems)) == "8"
        members += [URIRef(str(each)) for each in graph.objects(CATALOGUE, DCAT.dataset)]
        following = graph.value(view, HYDRA.next)
        path = str(following).removeprefix("https://data.example.jp") if following else None
        pages += 1
    assert (pages, len(members), len(set(members))) == (3, 8, 8)


async def test_a_tenants_part_of_the_catalogue_stays_its_part_over_pages(some: httpx.AsyncClient) -> None:
    graph = await read(some, "/catalog.ttl?tenant=takamatsu&limit=5")
    view = graph.value(CATALOGUE, HYDRA.view)
    assert str(graph.value(view, HYDRA.next)) == "https://data.example.jp/catalog.ttl?tenant=takamatsu&page=2&limit=5"
    assert str(graph.value(CATALOGUE, HYDRA.totalItems)) == "7"


async def test_an_empty_catalogue_is_a_valid_page(client: httpx.AsyncClient) -> None:
    graph = await read(client, "/catalog.jsonld")
    assert faults(graph) == ""
    view = graph.value(CATALOGUE, HYDRA.view)
    assert graph.value(view, HYDRA.next) is None


async def test_a_page_beyond_the_end_leads_back(some: httpx.AsyncClient) -> None:
    graph = await read(some, "/catalog.ttl?page=9&limit=5")
    view = graph.value(CATALOGUE, HYDRA.view)
    assert str(graph.value(view, HYDRA.previous)).endswith("page=2&limit=5")
    assert list(graph.objects(CATALOGUE, DCAT.dataset)) == []
