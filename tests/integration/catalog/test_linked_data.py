"""The catalogue as DCAT-AP: valid, complete, page by page."""

from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from pyshacl import validate
from rdflib import Graph, Namespace, URIRef
from rdflib.compare import isomorphic
from rdflib.namespace import DCAT, DCTERMS, RDF, SH

from services.catalog.operations.catalogue import Catalogue
from services.catalog.operations.record_observation import record_observation
from tests.integration.catalog.conftest import GAUGES, LIST, TAKAMATSU, seen
from tests.integration.catalog.test_datasets import PARKS
from tests.integration.catalog.test_publication import FULL
from tests.support.dcat import read_datasets

SCHEMAS = Path(__file__).parents[3] / "schemas/dcat"
SHAPES = SCHEMAS / "dcat-ap-3-shapes.ttl"
PUBLISHED = SCHEMAS / "dcat-ap-3.0.1-SHACL.ttl"
HYDRA = Namespace("http://www.w3.org/ns/hydra/core#")
CATALOGUE = URIRef("https://data.example.jp/catalog")


FILE = {
    "access_url": "https://example.jp/parks",
    "download_url": "https://example.jp/park.csv",
    "format": "CSV",
    "licence": "CC0-1.0",
    "byte_size": 1024,
    "checksum": "00ff" * 16,
    "issued": "2024-04-01",
    "modified": "2026-04-01T09:00:00+09:00",
    "conforms_to": ["https://example.jp/schema.json"],
    "availability": "STABLE",
}


async def with_every_kind(client: httpx.AsyncClient, catalogue: Catalogue) -> None:
    """Add a series, a data set in it that says everything, its service, one that says little, and a live one."""
    series = {"titles": {"ja": "年ごとの公園"}, "descriptions": {"ja": "年ごと"}, "name": "yearly", "kind": "series"}
    assert (await client.post("/datasets", json=series, headers=TAKAMATSU)).status_code == 201
    everything: dict[str, Any] = PARKS | FULL | {"languages": ["ja", "en"], "licence_text": "CC BY 4.0 で公開"}
    everything |= {"distributions": [FILE], "series": "yearly"}
    assert (await client.post("/datasets", json=everything, headers=TAKAMATSU)).status_code == 201
    service = series | {"name": "api", "kind": "service", "endpoint_url": "https://api.jp/v1", "serves": ["parks"]}
    assert (await client.post("/datasets", json=service, headers=TAKAMATSU)).status_code == 201
    bare = {"titles": {"en": "Bare"}, "descriptions": {"en": "Nothing else"}}
    assert (await client.post("/datasets", json=bare, headers=TAKAMATSU)).status_code == 201
    await record_observation(catalogue, seen(GAUGES))


@pytest.fixture
async def some(client: httpx.AsyncClient, catalogue: Catalogue) -> httpx.AsyncClient:
    """A catalogue with every kind of data set, ten in all."""
    head = b"\n".join(LIST.read_bytes().splitlines()[:6])
    assert (await client.post("/datasets/import", content=head, headers=TAKAMATSU)).status_code == 200
    await with_every_kind(client, catalogue)
    return client


async def read(client: httpx.AsyncClient, path: str) -> Graph:
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    forms = {
        "text/turtle": "turtle",
        "application/ld+json": "json-ld",
        "application/rdf+xml": "xml",
        "application/n-triples": "nt",
    }
    return Graph().parse(data=answer.content, format=forms[answer.headers["content-type"].partition(";")[0]])


def faults(graph: Graph, shapes: Path = SHAPES) -> str:
    rules = Graph().parse(shapes)
    for shape in list(rules.objects(None, SH.property)):
        if rules.value(shape, SH.path) is None:  # two of the published ones have none, and are no rules
            rules.remove((None, SH.property, shape))
    conforms, _, report = validate(graph, shacl_graph=rules)
    return "" if conforms else str(report)


