"""The vocabularies in use, their prefixes, and the small things that are said in them."""

import re
from collections.abc import Mapping

from rdflib import Graph, Literal, URIRef, namespace

from services.catalog.dcat.terminology import Terminology

ADMS = Terminology("http://www.w3.org/ns/adms#")
DCAT = Terminology("http://www.w3.org/ns/dcat#")
DCATAP = Terminology("http://data.europa.eu/r5r/")
DCTERMS = Terminology(str(namespace.DCTERMS))
FOAF = Terminology(str(namespace.FOAF))
HYDRA = Terminology("http://www.w3.org/ns/hydra/core#")
ODRL2 = Terminology(str(namespace.ODRL2))
PROV = Terminology(str(namespace.PROV))
RDF = Terminology(str(namespace.RDF))
RDFS = Terminology(str(namespace.RDFS))
SCHEMA = Terminology("https://schema.org/")
SKOS = Terminology(str(namespace.SKOS))
SPDX = Terminology("http://spdx.org/rdf/terms#")
VCARD = Terminology("http://www.w3.org/2006/vcard/ns#")
VOID = Terminology(str(namespace.VOID))
XSD = Terminology(str(namespace.XSD))

PREFIXES: Mapping[str, str] = {
    "adms": str(ADMS),
    "dcat": str(DCAT),
    "dcatap": str(DCATAP),
    "dct": str(DCTERMS),
    "foaf": str(FOAF),
    "hydra": str(HYDRA),
    "odrl": str(ODRL2),
    "prov": str(PROV),
    "rdf": str(RDF),
    "rdfs": str(RDFS),
    "schema": str(SCHEMA),
    "skos": str(SKOS),
    "spdx": str(SPDX),
    "vcard": str(VCARD),
    "void": str(VOID),
    "xsd": str(XSD),
}
AUTHORITY = "http://publications.europa.eu/resource/authority"
_LANGUAGES = {"ja": "JPN", "en": "ENG", "zh": "ZHO", "ko": "KOR", "pt": "POR", "es": "SPA", "vi": "VIE", "fr": "FRA"}
_JAPANESE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
_LONG_DATE = re.compile(r"\d{4}-\d{2}-\d{2}T")


def new_graph() -> Graph:
    """Return an empty graph with our prefixes only."""
    graph = Graph(bind_namespaces="none")
    for prefix, base in PREFIXES.items():
        graph.bind(prefix, base)
    return graph


def moment(text: str) -> Literal:
    """Return an ISO 8601 date or date-time with its datatype."""
    return Literal(text, datatype=XSD.dateTime if _LONG_DATE.match(text) else XSD.date, normalize=False)


def keyword(text: str) -> Literal:
    """Return a keyword; Japanese script says its language."""
    return Literal(text, lang="ja") if _JAPANESE.search(text) else Literal(text)


def add_texts(graph: Graph, subject: URIRef, predicate: URIRef, texts: Mapping[str, str]) -> None:
    """Say a text in each of its languages."""
    for language, text in texts.items():
        graph.add((subject, predicate, Literal(text, lang=language)))


def add_language(graph: Graph, subject: URIRef, tag: str) -> None:
    """Say which language a thing is in, as the EU vocabulary names it; other languages are left out."""
    code = _LANGUAGES.get(tag.split("-", maxsplit=1)[0].lower())
    if code is not None:
        language = URIRef(f"{AUTHORITY}/language/{code}")
        graph.add((subject, DCTERMS.language, language))
        add_concept(graph, language, f"{AUTHORITY}/language", {"en": code})
        graph.add((language, RDF.type, DCTERMS.LinguisticSystem))


def add_concept(graph: Graph, concept: URIRef, scheme: str, labels: Mapping[str, str]) -> None:
    """Say what a concept is called and which vocabulary it belongs to, so that no reader needs to fetch it."""
    if (concept, SKOS.inScheme, None) in graph:
        return
    graph.add((concept, RDF.type, SKOS.Concept))
    graph.add((concept, SKOS.inScheme, URIRef(scheme)))
    add_texts(graph, concept, SKOS.prefLabel, labels)
