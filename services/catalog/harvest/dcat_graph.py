"""DCAT in RDF as content (DCAT-AP 3): what other catalogues' pages say of their data sets."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from rdflib import BNode, Graph, Literal, Namespace, URIRef
from rdflib.term import Node

from services.catalog.dcat.vocabulary import (
    ADMS,
    DCAT,
    DCATAP,
    DCTERMS,
    FOAF,
    HYDRA,
    PROV,
    RDF,
    RDFS,
    SCHEMA,
    SKOS,
    SPDX,
    VCARD,
)
from services.catalog.domain import file_format, licence
from services.catalog.domain.dataset import Agent, Box, Contact, Content, Kind
from services.catalog.domain.distribution import Distribution
from services.catalog.domain.harvest import Record
from services.catalog.domain.local_government import is_code
from services.catalog.harvest import wording
from services.catalog.harvest.client import SourceFailure
from services.catalog.harvest.wording import moment, plain, web_address, web_addresses

_LOCN = Namespace("http://www.w3.org/ns/locn#")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_DEEPEST = 6
_CLASSES = (
    (DCAT.DatasetSeries, Kind.SERIES),
    (DCAT.Dataset, Kind.FILE),
)


def refuse_remote_contexts(document: Any) -> None:
    """Refuse JSON-LD whose `@context` would have to be fetched. Raises SourceFailure."""
    waiting = [document]
    while waiting:
        here = waiting.pop()
        if isinstance(here, list):
            waiting += here
        elif isinstance(here, dict):
            context = here.get("@context")
            parts = context if isinstance(context, list) else [context]
            if any(isinstance(each, str) for each in parts) or any(
                isinstance(each, dict) and "@import" in each for each in parts
            ):
                raise SourceFailure("The source's JSON-LD names a context on the web, which is not fetched")
            waiting += [each for each in here.values() if isinstance(each, dict | list)]


def next_page(graph: Graph) -> str | None:
    """Return the address of the next page (Hydra, and the draft words of CKAN), None on the last one."""
    for predicate in (HYDRA.next, HYDRA.nextPage):
        for _, found in graph.subject_objects(predicate):
            return str(found)
    return None


def records(graph: Graph) -> tuple[Record, ...]:
    """Return the data sets and series of a page; of one that is told apart by nothing, why it is not read."""
    found: dict[Node, Kind] = {}
    for kind_of, kind in _CLASSES:
        for node in graph.subjects(RDF.type, kind_of):
            found.setdefault(node, kind)
    members = set(graph.objects(None, DCAT.dataset))
    nodes = [node for node in found if not members or node in members]
    return tuple(_record(graph, node, found[node]) for node in sorted(nodes, key=str))


def _record(graph: Graph, node: Node, kind: Kind) -> Record:
    uri = str(node) if isinstance(node, URIRef) else ""
    titles = _texts(graph, node, DCTERMS.title)
    remote_id = uri or _text(graph, node, DCTERMS.identifier)
    name = _text(graph, node, SCHEMA.alternateName) or uri.rstrip("/#").rpartition("/")[2]
    title = next(iter(titles.values()), "")
    record = Record(remote_id or f"title:{title}", _fingerprint(graph, node), uri, plain(name, 100), title, kind)
    if not remote_id or not titles:
        return replace(record, name="", kind=Kind.FILE, error="address or title lacks")
    content = _content(graph, node, titles)
    return replace(record, content=content, original=_original(graph, node))


def _original(graph: Graph, node: Node) -> str:
    """Return the address that is the first of a thing's further identifiers (DCAT-AP 3, other identifier)."""
    written = sorted(_text(graph, each, SKOS.notation) for each in graph.objects(node, ADMS.identifier))
    return next(filter(None, map(web_address, written)), "")