async def test_the_whole_catalogue_keeps_to_dcat_ap(takamatsu: httpx.AsyncClient, catalogue: Catalogue) -> None:
    await with_every_kind(takamatsu, catalogue)
    graph = await read(takamatsu, "/catalog.ttl?limit=1000")
    assert len(set(graph.subjects(RDF.type, DCAT.Dataset))) == 117
    services = set(map(str, graph.subjects(RDF.type, DCAT.DataService)))
    assert len(services) == 9, "one by hand, three of the catalogue for each of two tenants, two of the context broker"
    assert set(map(str, graph.objects(CATALOGUE, DCAT.service))) == services
    assert faults(graph) == ""


async def test_every_kind_keeps_to_the_published_shapes_of_dcat_ap(some: httpx.AsyncClient) -> None:
    assert faults(await read(some, "/catalog.ttl?limit=1000"), PUBLISHED) == ""


async def test_services_say_where_they_answer_and_what_they_serve(some: httpx.AsyncClient) -> None:
    base = "https://data.example.jp/organization"
    served = {}
    for owner, kind in (("fukui", "ngsi-ld"), ("takamatsu", "ckan"), ("takamatsu", "ngsi-v2")):
        graph = await read(some, f"/organization/{owner}/service/{kind}.ttl")
        node = URIRef(f"{base}/{owner}/service/{kind}")
        assert (node, RDF.type, DCAT.DataService) in graph
        assert faults(graph, PUBLISHED) == ""
        served[kind] = len(set(graph.objects(node, DCAT.servesDataset)))
        serves = "https://broker.example.jp" if "ngsi" in kind else "https://data.example.jp"
        assert str(graph.value(node, DCAT.endpointDescription)) == f"{serves}/openapi.json"
        assert str(graph.value(node, DCAT.endpointURL)).startswith(serves)
    assert served == {"ngsi-ld": 1, "ckan": 7, "ngsi-v2": 0}
    assert (await some.get("/organization/fukui/service/soap.ttl")).status_code == 404
    assert (await some.get("/organization/nowhere/service/ckan")).status_code == 404
    assert "/sitemap-services.xml" in (await some.get("/sitemap.xml")).text
    listed = (await some.get("/sitemap-services.xml")).text
    assert (listed.count("<loc>"), f"<loc>{base}/fukui/service/ogc-records</loc>" in listed) == (10, True)


async def test_the_address_of_a_publisher_says_who_it_is_to_programs_too(some: httpx.AsyncClient) -> None:
    graph = await read(some, "/catalog.ttl?limit=1000")
    for publisher in set(graph.objects(None, DCTERMS.publisher)) - {URIRef(f"{CATALOGUE}#operator")}:
        path = str(publisher).removeprefix("https://data.example.jp")
        described = await read(some, path)
        assert set(graph.predicate_objects(publisher)) <= set(described.predicate_objects(publisher))
        assert len(set(described.subjects(DCTERMS.publisher, publisher))) >= 3, "its services"
        assert isomorphic(await read(some, f"{path}.ttl"), described)
    assert (await some.get("/organization/nobody", headers={"Accept": "text/turtle"})).status_code == 404


async def test_services_have_pages_that_their_data_sets_lead_to(some: httpx.AsyncClient) -> None:
    async def page(path: str) -> str:
        answer = await some.get(path, headers={"Accept": "text/html"})
        assert answer.status_code == 200, answer.text
        return answer.text

    leads = "/organization/fukui/service/ngsi-ld"
    assert all([leads in await page(each) for each in ("/dataset/fukui-waterlevelobserved", "/organization/fukui")])
    assert "/service/ngsi-ld" not in await page("/dataset/parks"), "a file is not had through the context broker"
    assert "/organization/takamatsu/service/ckan" in await page("/dataset/parks")
    english = await page(f"{leads}?lang=en")
    told = ("NGSI-LD API of", "https://broker.example.jp/ngsi-ld/v1", "NGSILD-Tenant: fukui", "openapi.json")
    examples = (
        "entities?type=WaterLevelObserved&amp;limit=10",
        "urllib.request",
        'href="/dataset/fukui-waterlevelobserved"',
    )
    assert [each for each in (*told, *examples) if each not in english] == []
    assert "を提供します" in await page("/organization/takamatsu/service/dcat?lang=ja")
    for kind in ("ngsi-v2", "dcat", "ogc-records"):
        assert "OpenAPI" in await page(f"/organization/takamatsu/service/{kind}")


