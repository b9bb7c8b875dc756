"""A data set as RDF (DCAT-AP 3, Dataset, Dataset Series, Data Service)."""

from collections.abc import Mapping

from rdflib import Graph, Literal, URIRef

from services.catalog.dcat.coverage import add_coverage
from services.catalog.dcat.distribution import add_distribution
from services.catalog.dcat.properties import add_properties
from services.catalog.dcat.publisher import add_publisher
from services.catalog.dcat.terms import add_origin, add_original, add_terms
from services.catalog.dcat.vocabulary import (
    DCAT,
    DCTERMS,
    FOAF,
    RDF,
    RDFS,
    SCHEMA,
    VCARD,
    VOID,
    XSD,
    add_concept,
    add_language,
    add_texts,
    keyword,
    moment,
)
from services.catalog.domain import frequency
from services.catalog.domain.addresses import Addresses
from services.catalog.domain.dataset import Contact, Dataset, Kind
from services.catalog.domain.live import distributions_of
from services.catalog.domain.theme import SCHEME, THEMES

_CLASSES = {
    Kind.FILE: (DCAT.Dataset,),
    Kind.LIVE: (DCAT.Dataset,),
    Kind.SERIES: (DCAT.DatasetSeries, DCAT.Dataset),
    Kind.SERVICE: (DCAT.DataService,),
}
Neighbours = Mapping[str, Dataset]
"""By name: the series and the served data sets that others speak of."""


def add_dataset(graph: Graph, dataset: Dataset, addresses: Addresses, neighbours: Neighbours) -> URIRef:
    """Say all that the catalogue knows of a data set and its distributions; return its node."""
    node = URIRef(addresses.dataset(dataset.dataset_id))
    for each in (*_CLASSES[dataset.kind], DCAT.Resource):
        graph.add((node, RDF.type, each))
    graph.add((node, DCTERMS.identifier, Literal(str(dataset.dataset_id))))
    graph.add((node, SCHEMA.alternateName, Literal(dataset.name)))
    graph.add((node, DCTERMS.publisher, add_publisher(graph, dataset.publisher, addresses)))
    _add_content(graph, node, dataset)
    add_coverage(graph, node, dataset)
    add_terms(graph, node, dataset, addresses)
    add_origin(graph, node, dataset.content)
    if dataset.original:
        add_original(graph, node, dataset.original)
    _add_live(graph, node, dataset)
    _add_neighbours(graph, node, dataset, addresses, neighbours)
    add_properties(graph, node, {"kind": dataset.kind, **dataset.content.extras})
    for form in distributions_of(dataset, addresses):
        graph.add((node, DCAT.distribution, add_distribution(graph, dataset, form, addresses)))
    return node


def _add_neighbours(graph: Graph, node: URIRef, dataset: Dataset, addresses: Addresses, neighbours: Neighbours) -> None:
    """Say which series a data set is in, and what a service serves; describe those too, that none is seen by half."""
    content = dataset.content
    named = [(DCAT.inSeries, content.series or ""), *((DCAT.servesDataset, name) for name in content.serves)]
    for predicate, name in named:
        if name in neighbours:
            other = URIRef(addresses.dataset(neighbours[name].dataset_id))
            graph.add((node, predicate, other))
            if (other, DCTERMS.identifier, None) not in graph:
                add_dataset(graph, neighbours[name], addresses, neighbours)
    for predicate, url in (
        (DCAT.endpointURL, content.endpoint_url),
        (DCAT.endpointDescription, content.endpoint_description),
    ):
        if url:
            graph.add((node, predicate, URIRef(url)))
            graph.add((URIRef(url), RDF.type, RDFS.Resource))


def _add_content(graph: Graph, node: URIRef, dataset: Dataset) -> None:
    content = dataset.content
    add_texts(graph, node, DCTERMS.title, content.titles)
    add_texts(graph, node, DCTERMS.description, content.descriptions)
    for word in content.keywords:
        graph.add((node, DCAT.keyword, keyword(word)))
    for code in content.themes:
        theme = URIRef(THEMES[code].uri)
        graph.add((node, DCAT.theme, theme))
        add_concept(graph, theme, SCHEME, {"en": THEMES[code].title, "ja": THEMES[code].title_ja})
    for tag in content.languages:
        add_language(graph, node, tag)
    if content.frequency:
        english, japanese = frequency.FREQUENCIES[content.frequency]
        often = URIRef(frequency.uri(content.frequency))
        graph.add((node, DCTERMS.accrualPeriodicity, often))
        graph.add((often, RDF.type, DCTERMS.Frequency))
        add_concept(graph, often, frequency.SCHEME, {"en": english, "ja": japanese})
    for predicate, text in ((DCTERMS.issued, content.issued), (DCTERMS.modified, content.modified)):
        if text:
            graph.add((node, predicate, moment(text)))
    if content.contact:
        _add_contact(graph, node, content.contact)
    if content.landing_page:
        page = URIRef(content.landing_page)
        graph.add((node, DCAT.landingPage, page))
        graph.add((page, RDF.type, FOAF.Document))


def _add_contact(graph: Graph, node: URIRef, contact: Contact) -> None:
    card = URIRef(f"{node}#contact")
    graph.add((node, DCAT.contactPoint, card))
    graph.add((card, RDF.type, VCARD.Kind))
    graph.add((card, VCARD.fn, Literal(contact.name)))
    if contact.email:
        graph.add((card, VCARD.hasEmail, URIRef(f"mailto:{contact.email}")))
    if contact.url:
        graph.add((card, VCARD.hasURL, URIRef(contact.url)))


def _add_live(graph: Graph, node: URIRef, dataset: Dataset) -> None:
    if dataset.live is None:
        return
    graph.add((node, VOID.entities, Literal(dataset.live.entity_count, datatype=XSD.integer)))
    for attribute in dataset.live.attributes:
        graph.add((node, SCHEMA.variableMeasured, Literal(attribute)))
    add_properties(graph, node, {"entityType": dataset.live.entity_type, "typeName": dataset.live.type_name})
