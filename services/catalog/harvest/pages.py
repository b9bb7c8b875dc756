"""Reading a source page by page, from where an earlier run ended."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit, urlunsplit
from xml.sax import SAXParseException

import orjson
from rdflib import Graph
from rdflib.exceptions import ParserError
from rdflib.plugins.parsers.notation3 import BadSyntax

from services.catalog.domain.harvest import Page, Protocol, Record, Source
from services.catalog.harvest import ckan_package, data_json, dcat_graph
from services.catalog.harvest.client import SourceClient, SourceFailure
from services.catalog.harvest.wording import plain, web_address

_ROWS = 100
_MOST_PAGES = 20_000
_RDF = "application/ld+json, text/turtle;q=0.9, application/rdf+xml;q=0.8"
_PARSERS = {
    "application/ld+json": "json-ld",
    "application/json": "json-ld",
    "text/turtle": "turtle",
    "application/rdf+xml": "xml",
    "application/xml": "xml",
    "text/xml": "xml",
    "application/n-triples": "nt",
    "text/n3": "n3",
}
_SUFFIXES = {".ttl": "turtle", ".rdf": "xml", ".xml": "xml", ".jsonld": "json-ld", ".nt": "nt", ".n3": "n3"}


async def read_pages(client: SourceClient, source: Source, place: str) -> AsyncIterator[Page]:
    """Yield the pages of a source from a place, its beginning if empty.

    Raises SourceFailure where the source repeats itself: a page that comes again would never end.
    """
    readers = {Protocol.CKAN: _ckan_page, Protocol.DCAT: _dcat_page, Protocol.DATA_JSON: _data_json_page}
    visited: set[str] = set()
    earlier = ""
    for _ in range(_MOST_PAGES):
        visited.add(place)
        page = await readers[source.protocol](client, source, place)
        same = _digest("\n".join(each.remote_id for each in page.records))
        if page.records and same == earlier:
            raise SourceFailure("The source answers with the same page twice")
        yield page
        if page.following is None:
            return
        if page.following in visited:
            raise SourceFailure("The source's pages lead back to one that was read")
        earlier, place = same, page.following
    raise SourceFailure(f"The source has more than {_MOST_PAGES} pages")


async def _ckan_page(client: SourceClient, source: Source, place: str) -> Page:
    start = int(place or 0)
    query = {"rows": _ROWS, "start": start, "sort": "id asc", "facet": "false"}
    if source.query:
        query["fq"] = source.query
    url = f"{source.url.rstrip('/')}/api/3/action/package_search?{urlencode(query)}"
    body = _json((await client.get(url, "application/json"))[0])
    result = body.get("result") if isinstance(body, Mapping) else None
    packages = result.get("results") if isinstance(result, Mapping) else None
    if not isinstance(packages, list):
        raise SourceFailure("The source does not answer as CKAN's package_search")
    records = tuple(_ckan_record(each, source) for each in packages if isinstance(each, Mapping))
    return Page(records, str(start + len(packages)) if packages else None)


def _ckan_record(package: Mapping[str, Any], source: Source) -> Record:
    name = plain(package.get("name"), 100)
    remote_id = plain(package.get("id"), 200) or name
    extras = ckan_package.extras_of(package)
    uri = plain(extras.get("uri") or extras.get("guid"), 2000)
    said = {
        key: value for key, value in package.items() if key not in ("tracking_summary", "num_resources", "num_tags")
    }
    original = web_address(extras.get("original_uri")) or ""
    record = Record(remote_id, _digest_of(said), uri, name, plain(package.get("title"), 500), original=original)
    return ckan_package.read_record(record, package, f"{source.url.rstrip('/')}/dataset/{name}")


async def _dcat_page(client: SourceClient, source: Source, place: str) -> Page:
    url = place or source.url
    body, media_type = await client.get(url, _RDF)
    path = urlsplit(url).path
    form = _PARSERS.get(media_type) or next((each for end, each in _SUFFIXES.items() if path.endswith(end)), None)
    if form is None:
        raise SourceFailure(f"The source answers with {media_type}, which is no RDF")
    graph = await asyncio.to_thread(_parse, body, form, url)
    following = dcat_graph.next_page(graph)
    return Page(await asyncio.to_thread(dcat_graph.records, graph), _beside(url, following) if following else None)


def _beside(url: str, following: str) -> str:
    """Return the next page on the source's own host: behind a proxy, a catalogue calls itself by another name."""
    parts = urlsplit(urljoin(url, following))
    return urljoin(url, urlunsplit(("", "", parts.path, parts.query, "")))


def _parse(body: bytes, form: str, url: str) -> Graph:
    graph = Graph()
    if form == "json-ld":
        dcat_graph.refuse_remote_contexts(_json(body))
    try:
        return graph.parse(data=body, format=form, publicID=url)
    except (BadSyntax, ParserError, SAXParseException, ValueError, KeyError, TypeError, RecursionError) as error:
        raise SourceFailure(f"The source's RDF cannot be read: {type(error).__name__}") from error


async def _data_json_page(client: SourceClient, source: Source, place: str) -> Page:
    body = _json((await client.get(source.url, "application/json"))[0])
    entries = body.get("dataset") if isinstance(body, Mapping) else body
    if not isinstance(entries, list):
        raise SourceFailure("The source does not answer as data.json")
    found = [each for each in entries if isinstance(each, Mapping)]
    return Page(tuple(data_json.read_record(each, _digest_of(each)) for each in found), None)


def _json(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise SourceFailure("The source's JSON cannot be read") from error


def _digest_of(said: Mapping[str, Any]) -> str:
    return _digest(orjson.dumps(said, option=orjson.OPT_SORT_KEYS).decode())


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