async def test_the_shapes_notice_what_is_missing(some: httpx.AsyncClient) -> None:
    graph = await read(some, "/dataset/parks.ttl")
    graph.remove((None, DCTERMS.title, None))
    graph.remove((None, DCAT.accessURL, None))
    assert faults(graph).count("MinCountConstraintComponent (") == 5  # data set, series, two licences, address


@pytest.mark.parametrize("suffix", ["ttl", "jsonld", "rdf", "nt"])
async def test_reading_back_loses_nothing(some: httpx.AsyncClient, suffix: str) -> None:
    found = read_datasets(await read(some, f"/catalog.{suffix}?limit=1000"))
    said = (await some.get("/datasets", params={"limit": 1000})).json()["items"]
    assert len(found) == len(said) == 10
    for each in said:
        assert _with_instants(found[each["id"]]) == _with_instants(_as_rdf_can_say(each))


def _with_instants(said: dict[str, Any]) -> dict[str, Any]:
    """Compare times as what they mean: parsers write them their own way."""
    return said | {
        name: datetime.fromisoformat(said[name]) for name in ("issued", "modified") if "T" in (said[name] or "")
    }


_OF_THE_DESK = {"unit", "version", "published_at", "due_at", "source_system", "max_age_s"}
"""What is the publisher's own business, and said nowhere in RDF."""
_SETS = ("keywords", "themes", "languages", "conforms_to", "documentation", "sources", "serves")


def _as_rdf_can_say(view: dict[str, Any]) -> dict[str, Any]:
    """Take away what is not the data set's but the record's, and the order of sets."""
    records_own = {"state", "withdrawn_because", "source", "edited", "created_at", "updated_at", *_OF_THE_DESK}
    kept = {name: value for name, value in view.items() if name not in records_own}
    for name in _SETS:
        kept[name] = sorted(kept[name])
    kept["publisher"] = {name: value for name, value in kept["publisher"].items() if name != "tenant"}
    forms = [
        form
        | {"licence": form["licence"] or (None if kept["licence"] == "notspecified" else kept["licence"])}
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
        assert str(graph.value(CATALOGUE, HYDRA.totalItems)) == "10"
        members += [URIRef(str(each)) for each in graph.objects(CATALOGUE, DCAT.dataset)]
        members += [
            each for each in map(URIRef, map(str, graph.objects(CATALOGUE, DCAT.service))) if "/dataset/" in each
        ]
        following = graph.value(view, HYDRA.next)
        path = str(following).removeprefix("https://data.example.jp") if following else None
        pages += 1
    assert (pages, len(members), len(set(members))) == (4, 10, 10)


async def test_a_tenants_part_of_the_catalogue_stays_its_part_over_pages(some: httpx.AsyncClient) -> None:
    graph = await read(some, "/catalog.ttl?tenant=takamatsu&limit=5")
    view = graph.value(CATALOGUE, HYDRA.view)
    assert str(graph.value(view, HYDRA.next)) == "https://data.example.jp/catalog.ttl?tenant=takamatsu&page=2&limit=5"
    assert str(graph.value(CATALOGUE, HYDRA.totalItems)) == "9"


async def test_keywords_are_written_in_the_alphabet_of_ckans_tags_where_asked(takamatsu: httpx.AsyncClient) -> None:
    plain, tags = [await read(takamatsu, f"/catalog.ttl?limit=1000{more}") for more in ("", "&keywords=ckan")]
    assert "保健・医療・福祉" in {str(each) for each in plain.objects(None, DCAT.keyword)}
    written = {str(each) for each in tags.objects(None, DCAT.keyword)}
    assert "保健-医療-福祉" in written
    assert not any("・" in each for each in written)
    listed = (await takamatsu.get("/data.json", params={"keywords": "ckan"})).json()["dataset"]
    assert {keyword for each in listed for keyword in each["keyword"]} <= written


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
