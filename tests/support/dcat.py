"""Reads the catalogue's RDF back into plain values, with rdflib alone: what a harvester can know."""

import json
import re
from typing import Any

from rdflib import Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCAT, DCTERMS, FOAF, PROV, RDF, RDFS, VOID

SCHEMA = Namespace("https://schema.org/")
DCAT3 = Namespace(str(DCAT))
DCATAP = Namespace("http://data.europa.eu/r5r/")
SPDX = Namespace("http://spdx.org/rdf/terms#")
VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
LANGUAGES = {"JPN": "ja", "ENG": "en"}


def read_datasets(graph: Graph) -> dict[str, dict[str, Any]]:
    """Return what a graph says of each data set, by identifier, in the shape of the catalogue's own JSON."""
    described = (DCAT.Dataset, DCAT3.DatasetSeries, DCAT.DataService)
    nodes = {node for kind in described for node in graph.subjects(RDF.type, kind)}
    nodes = {node for node in nodes if graph.value(node, DCTERMS.identifier)}
    return {str(graph.value(node, DCTERMS.identifier)): _dataset(graph, URIRef(str(node))) for node in nodes}


def _dataset(graph: Graph, node: URIRef) -> dict[str, Any]:
    publisher = graph.value(node, DCTERMS.publisher)
    licence = graph.value(node, DCTERMS.license)
    properties = _properties(graph, node)
    wording = graph.value(node, DCTERMS.rights)
    places = [each for each in graph.objects(node, DCTERMS.spatial) if graph.value(each, DCTERMS.identifier)]
    place = places[0] if places else None
    return {
        "id": _text(graph, node, DCTERMS.identifier),
        "uri": str(node),
        "name": _text(graph, node, SCHEMA.alternateName),
        "titles": _texts(graph, node, DCTERMS.title),
        "descriptions": _texts(graph, node, DCTERMS.description),
        "keywords": sorted(str(each) for each in graph.objects(node, DCAT.keyword)),
        "themes": sorted(_last(each) for each in graph.objects(node, DCAT.theme)),
        "languages": sorted(LANGUAGES[_last(each)] for each in graph.objects(node, DCTERMS.language)),
        "licence": _text(graph, licence, DCTERMS.identifier) or "notspecified",
        "licence_text": _text(graph, wording, RDFS.label),
        "spatial": _text(graph, place, DCTERMS.identifier),
        "frequency": _last(graph.value(node, DCTERMS.accrualPeriodicity)),
        "issued": _text(graph, node, DCTERMS.issued),
        "modified": _text(graph, node, DCTERMS.modified),
        "landing_page": _text(graph, node, DCAT.landingPage),
        "access": (_last(graph.value(node, DCTERMS.accessRights)) or "").lower(),
        "contact": _contact(graph, node),
        "publisher": {
            "title": _texts(graph, publisher, FOAF.name).get("ja"),
            "title_en": _texts(graph, publisher, FOAF.name).get("en"),
            "code": _text(graph, publisher, DCTERMS.identifier),
        },
        **_provenance(graph, node),
        "kind": properties.pop("kind"),
        "data_class": properties.pop("dataClass", "none"),
        "policy": json.loads(properties.pop("policy", "null")),
        "box": _box(graph, node),
        "temporal_start": _text(graph, graph.value(node, DCTERMS.temporal), DCAT.startDate),
        "temporal_end": _text(graph, graph.value(node, DCTERMS.temporal), DCAT.endDate),
        "live": _live(graph, node, properties),
        "extras": properties,
        "distributions": sorted(
            (_distribution(graph, each) for each in graph.objects(node, DCAT.distribution)), key=lambda each: each["id"]
        ),
    }


def _provenance(graph: Graph, node: URIRef) -> dict[str, Any]:
    """Return where a data set comes from, and what it belongs to."""
    return {
        "provenance": _texts(graph, graph.value(node, DCTERMS.provenance), RDFS.label),
        "creator": _creator(graph, graph.value(node, DCTERMS.creator)),
        "version_label": _text(graph, node, DCAT3.version),
        "conforms_to": sorted(str(each) for each in graph.objects(node, DCTERMS.conformsTo)),
        "documentation": sorted(str(each) for each in graph.objects(node, FOAF.page)),
        "sources": sorted(str(each) for each in graph.objects(node, PROV.wasDerivedFrom)),
        "series": _text(graph, graph.value(node, DCAT3.inSeries), SCHEMA.alternateName),
        "serves": sorted(
            str(graph.value(each, SCHEMA.alternateName)) for each in graph.objects(node, DCAT.servesDataset)
        ),
        "endpoint_url": _text(graph, node, DCAT.endpointURL),
        "endpoint_description": _text(graph, node, DCAT.endpointDescription),
    }


