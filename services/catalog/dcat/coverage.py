"""Where and when the data are about, as RDF (DCAT 3, Location, Period of Time)."""

from rdflib import Graph, Literal, Namespace, URIRef

from services.catalog.dcat.vocabulary import DCAT, DCTERMS, RDF, SKOS, moment
from services.catalog.domain.dataset import Box, Dataset
from services.catalog.domain.local_government import statistics_uri

LOCN = Namespace("http://www.w3.org/ns/locn#")
WKT = URIRef("http://www.opengis.net/ont/geosparql#wktLiteral")


def add_coverage(graph: Graph, node: URIRef, dataset: Dataset) -> None:
    """Say which areas and which period the data are about."""
    code, box = dataset.content.spatial, dataset.content.box
    if code is not None:
        _add_area(graph, node, dataset, code)
    if box is not None:
        place = URIRef(f"{node}#area")
        graph.add((node, DCTERMS.spatial, place))
        graph.add((place, RDF.type, DCTERMS.Location))
        graph.add((place, DCAT.bbox, Literal(wkt(box), datatype=WKT)))
    _add_period(graph, node, dataset)


def wkt(box: Box) -> str:
    """Write a box as a polygon in WKT; axes are longitude and latitude (CRS 84)."""
    west, south, east, north = box
    corners = ((west, south), (east, south), (east, north), (west, north), (west, south))
    return f"POLYGON(({', '.join(f'{x!r} {y!r}' for x, y in corners)}))"


def _add_area(graph: Graph, node: URIRef, dataset: Dataset, code: str) -> None:
    place = URIRef(statistics_uri(code))
    graph.add((node, DCTERMS.spatial, place))
    graph.add((place, RDF.type, DCTERMS.Location))
    graph.add((place, DCTERMS.identifier, Literal(code)))
    if code == dataset.publisher.code:
        graph.add((place, SKOS.prefLabel, Literal(dataset.publisher.title, lang="ja")))


def _add_period(graph: Graph, node: URIRef, dataset: Dataset) -> None:
    content = dataset.content
    if not (content.temporal_start or content.temporal_end):
        return
    period = URIRef(f"{node}#period")
    graph.add((node, DCTERMS.temporal, period))
    graph.add((period, RDF.type, DCTERMS.PeriodOfTime))
    for predicate, text in ((DCAT.startDate, content.temporal_start), (DCAT.endDate, content.temporal_end)):
        if text:
            graph.add((period, predicate, moment(text)))
