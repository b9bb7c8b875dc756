"""RDF as text, and which form a client wants."""

from dataclasses import dataclass

from rdflib import Graph

from services.catalog.dcat.vocabulary import PREFIXES


@dataclass(frozen=True, slots=True)
class RdfFormat:
    """A form of RDF: the ending of its addresses, its media type, its serialiser."""

    suffix: str
    media_type: str
    serialiser: str


JSON_LD = RdfFormat("jsonld", "application/ld+json", "json-ld")
TURTLE = RdfFormat("ttl", "text/turtle", "turtle")
RDF_XML = RdfFormat("rdf", "application/rdf+xml", "xml")
N_TRIPLES = RdfFormat("nt", "application/n-triples", "nt")
FORMATS = (JSON_LD, TURTLE, RDF_XML, N_TRIPLES)
BY_SUFFIX = {**{each.suffix: each for each in FORMATS}, "xml": RDF_XML, "n3": TURTLE}
_ALSO = {
    "application/json": JSON_LD,
    "application/x-turtle": TURTLE,
    "text/n3": TURTLE,
    "*/*": JSON_LD,
    "application/*": JSON_LD,
}
_ALSO["text/*"] = TURTLE


def serialise(graph: Graph, form: RdfFormat) -> bytes:
    """Write a graph in UTF-8."""
    if form is JSON_LD:
        return graph.serialize(format=form.serialiser, context=dict(PREFIXES), indent=1, encoding="utf-8")
    return graph.serialize(format=form.serialiser, encoding="utf-8")


def negotiate(accept: str) -> RdfFormat | None:
    """Return the form that an `Accept` header prefers (RFC 9110, 12.5.1), JSON-LD without one; None if none fits."""
    known = {each.media_type: each for each in FORMATS} | _ALSO
    wanted = sorted(_preferences(accept or "*/*"), key=lambda each: -each[1])
    return next((known[media] for media, quality in wanted if media in known and quality > 0), None)


def _preferences(accept: str) -> list[tuple[str, float]]:
    found = []
    for part in accept.split(","):
        media, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = next((piece[2:] for piece in parameters if piece.startswith("q=")), "1")
        try:
            found.append((media, float(quality)))
        except ValueError:
            found.append((media, 0.0))
    return found
