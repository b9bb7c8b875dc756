"""A tenant's services as RDF (DCAT-AP 3, Data Service)."""

from rdflib import Graph, Literal, URIRef

from services.catalog.dcat.publisher import add_publisher
from services.catalog.dcat.vocabulary import DCAT, DCTERMS, RDF, RDFS, add_texts, new_graph
from services.catalog.domain.addresses import Addresses
from services.catalog.domain.data_service import DataService, services_of
from services.catalog.domain.dataset import Publisher


def add_service(graph: Graph, service: DataService, addresses: Addresses) -> URIRef:
    """Say what a service is and where it answers; return its node."""
    node = URIRef(addresses.service(service.publisher, service.kind))
    if (node, DCAT.endpointURL, None) in graph:
        return node
    graph.add((node, RDF.type, DCAT.DataService))
    add_texts(graph, node, DCTERMS.title, service.titles)
    add_texts(graph, node, DCTERMS.description, service.descriptions)
    for predicate, url in (
        (DCAT.endpointURL, addresses.endpoint(service.kind)),
        (DCAT.endpointDescription, addresses.endpoint_description(service.kind)),
    ):
        graph.add((node, predicate, URIRef(url)))
        graph.add((URIRef(url), RDF.type, RDFS.Resource))
    graph.add((node, DCTERMS.publisher, add_publisher(graph, service.publisher, addresses)))
    standard = URIRef(service.standard.uri)
    graph.add((node, DCTERMS.conformsTo, standard))
    graph.add((standard, RDF.type, DCTERMS.Standard))
    graph.add((standard, DCTERMS.title, Literal(service.standard.title)))
    return node


def publisher_graph(publisher: Publisher, addresses: Addresses) -> Graph:
    """Say one publisher by itself, with the services through which its data can be had."""
    graph = new_graph()
    add_publisher(graph, publisher, addresses)
    for service in services_of(publisher):
        add_service(graph, service, addresses)
    return graph
