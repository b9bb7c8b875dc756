"""Statements written as N-Triples read back as the same graph."""

from hypothesis import given
from hypothesis import strategies as st
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import DCAT, DCTERMS, RDF, XSD

from services.catalog.dcat.lines import Lines

NODE = URIRef("https://data.example.jp/dataset/1")


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\x00")))
def test_any_text_reads_back(text: str) -> None:
    lines = Lines()
    lines.add((NODE, DCTERMS.title, Literal(text, lang="ja")))
    lines.add((NODE, DCTERMS.identifier, Literal(text)))
    read = Graph().parse(data=lines.written(), format="nt")
    assert set(read) == {(NODE, DCTERMS.title, Literal(text, lang="ja")), (NODE, DCTERMS.identifier, Literal(text))}


def test_a_statement_is_written_once_and_is_asked_for() -> None:
    lines = Lines()
    for _ in range(2):
        lines.add((NODE, RDF.type, DCAT.Dataset))
    lines.add((NODE, DCTERMS.issued, Literal("2024-04-01", datatype=XSD.date)))
    assert lines.written().count(b"\n") == 2
    assert (NODE, DCTERMS.issued, None) in lines
    assert (NODE, DCTERMS.modified, None) not in lines
    assert list(lines.subjects(RDF.type, DCAT.Dataset)) == [NODE]


def test_an_address_with_what_none_may_have_is_escaped() -> None:
    lines = Lines()
    lines.add((NODE, DCTERMS.source, URIRef("https://a.jp/x y>")))
    assert lines.written().endswith(b"<https://a.jp/x\\u0020y\\u003E> .\n")
