"""Tenants as publishers, as RDF (DCAT-AP 3, Agent)."""

from rdflib import Graph, Literal, URIRef

from services.catalog.dcat.vocabulary import DCTERMS, FOAF, RDF, add_concept
from services.catalog.domain.addresses import Addresses
from services.catalog.domain.dataset import Publisher

_PUBLISHER_SCHEME = "http://purl.org/adms/publishertype/"
_PUBLISHER_TYPES = {
    "municipality": ("LocalAuthority", "Local authority"),
    "prefecture": ("RegionalAuthority", "Regional authority"),
}


def add_publisher(graph: Graph, publisher: Publisher, addresses: Addresses) -> URIRef:
    """Say who a tenant is; return its node."""
    node = URIRef(addresses.publisher(publisher))
    if (node, FOAF.name, None) in graph:
        return node
    graph.add((node, RDF.type, FOAF.Agent))
    graph.add((node, FOAF.name, Literal(publisher.title, lang="ja")))
    if publisher.title_en:
        graph.add((node, FOAF.name, Literal(publisher.title_en, lang="en")))
    if publisher.appearance.emblem:
        graph.add((node, FOAF.logo, URIRef(addresses.emblem(publisher))))
    if publisher.code:
        graph.add((node, DCTERMS.identifier, Literal(publisher.code)))
    if publisher.kind in _PUBLISHER_TYPES:
        code, label = _PUBLISHER_TYPES[publisher.kind]
        kind = URIRef(f"{_PUBLISHER_SCHEME}{code}")
        graph.add((node, DCTERMS.type, kind))
        add_concept(graph, kind, f"{_PUBLISHER_SCHEME}1.0", {"en": label})
    return node
