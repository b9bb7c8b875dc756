"""A vocabulary as SKOS."""

from urllib.parse import quote

from rdflib import Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCTERMS, RDF, SKOS, XSD

from services.catalog.dcat.vocabulary import add_texts, new_graph
from services.catalog.vocabularies.scheme import Concept, Scheme

_GEO = Namespace("http://www.w3.org/2003/01/geo/wgs84_pos#")


def concept_uri(address: str, code: str) -> str:
    """Return the address of a word, within its vocabulary's."""
    return f"{address}#{quote(code, safe='')}"


def graph_of(scheme: Scheme, address: str) -> Graph:
    """Say a vocabulary with all its words; `address` is the vocabulary's."""
    graph = new_graph()
    graph.bind("geo", _GEO)
    node = URIRef(address)
    graph.add((node, RDF.type, SKOS.ConceptScheme))
    add_texts(graph, node, DCTERMS.title, scheme.titles)
    add_texts(graph, node, DCTERMS.description, scheme.descriptions)
    for each in scheme.concepts.values():
        _add_concept(graph, node, each)
    for each in scheme.tops():
        graph.add((node, SKOS.hasTopConcept, URIRef(concept_uri(address, each.code))))
    return graph


def _add_concept(graph: Graph, scheme: URIRef, concept: Concept) -> None:
    node = URIRef(concept_uri(str(scheme), concept.code))
    graph.add((node, RDF.type, SKOS.Concept))
    graph.add((node, SKOS.inScheme, scheme))
    graph.add((node, SKOS.notation, Literal(concept.code)))
    add_texts(graph, node, SKOS.prefLabel, concept.names)
    add_texts(graph, node, SKOS.altLabel, concept.others)
    add_texts(graph, node, SKOS.definition, concept.notes)
    if concept.broader is None:
        graph.add((node, SKOS.topConceptOf, scheme))
    else:
        above = URIRef(concept_uri(str(scheme), concept.broader))
        graph.add((node, SKOS.broader, above))
        graph.add((above, SKOS.narrower, node))
    for same in concept.same:
        graph.add((node, SKOS.exactMatch, URIRef(same)))
    for close in concept.close:
        graph.add((node, SKOS.closeMatch, URIRef(close)))
    for related in concept.related:
        graph.add((node, SKOS.relatedMatch, URIRef(related)))
    if concept.place is not None:
        latitude, longitude = concept.place
        graph.add((node, _GEO.lat, Literal(str(latitude), datatype=XSD.decimal)))
        graph.add((node, _GEO.long, Literal(str(longitude), datatype=XSD.decimal)))