def _content(graph: Graph, node: Node, titles: dict[str, str]) -> Content:
    terms, stated = _licence(graph, node)
    forms = [_form(graph, each, terms) for each in _sorted(graph.objects(node, DCAT.distribution))]
    shared = {each.licence for each in forms if each is not None}
    if terms == licence.NOT_SPECIFIED and len(shared) == 1 and "" not in shared:
        terms = shared.pop()
    period = graph.value(node, DCTERMS.temporal)
    return Content(
        titles=titles,
        descriptions=_texts(graph, node, DCTERMS.description) or titles,
        licence=terms,
        licence_text=stated,
        themes=wording.themes(str(each) for each in graph.objects(node, DCAT.theme)),
        keywords=tuple(sorted({plain(str(each), 100) for each in graph.objects(node, DCAT.keyword)} - {""}))[:100],
        languages=wording.languages(_sorted(graph.objects(node, DCTERMS.language))) or ("ja",),
        spatial=_code(graph, node),
        box=_box(graph, node),
        frequency=wording.how_often(str(graph.value(node, DCTERMS.accrualPeriodicity) or "")),
        issued=moment(_text(graph, node, DCTERMS.issued)),
        modified=moment(_text(graph, node, DCTERMS.modified)),
        temporal_start=moment(_text(graph, period, DCAT.startDate)) if period else None,
        temporal_end=moment(_text(graph, period, DCAT.endDate)) if period else None,
        contact=_contact(graph, graph.value(node, DCAT.contactPoint)),
        creator=_agent(graph, graph.value(node, DCTERMS.creator) or graph.value(node, DCTERMS.publisher)),
        landing_page=web_address(_text(graph, node, DCAT.landingPage)) or web_address(str(node)),
        provenance=_texts(graph, graph.value(node, DCTERMS.provenance), RDFS.label),
        version_label=plain(_text(graph, node, DCAT.version), 200),
        conforms_to=web_addresses([str(each) for each in _sorted(graph.objects(node, DCTERMS.conformsTo))]),
        documentation=web_addresses([str(each) for each in _sorted(graph.objects(node, FOAF.page))]),
        sources=web_addresses([str(each) for each in _sorted(graph.objects(node, PROV.wasDerivedFrom))]),
        extras=_extras(graph, node),
        distributions=tuple(each for each in forms if each is not None)[:200],
    )


def _form(graph: Graph, node: Node, terms: str) -> Distribution | None:
    access = web_address(_text(graph, node, DCAT.accessURL))
    download = web_address(_text(graph, node, DCAT.downloadURL))
    if not (access or download):
        return None
    named = _last(graph.value(node, DCTERMS["format"])) or _text(
        graph, graph.value(node, DCTERMS["format"]), RDFS.label
    )
    media = _last(graph.value(node, DCAT.mediaType), "/media-types/")
    known = file_format.recognise(named.replace("_", "-")) if named else file_format.of_media_type(media)
    own, _ = _licence(graph, node)
    digest = _text(graph, graph.value(node, SPDX.checksum), SPDX.checksumValue)
    return Distribution(
        access_url=access or download or "",
        title=plain(_preferred(_texts(graph, node, DCTERMS.title)), 200),
        description=plain(_preferred(_texts(graph, node, DCTERMS.description))),
        format=known.name,
        media_type=media if "/" in media else known.media_type,
        download_url=download if access and download and download != access else "",
        licence="" if own in (terms, licence.NOT_SPECIFIED) else own,
        byte_size=wording.whole_number(_text(graph, node, DCAT.byteSize)),
        checksum=digest.lower() if len(digest) == 64 else "",
        issued=moment(_text(graph, node, DCTERMS.issued)),
        modified=moment(_text(graph, node, DCTERMS.modified)),
        conforms_to=web_addresses([str(each) for each in _sorted(graph.objects(node, DCTERMS.conformsTo))]),
        availability=_last(graph.value(node, DCATAP.availability)),
    )


def _licence(graph: Graph, node: Node) -> tuple[str, str]:
    """Return a licence and its wording, of the address, the identifier or the label that is given."""
    stated = _text(graph, graph.value(node, DCTERMS.rights), RDFS.label)[:200]
    document = graph.value(node, DCTERMS.license)
    if document is None:
        return licence.NOT_SPECIFIED, stated
    written = [_text(graph, document, DCTERMS.identifier), str(document), _text(graph, document, DCTERMS.title)]
    found = [licence.recognise(each) for each in written if each]
    known = next((each for each in found if each not in (licence.OTHER, licence.NOT_SPECIFIED)), licence.OTHER)
    return known, stated or (str(document)[:200] if known == licence.OTHER else "")


