"""The catalogue in one piece, what changed in it, and what search engines read."""

import json
from typing import Any

import httpx
from jsonschema import Draft202012Validator
from rdflib import Graph
from rdflib.compare import isomorphic
from rdflib.namespace import DCAT, RDF

from services.catalog.operations.catalogue import Catalogue
from services.catalog.operations.record_observation import record_observation
from tests.integration.catalog.conftest import GAUGES, LIST, TAKAMATSU, seen
from tests.integration.catalog.test_datasets import publish
from tests.integration.catalog.test_publication import FULL

ENTRY = {
    "type": "object",
    "required": [
        "title",
        "description",
        "keyword",
        "modified",
        "publisher",
        "contactPoint",
        "identifier",
        "accessLevel",
    ],
    "properties": {
        "keyword": {"type": "array", "minItems": 1, "items": {"type": "string", "minLength": 1}},
        "publisher": {"type": "object", "required": ["name"]},
        "contactPoint": {"type": "object", "required": ["fn"]},
        "accessLevel": {"enum": ["public", "restricted public", "non-public"]},
        "distribution": {
            "type": "array",
            "items": {"anyOf": [{"required": ["accessURL"]}, {"required": ["downloadURL"]}]},
        },
    },
}


async def test_the_dump_says_what_the_pages_say(takamatsu: httpx.AsyncClient, catalogue: Catalogue) -> None:
    await record_observation(catalogue, seen(GAUGES))
    dumped = Graph().parse(data=(await takamatsu.get("/catalog/dump.nt")).text, format="nt")
    paged = Graph().parse(data=(await takamatsu.get("/catalog.nt?limit=1000")).text, format="nt")
    assert len(set(dumped.subjects(RDF.type, DCAT.Dataset))) == 114
    hydra = "http://www.w3.org/ns/hydra/core#"
    for graph in (dumped, paged):
        for triple in list(graph):
            if hydra in f"{triple[1]} {triple[2]}":
                graph.remove(triple)
    assert isomorphic(dumped, paged)


async def test_a_dump_of_more_than_one_part_has_every_data_set_once(client: httpx.AsyncClient) -> None:
    rows = [f"公園{number},くらし,csv,https://example.jp/park-{number}" for number in range(205)]
    body = "\n".join(["dataName,category,format,url", *rows]).encode()
    assert (await client.post("/datasets/import", content=body, headers=TAKAMATSU)).json()["created"] == 205
    text = (await client.get("/catalog/dump.nt")).text
    marks = [line for line in text.splitlines() if line.endswith("<http://www.w3.org/ns/dcat#Dataset> .")]
    assert len(marks) == len(set(marks)) == 205
    assert len((await client.get("/data.json")).json()["dataset"]) == 205


async def test_data_json_keeps_to_its_schema(client: httpx.AsyncClient, catalogue: Catalogue) -> None:
    await publish(client, **FULL)
    await publish(client, name="bare", keywords=[], contact=None, distributions=[])
    await record_observation(catalogue, seen(GAUGES))
    listed = (await client.get("/data.json")).json()
    assert listed["conformsTo"] == "https://project-open-data.cio.gov/v1.1/schema"
    for each in listed["dataset"]:
        Draft202012Validator(ENTRY).validate(each)
    parks = next(each for each in listed["dataset"] if each["title"] == "公園一覧" and "temporal" in each)
    assert (parks["temporal"], parks["accrualPeriodicity"]) == ("2024-04-01/2025-03-31", "R/P1M")


async def test_only_what_changed_is_read_again(client: httpx.AsyncClient) -> None:
    head = b"\n".join(LIST.read_bytes().splitlines()[:6])
    await client.post("/datasets/import", content=head, headers=TAKAMATSU)

    async def count(since: str) -> int:
        answer = await client.get("/catalog.ttl", params={"modified_since": since})
        graph = Graph().parse(data=answer.content, format="turtle")
        return len(set(graph.subjects(RDF.type, DCAT.Dataset)))

    assert (await count("2020-01-01"), await count("2999-01-01T00:00:00Z")) == (5, 0)
    assert (await client.get("/catalog.ttl?modified_since=yesterday")).json()["field"] == "modified_since"


async def test_ckans_harvester_finds_the_next_page(client: httpx.AsyncClient) -> None:
    head = b"\n".join(LIST.read_bytes().splitlines()[:6])
    await client.post("/datasets/import", content=head, headers=TAKAMATSU)
    seen_pages = []
    path: str | None = "/catalog.rdf?limit=2"
    while path:
        graph = Graph().parse(data=(await client.get(path)).content, format="xml")
        seen_pages.append(path)
        hydra = "http://www.w3.org/ns/hydra/core#"
        followed = graph.query(f"SELECT ?next WHERE {{ ?page a <{hydra}PagedCollection> ; <{hydra}nextPage> ?next }}")
        path = next((str(row[0]).removeprefix("https://data.example.jp") for row in followed), None)  # type: ignore[index]
    assert len(seen_pages) == 3


async def test_search_engines_read_a_data_set_in_their_words(client: httpx.AsyncClient) -> None:
    await publish(client, **FULL)
    answer = await client.get("/dataset/parks.jsonld?profiles=schemaorg")
    said: dict[str, Any] = json.loads(answer.content)
    assert (said["@type"], said["name"], said["license"]) == (
        "Dataset",
        "公園一覧",
        "https://creativecommons.org/licenses/by/4.0/",
    )
    assert said["spatialCoverage"]["geo"]["box"] == "34.2 133.9 34.4 134.1"
    assert said["temporalCoverage"] == "2024-04-01/2025-03-31"
    assert said["distribution"][0]["encodingFormat"] == "text/csv"


async def test_the_site_map_lists_public_pages(client: httpx.AsyncClient) -> None:
    shown = await publish(client)
    await publish(client, name="hidden", access="restricted")
    index = (await client.get("/sitemap.xml")).text
    assert "<loc>https://data.example.jp/sitemap-1.xml</loc>" in index
    pages = (await client.get("/sitemap-1.xml")).text
    assert pages.count("<url>") == 1
    assert shown["uri"] in pages
    assert (await client.get("/sitemap-2.xml")).status_code == 404