def _distribution(graph: Graph, node: Any) -> dict[str, Any]:
    fields = _properties(graph, node)
    media = graph.value(node, DCAT.mediaType)
    return {
        "id": str(node).partition("#")[2],
        "title": _in_japanese(graph, node, DCTERMS.title) or "",
        "description": _in_japanese(graph, node, DCTERMS.description),
        "format": fields.pop("format", None),
        "licence": _text(graph, graph.value(node, DCTERMS.license), DCTERMS.identifier),
        "byte_size": int(str(graph.value(node, DCAT.byteSize))) if graph.value(node, DCAT.byteSize) else None,
        "checksum": _digest(graph, node),
        "issued": _text(graph, node, DCTERMS.issued),
        "modified": _text(graph, node, DCTERMS.modified),
        "conforms_to": sorted(str(each) for each in graph.objects(node, DCTERMS.conformsTo)),
        "availability": _last(graph.value(node, DCATAP.availability)),
        "media_type": str(media).partition("/media-types/")[2] if media else None,
        "access_url": _text(graph, node, DCAT.accessURL),
        "download_url": _text(graph, node, DCAT.downloadURL),
        "interface": str(graph.value(node, DCAT.accessService) or "").rpartition("/")[2] or None,
        "fields": fields,
    }


def _live(graph: Graph, node: URIRef, properties: dict[str, str]) -> dict[str, Any] | None:
    count = graph.value(node, VOID.entities)
    if count is None:
        return None
    return {
        "entity_type": properties.pop("entityType"),
        "type_name": properties.pop("typeName"),
        "attributes": sorted(str(each) for each in graph.objects(node, SCHEMA.variableMeasured)),
        "entity_count": int(str(count)),
    }


def _contact(graph: Graph, node: URIRef) -> dict[str, Any] | None:
    card = graph.value(node, DCAT.contactPoint)
    if card is None:
        return None
    email = _text(graph, card, VCARD.hasEmail)
    return {
        "name": _text(graph, card, VCARD.fn),
        "email": email.removeprefix("mailto:") if email else None,
        "url": _text(graph, card, VCARD.hasURL),
    }


def _creator(graph: Graph, agent: Any) -> dict[str, Any] | None:
    if agent is None:
        return None
    email = _text(graph, agent, VCARD.hasEmail)
    return {
        "name": _text(graph, agent, FOAF.name),
        "email": email.removeprefix("mailto:") if email else None,
        "url": _text(graph, agent, FOAF.homepage),
    }


def _box(graph: Graph, node: URIRef) -> list[float] | None:
    for place in graph.objects(node, DCTERMS.spatial):
        written = graph.value(place, DCAT.bbox)
        if written is not None:
            numbers = [float(each) for each in re.findall(r"-?[0-9.]+", str(written))]
            return [min(numbers[::2]), min(numbers[1::2]), max(numbers[::2]), max(numbers[1::2])]
    return None


def _digest(graph: Graph, node: Any) -> str | None:
    value = _text(graph, graph.value(node, SPDX.checksum), SPDX.checksumValue)
    return value.lower() if value is not None else None


def _properties(graph: Graph, node: Any) -> dict[str, str]:
    pairs = graph.objects(node, SCHEMA.additionalProperty)
    return {str(graph.value(pair, SCHEMA.name)): str(graph.value(pair, SCHEMA.value)) for pair in pairs}


def _texts(graph: Graph, node: Any, predicate: URIRef) -> dict[str, str]:
    found = graph.objects(node, predicate) if node is not None else ()
    return {str(each.language): str(each) for each in found if isinstance(each, Literal)}


def _in_japanese(graph: Graph, node: Any, predicate: URIRef) -> str | None:
    return _texts(graph, node, predicate).get("ja") or _text(graph, node, predicate)


def _text(graph: Graph, node: Any, predicate: URIRef) -> str | None:
    value = graph.value(node, predicate) if node is not None else None
    return None if value is None else str(value)


def _last(node: Any) -> str | None:
    return None if node is None else str(node).rpartition("/")[2]