def _code(graph: Graph, node: Node) -> str | None:
    codes = (_text(graph, place, DCTERMS.identifier) for place in _sorted(graph.objects(node, DCTERMS.spatial)))
    return next((code for code in codes if is_code(code)), None)


def _box(graph: Graph, node: Node) -> Box | None:
    for place in _sorted(graph.objects(node, DCTERMS.spatial)):
        for predicate in (DCAT.bbox, _LOCN.geometry, DCAT.centroid):
            written = _text(graph, place, predicate)
            found = wording.bounds(written) if written.startswith("{") else _corners(written)
            if found is not None:
                return found
    return None


def _corners(wkt: str) -> Box | None:
    numbers = [float(each) for each in _NUMBER.findall(wkt.rpartition(">")[2])]
    if not numbers or len(numbers) % 2:
        return None
    xs, ys = numbers[::2], numbers[1::2]
    return wording.box(min(xs), min(ys), max(xs), max(ys))


def _contact(graph: Graph, card: Node | None) -> Contact | None:
    name = plain(_text(graph, card, VCARD.fn) or _text(graph, card, VCARD["organization-name"]), 200)
    email = _text(graph, card, VCARD.hasEmail).removeprefix("mailto:")[:254]
    url = web_address(_text(graph, card, VCARD.hasURL)) or ""
    return Contact(name or email or url, email, url) if name or email or url else None


def _agent(graph: Graph, agent: Node | None) -> Agent | None:
    if agent is None:
        return None
    name = plain(_preferred(_texts(graph, agent, FOAF.name)) or str(agent), 200)
    return Agent(
        name,
        _text(graph, agent, FOAF.mbox).removeprefix("mailto:"),
        web_address(_text(graph, agent, FOAF.homepage)) or "",
    )


def _extras(graph: Graph, node: Node) -> dict[str, str]:
    pairs = graph.objects(node, SCHEMA.additionalProperty)
    found = {_text(graph, each, SCHEMA.name): plain(_text(graph, each, SCHEMA.value), 2000) for each in pairs}
    ours = {"kind", "policy", "dataClass", "entityType", "typeName", ""}
    return {name[:200]: value for name, value in sorted(found.items()) if name not in ours and value}


def _texts(graph: Graph, node: Node | None, predicate: URIRef) -> dict[str, str]:
    if node is None:
        return {}
    found: dict[str, str] = {}
    for each in _sorted(graph.objects(node, predicate)):
        if isinstance(each, Literal):
            language = each.language or next(iter(wording.texts(str(each))), "ja")
            found.setdefault(language.lower(), plain(str(each)))
    return {tag: text for tag, text in found.items() if text}


def _preferred(texts: dict[str, str]) -> str:
    return texts.get("ja") or next(iter(texts.values()), "")


def _text(graph: Graph, node: Node | None, predicate: URIRef) -> str:
    value = graph.value(node, predicate) if node is not None else None
    return "" if value is None else str(value).replace("\x00", "")


def _last(node: Node | None, after: str = "/") -> str:
    return "" if node is None or isinstance(node, BNode) else str(node).rpartition(after)[2]


def _sorted(nodes: Iterable[Node]) -> list[Node]:
    return sorted(nodes, key=lambda each: (str(each), getattr(each, "language", None) or ""))


def _fingerprint(graph: Graph, node: Node) -> str:
    """Return a digest of all that is said of a node and of what it leads to, in whatever order it is written."""
    lines = sorted(_said(graph, node, frozenset(), 0))
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _said(graph: Graph, node: Node, path: frozenset[Node], depth: int) -> Iterable[str]:
    if node in path or depth > _DEEPEST or isinstance(node, Literal):
        return
    within = path | {node}
    for predicate, value in graph.predicate_objects(node):
        if predicate in (DCAT.servesDataset, DCAT.inSeries):
            continue
        inner = "|".join(sorted(_said(graph, value, within, depth + 1)))
        shown = inner if isinstance(value, BNode) else f"{value.n3()} {inner}"
        yield f"{predicate} {shown}"
