"""Distributions as RDF (DCAT-AP 3, Distribution), with the services behind them."""

from rdflib import Graph, Literal, URIRef

from services.catalog.dcat.properties import add_properties
from services.catalog.dcat.service import add_service
from services.catalog.dcat.terms import add_licence, add_standards
from services.catalog.dcat.vocabulary import (
    AUTHORITY,
    DCAT,
    DCATAP,
    DCTERMS,
    RDF,
    RDFS,
    SPDX,
    XSD,
    add_concept,
    add_texts,
    moment,
)
from services.catalog.domain import file_format
from services.catalog.domain.addresses import Addresses
from services.catalog.domain.data_service import DataService, ServiceKind
from services.catalog.domain.dataset import Dataset
from services.catalog.domain.distribution import Distribution
from services.catalog.domain.licence import NOT_SPECIFIED


def add_distribution(graph: Graph, dataset: Dataset, each: Distribution, addresses: Addresses) -> URIRef:
    """Say how a data set can be had in one form; return the distribution's node."""
    node = URIRef(addresses.distribution(dataset.dataset_id, each))
    graph.add((node, RDF.type, DCAT.Distribution))
    for predicate, text, texts in (
        (DCTERMS.title, each.title, each.titles),
        (DCTERMS.description, each.description, each.descriptions),
    ):
        add_texts(graph, node, predicate, texts)
        if text and not texts:
            graph.add((node, predicate, Literal(text)))
    _add_resource(graph, node, DCAT.accessURL, each.access_url)
    if each.download_url:
        _add_resource(graph, node, DCAT.downloadURL, each.download_url)
    _add_format(graph, node, each)
    licence = each.licence or dataset.content.licence
    if licence != NOT_SPECIFIED:
        graph.add((node, DCTERMS.license, add_licence(graph, licence, addresses)))
    _add_file(graph, node, each)
    if each.interface is not None:
        service = add_service(graph, DataService(dataset.publisher, ServiceKind(each.interface)), addresses)
        graph.add((node, DCAT.accessService, service))
        graph.add((service, DCAT.servesDataset, URIRef(addresses.dataset(dataset.dataset_id))))
    fields = {name: value for name, value in each.fields.items() if isinstance(value, str)}
    add_properties(graph, node, {"format": each.format, **fields} if each.format else fields)
    return node


def _add_file(graph: Graph, node: URIRef, each: Distribution) -> None:
    """Say what is known of a file: its size, its digest, its times, its schema, how long it stays."""
    if each.byte_size is not None:
        graph.add((node, DCAT.byteSize, Literal(each.byte_size, datatype=XSD.nonNegativeInteger)))
    if each.checksum:
        digest = URIRef(f"{node}-checksum")
        graph.add((node, SPDX.checksum, digest))
        graph.add((digest, RDF.type, SPDX.Checksum))
        graph.add((digest, SPDX.algorithm, SPDX.checksumAlgorithm_sha256))
        graph.add((SPDX.checksumAlgorithm_sha256, RDF.type, SPDX.ChecksumAlgorithm))
        graph.add((digest, SPDX.checksumValue, Literal(each.checksum, datatype=XSD.hexBinary, normalize=False)))
    for predicate, text in ((DCTERMS.issued, each.issued), (DCTERMS.modified, each.modified)):
        if text:
            graph.add((node, predicate, moment(text)))
    add_standards(graph, node, each.conforms_to)
    if each.availability:
        stays = URIRef(f"{AUTHORITY}/planned-availability/{each.availability}")
        graph.add((node, DCATAP.availability, stays))
        add_concept(graph, stays, f"{AUTHORITY}/planned-availability", {"en": each.availability.lower()})


def _add_resource(graph: Graph, node: URIRef, predicate: URIRef, url: str) -> None:
    graph.add((node, predicate, URIRef(url)))
    graph.add((URIRef(url), RDF.type, RDFS.Resource))


def _add_format(graph: Graph, node: URIRef, each: Distribution) -> None:
    known = file_format.recognise(each.format)
    if known.uri:
        form = URIRef(known.uri)
        graph.add((node, DCTERMS["format"], form))
        graph.add((form, RDF.type, DCTERMS.MediaTypeOrExtent))
        add_concept(graph, form, file_format.SCHEME, {"en": known.name})
    if each.media_type:
        media = URIRef(file_format.media_type_uri(each.media_type))
        graph.add((node, DCAT.mediaType, media))
        graph.add((media, RDF.type, DCTERMS.MediaType))
