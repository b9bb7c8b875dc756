"""What is read of other catalogues' records, well written or not."""

import pytest
from rdflib import Graph

from services.catalog.domain.harvest import Record
from services.catalog.harvest import data_json, dcat_graph, wording
from services.catalog.harvest.ckan_package import read_record
from services.catalog.harvest.client import SourceFailure

PREFIXES = """
@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> . @prefix vcard: <http://www.w3.org/2006/vcard/ns#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> . @prefix hydra: <http://www.w3.org/ns/hydra/core#> .
"""
PARK = """
<https://a.jp/d/1> a dcat:Dataset ; dct:title "公園"@ja, "Parks"@en ; dct:description "一覧" ;
  dcat:keyword "公園" ; dct:license <http://creativecommons.org/licenses/by/4.0/> ;
  dcat:theme <http://publications.europa.eu/resource/authority/data-theme/ENVI> ;
  dct:accrualPeriodicity <http://publications.europa.eu/resource/authority/frequency/MONTHLY> ;
  dct:spatial [ a dct:Location ; dcat:bbox "POLYGON((133.9 34.2, 134.1 34.2, 134.1 34.4, 133.9 34.4, 133.9 34.2))" ] ;
  dct:temporal [ dcat:startDate "2024-04-01"^^xsd:date ; dcat:endDate "2025-03-31"^^xsd:date ] ;
  dct:publisher [ a foaf:Agent ; foaf:name "県" ] ;
  dcat:contactPoint [ vcard:fn "課" ; vcard:hasEmail <mailto:a@b.jp> ] ;
  dcat:distribution [ a dcat:Distribution ; dcat:accessURL <https://a.jp/p> ; dcat:downloadURL <https://a.jp/p.csv> ;
    dcat:mediaType <http://www.iana.org/assignments/media-types/text/csv> ; dcat:byteSize 12 ] ,
    [ a dcat:Distribution ; dct:title "no address" ] .
"""


def read(turtle: str) -> tuple[Record, ...]:
    return dcat_graph.records(Graph().parse(data=PREFIXES + turtle, format="turtle"))


def test_rdf_of_others_is_read_as_far_as_it_goes() -> None:
    (record,) = read(PARK)
    content = record.content
    assert content is not None
    assert (record.remote_id, record.title) == ("https://a.jp/d/1", record.title)
    assert content.titles == {"ja": "公園", "en": "Parks"}
    assert (content.licence, content.themes, content.frequency) == ("CC-BY-4.0", ("ENVI",), "MONTHLY")
    assert (content.box, content.temporal_start) == ((133.9, 34.2, 134.1, 34.4), "2024-04-01")
    assert content.creator is not None
    assert content.contact is not None
    assert (content.creator.name, content.contact.email) == ("県", "a@b.jp")
    (form,) = content.distributions
    assert (form.access_url, form.download_url, form.format) == ("https://a.jp/p", "https://a.jp/p.csv", "CSV")
    assert (form.media_type, form.byte_size) == ("text/csv", 12)


def test_the_fingerprint_is_of_what_is_said_not_of_how() -> None:
    first, *middle, last = PARK.strip().splitlines()
    pairs = [*middle[3:6], *middle[:3], *middle[6:]]
    (one,), (again,) = read(PARK), read("\n".join([first, *pairs, last]))
    (other,) = read(PARK.replace("a@b.jp", "c@b.jp"))
    assert one.fingerprint == again.fingerprint != other.fingerprint


def test_a_data_set_without_title_or_address_is_told_with_its_reason() -> None:
    (record,) = read("<https://a.jp/d/2> a dcat:Dataset .")
    assert (record.content, record.error) == (None, "address or title lacks")


def test_only_the_catalogues_own_members_are_read_where_it_names_them() -> None:
    listed = "<https://a.jp/c> a dcat:Catalog ; dcat:dataset <https://a.jp/d/1> ." + PARK
    other = listed + '<https://a.jp/d/9> a dcat:Dataset ; dct:title "elsewhere" .'
    assert [each.remote_id for each in read(other)] == ["https://a.jp/d/1"]


@pytest.mark.parametrize("word", ["next", "nextPage"])
def test_the_next_page_is_found_in_both_words(word: str) -> None:
    graph = Graph().parse(data=f"{PREFIXES} <https://a.jp/p1> hydra:{word} <https://a.jp/p2> .", format="turtle")
    assert dcat_graph.next_page(graph) == "https://a.jp/p2"


@pytest.mark.parametrize(
    "document",
    [{"@context": "https://a.jp/c"}, [{"a": {"@context": ["https://a.jp/c"]}}], {"@context": {"@import": "x"}}],
)
def test_contexts_on_the_web_are_not_fetched(document: object) -> None:
    with pytest.raises(SourceFailure):
        dcat_graph.refuse_remote_contexts(document)


def test_an_entry_of_data_json_is_read() -> None:
    entry = {
        "identifier": "https://a.jp/d/1",
        "title": "Parks",
        "description": "All parks",
        "keyword": ["park"],
        "license": "https://creativecommons.org/publicdomain/zero/1.0/",
        "accrualPeriodicity": "R/P1Y",
        "temporal": "2024-04-01/2025-03-31",
        "spatial": "133.9,34.2,134.1,34.4",
        "publisher": {"name": "Prefecture"},
        "contactPoint": {"fn": "Unit", "hasEmail": "mailto:a@b.jp"},
        "distribution": [
            {"downloadURL": "https://a.jp/p.csv", "mediaType": "text/csv", "format": "CSV"},
            {"title": "x"},
        ],
    }
    content = data_json.read_record(entry, "f").content
    assert content is not None
    assert (content.licence, content.frequency, content.temporal_end) == ("CC0-1.0", "ANNUAL", "2025-03-31")
    assert content.box == (133.9, 34.2, 134.1, 34.4)
    assert [each.access_url for each in content.distributions] == ["https://a.jp/p.csv"]
    assert data_json.read_record({"title": "x"}, "f").error == "identifier or title lacks"


def test_a_package_that_says_little_or_nonsense_is_read_without_it() -> None:
    package = {
        "id": "1",
        "name": "parks",
        "title": "公園",
        "license_id": "cc-by",
        "tags": [{"name": "公園"}, {"name": None}],
        "extras": [{"key": "issued", "value": "someday"}, {"key": "spatial", "value": "{"}, "nonsense"],
        "resources": [{"url": "ftp://a.jp/x"}, {"url": "https://a.jp/x.csv", "format": ".CSV", "size": "much"}],
        "organization": {"title": "県"},
    }
    record = read_record(Record("1", "f", name="parks"), package, "https://a.jp/dataset/parks")
    content = record.content
    assert content is not None
    assert (content.issued, content.box, content.keywords, content.licence) == (None, None, ("公園",), "CC-BY")
    assert (content.landing_page, content.creator and content.creator.name) == ("https://a.jp/dataset/parks", "県")
    assert [(each.format, each.byte_size) for each in content.distributions] == [("CSV", None)]
    assert read_record(Record("", "f"), {}, "").error
    assert read_record(Record("1", "f", name="x"), package | {"type": "harvest"}, "").error


@pytest.mark.parametrize(
    ("value", "wanted"),
    [("2024", "2024-01-01"), ("2024-04", "2024-04-01"), ("2024-02-30", None), ("yesterday", None), (None, None)],
)
def test_moments_are_read_as_far_as_they_go(value: object, wanted: str | None) -> None:
    assert wording.moment(value) == wanted
