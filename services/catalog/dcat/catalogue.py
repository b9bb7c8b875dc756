"""The catalogue, or a page of it, as RDF (DCAT-AP 3, Catalogue; Hydra's partial collection views)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from rdflib import Graph, Literal, URIRef

from services.catalog.dcat.dataset import Neighbours, add_dataset
from services.catalog.dcat.service import add_service
from services.catalog.dcat.terms import add_access, add_licence
from services.catalog.dcat.vocabulary import (
    DCAT,
    DCTERMS,
    FOAF,
    HYDRA,
    RDF,
    SKOS,
    XSD,
    add_language,
    add_texts,
    moment,
    new_graph,
)
from services.catalog.domain.addresses import Addresses
from services.catalog.domain.data_service import DataService, services_for
from services.catalog.domain.dataset import Dataset, Kind
from services.catalog.domain.licence import NOT_SPECIFIED
from services.catalog.domain.theme import SCHEME
from services.kernel.clock import to_iso_millis

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Presentation:
    """What the catalogue is called, who runs it, and the addresses that it gives."""

    title: str
    title_en: str
    operator: str
    addresses: Addresses


@dataclass(frozen=True, slots=True)
class PageLinks:
    """The address of this page, those of its neighbours, and how many data sets all pages have."""

    this: str
    first: str
    last: str
    previous: str | None
    next: str | None
    total: int
    limit: int


@dataclass(frozen=True, slots=True)
class Members:
    """The data sets of a page, and those that they speak of by name."""

    datasets: tuple[Dataset, ...]
    neighbours: Neighbours


def catalogue_graph(presentation: Presentation, members: Members, links: PageLinks) -> Graph:
    """Say the catalogue with the data sets of one page; `hydra:next` leads on."""
    graph = new_graph()
    node = add_catalogue(graph, presentation)
    add_members(graph, node, presentation.addresses, members)
    _add_links(graph, node, links)
    return graph


def add_members(graph: Graph, node: URIRef, addresses: Addresses, members: Members) -> None:
    """Say data sets, series and services as members of the catalogue."""
    services: dict[tuple[str, Kind], list[URIRef]] = {}
    for each in members.datasets:
        member = add_dataset(graph, each, addresses, members.neighbours)
        graph.add((node, DCAT.service if each.kind is Kind.SERVICE else DCAT.dataset, member))
        _add_record(graph, node, member, each)
        owner = (each.publisher.name, each.kind)
        if owner not in services:
            services[owner] = [add_service(graph, service, addresses) for service in services_for(each)]
        for service in services[owner]:
            graph.add((service, DCAT.servesDataset, member))
    for found in graph.subjects(RDF.type, DCAT.DataService):
        graph.add((node, DCAT.service, found))


def dataset_graph(dataset: Dataset, addresses: Addresses, neighbours: Neighbours) -> Graph:
    """Say one data set by itself."""
    graph = new_graph()
    add_dataset(graph, dataset, addresses, neighbours)
    return graph


def service_graph(service: DataService, addresses: Addresses, members: Members) -> Graph:
    """Say one service by itself, with data sets that it serves; of their terms what is the same for all."""
    graph = new_graph()
    node = add_service(graph, service, addresses)
    for each in members.datasets:
        member = add_dataset(graph, each, addresses, members.neighbours)
        graph.add((node, DCAT.servesDataset, member))
    for access in _same(each.access for each in members.datasets):
        add_access(graph, node, access)
    for licence in _same(each.content.licence for each in members.datasets):
        if licence != NOT_SPECIFIED:
            graph.add((node, DCTERMS.license, add_licence(graph, licence, addresses)))
    return graph


def _same(values: Iterable[Value]) -> set[Value]:
    """Return the value that all have, nothing where they differ."""
    found = set(values)
    return found if len(found) == 1 else set()


def add_catalogue(graph: Graph, presentation: Presentation) -> URIRef:
    """Say what the catalogue itself is; return its node."""
    addresses = presentation.addresses
    node = URIRef(addresses.catalogue)
    graph.add((node, RDF.type, DCAT.Catalog))
    add_texts(graph, node, DCTERMS.title, {"ja": presentation.title, "en": presentation.title_en})
    add_texts(
        graph,
        node,
        DCTERMS.description,
        {
            "ja": "参加団体のオープンデータと、コンテキストブローカーにある現在のデータの一覧",
            "en": "Open data of the participating bodies, and the live data in the context broker",
        },
    )
    operator = URIRef(f"{addresses.catalogue}#operator")
    graph.add((node, DCTERMS.publisher, operator))
    graph.add((operator, RDF.type, FOAF.Agent))
    graph.add((operator, FOAF.name, Literal(presentation.operator)))
    graph.add((node, DCAT.themeTaxonomy, URIRef(SCHEME)))
    graph.add((URIRef(SCHEME), RDF.type, SKOS.ConceptScheme))
    graph.add((URIRef(SCHEME), DCTERMS.title, Literal("Data theme", lang="en")))
    for tag in ("ja", "en"):
        add_language(graph, node, tag)
    return node


def _add_record(graph: Graph, catalogue: URIRef, member: URIRef, dataset: Dataset) -> None:
    record = URIRef(f"{member}#record")
    graph.add((catalogue, DCAT.record, record))
    graph.add((record, RDF.type, DCAT.CatalogRecord))
    graph.add((record, FOAF.primaryTopic, member))
    graph.add((record, DCTERMS.issued, moment(to_iso_millis(dataset.created_at))))
    graph.add((record, DCTERMS.modified, moment(to_iso_millis(dataset.updated_at))))


def _add_links(graph: Graph, catalogue: URIRef, links: PageLinks) -> None:
    """Lead from page to page in Hydra's words of today, and in those of its drafts that CKAN's harvester follows."""
    view = URIRef(links.this)
    graph.add((catalogue, RDF.type, HYDRA.Collection))
    graph.add((catalogue, HYDRA.totalItems, Literal(links.total, datatype=XSD.integer)))
    graph.add((catalogue, HYDRA.view, view))
    for kind in (HYDRA.PartialCollectionView, HYDRA.PagedCollection):
        graph.add((view, RDF.type, kind))
    graph.add((view, HYDRA.totalItems, Literal(links.total, datatype=XSD.integer)))
    graph.add((view, HYDRA.itemsPerPage, Literal(links.limit, datatype=XSD.integer)))
    neighbours = {"first": links.first, "previous": links.previous, "next": links.next, "last": links.last}
    for name, address in neighbours.items():
        if address is not None:
            graph.add((view, HYDRA[name], URIRef(address)))
            graph.add((view, HYDRA[f"{name}Page"], URIRef(address)))
