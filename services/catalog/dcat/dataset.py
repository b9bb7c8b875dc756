"""A data set as RDF (DCAT-AP 3, Dataset)."""

from rdflib import Graph, Literal, URIRef
from rdflib.namespace import DCAT, DCTERMS, FOAF, RDF, RDFS, SKOS, VOID, XSD

from services.catalog.dcat.distribution import add_distribution
from services.catalog.dcat.properties import add_properties
from services.catalog.dcat.vocabulary import (
    AUTHORITY,
    SCHEMA,
    VCARD,
    add_concept,
    add_language,
    add_texts,
    keyword,
    moment,
)
from services.catalog.domain import frequency
from services.catalog.domain.addresses import Addresses
from services.catalog.domain.dataset import Access, Contact, Dataset, Publisher
from services.catalog.domain.licence import LICENCES, NOT_SPECIFIED
from services.catalog.domain.live import distributions_of
from services.catalog.domain.local_government import statistics_uri
from services.catalog.domain.theme import SCHEME, THEMES

_PUBLISHER_SCHEME = "http://purl.org/adms/publishertype/"
_PUBLISHER_TYPES = {
    "municipality": ("LocalAuthority", "Local authority"),
    "prefecture": ("RegionalAuthority", "Regional authority"),
}
_ACCESS = {Access.PUBLIC: "PUBLIC", Access.RESTRICTED: "RESTRICTED"}


def add_dataset(graph: Graph, dataset: Dataset, addresses: Addresses) -> URIRef:
    """Say all that the catalogue knows of a data set and its distributions; return its node."""
    node = URIRef(addresses.dataset(dataset.dataset_id))
    graph.add((node, RDF.type, DCAT.Dataset))
    graph.add((node, RDF.type, DCAT.Resource))
    graph.add((node, DCTERMS.identifier, Literal(str(dataset.dataset_id))))
    graph.add((node, SCHEMA.alternateName, Literal(dataset.name)))
    graph.add((node, DCTERMS.publisher, add_publisher(graph, dataset.publisher, addresses)))
    _add_content(graph, node, dataset)
    _add_place(graph, node, dataset)
    _add_terms(graph, node, dataset, addresses)
    _add_live(graph, node, dataset)
    add_properties(graph, node, {"kind": dataset.kind, **dataset.content.extras})
    for each in distributions_of(dataset, addresses):
        graph.add((node, DCAT.distribution, add_distribution(graph, dataset, each, addresses)))
    return node


def add_publisher(graph: Graph, publisher: Publisher, addresses: Addresses) -> URIRef:
    """Say who a tenant is; return its node."""
    node = URIRef(addresses.publisher(publisher))
    graph.add((node, RDF.type, FOAF.Agent))
    graph.add((node, FOAF.name, Literal(publisher.title, lang="ja")))
    if publisher.title_en:
        graph.add((node, FOAF.name, Literal(publisher.title_en, lang="en")))
    if publisher.code:
        graph.add((node, DCTERMS.identifier, Literal(publisher.code)))
    if publisher.kind in _PUBLISHER_TYPES:
        code, label = _PUBLISHER_TYPES[publisher.kind]
        kind = URIRef(f"{_PUBLISHER_SCHEME}{code}")
        graph.add((node, DCTERMS.type, kind))
        add_concept(graph, kind, f"{_PUBLISHER_SCHEME}1.0", {"en": label})
    return node


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


def _add_place(graph: Graph, node: URIRef, dataset: Dataset) -> None:
    code = dataset.content.spatial
    if code is None:
        return
    place = URIRef(statistics_uri(code))
    graph.add((node, DCTERMS.spatial, place))
    graph.add((place, RDF.type, DCTERMS.Location))
    graph.add((place, DCTERMS.identifier, Literal(code)))
    if code == dataset.publisher.code:
        graph.add((place, SKOS.prefLabel, Literal(dataset.publisher.title, lang="ja")))


def _add_terms(graph: Graph, node: URIRef, dataset: Dataset, addresses: Addresses) -> None:
    code = _ACCESS[dataset.access]
    access = URIRef(f"{AUTHORITY}/access-right/{code}")
    graph.add((node, DCTERMS.accessRights, access))
    graph.add((access, RDF.type, DCTERMS.RightsStatement))
    add_concept(graph, access, f"{AUTHORITY}/access-right", {"en": code.lower()})
    content = dataset.content
    if content.licence != NOT_SPECIFIED:
        licence = LICENCES[content.licence]
        document = URIRef(addresses.licence(licence))
        graph.add((node, DCTERMS.license, document))
        graph.add((document, RDF.type, DCTERMS.LicenseDocument))
        graph.add((document, DCTERMS.identifier, Literal(licence.identifier)))
        add_texts(graph, document, DCTERMS.title, {"en": licence.title, "ja": licence.title_ja})
    if content.licence_text:
        wording = URIRef(f"{node}#licence")
        graph.add((node, DCTERMS.rights, wording))
        graph.add((wording, RDF.type, DCTERMS.RightsStatement))
        graph.add((wording, RDFS.label, Literal(content.licence_text)))


def _add_live(graph: Graph, node: URIRef, dataset: Dataset) -> None:
    if dataset.live is None:
        return
    graph.add((node, VOID.entities, Literal(dataset.live.entity_count, datatype=XSD.integer)))
    for attribute in dataset.live.attributes:
        graph.add((node, SCHEMA.variableMeasured, Literal(attribute)))
    add_properties(graph, node, {"entityType": dataset.live.entity_type, "typeName": dataset.live.type_name})
