"""What no other vocabulary has a word for: schema.org's names and values."""

from collections.abc import Mapping
from urllib.parse import quote

from rdflib import Graph, Literal, URIRef

from services.catalog.dcat.vocabulary import RDF, SCHEMA


def add_properties(graph: Graph, node: URIRef, properties: Mapping[str, object]) -> None:
    """Say what no other vocabulary has a word for, as schema.org's name and value."""
    for name, value in properties.items():
        pair = URIRef(f"{node}{'-' if '#' in node else '#property-'}{quote(name, safe='')}")
        graph.add((node, SCHEMA.additionalProperty, pair))
        graph.add((pair, RDF.type, SCHEMA.PropertyValue))
        graph.add((pair, SCHEMA.name, Literal(name)))
        graph.add((pair, SCHEMA.value, Literal(str(value))))
