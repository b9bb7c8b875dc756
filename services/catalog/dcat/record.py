"""A data set as a record of OGC API - Records, Part 1 (OGC 20-004r1, clause 8, Record Core; GeoJSON)."""

from collections.abc import Mapping
from typing import Any

from services.catalog.domain import file_format
from services.catalog.domain.addresses import Addresses
from services.catalog.domain.dataset import Box, Dataset, Kind
from services.catalog.domain.licence import LICENCES, NOT_SPECIFIED
from services.catalog.domain.live import distributions_of
from services.catalog.domain.theme import SCHEME, THEMES
from services.kernel.clock import to_iso_millis

CORE = "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/record-core"
TYPES: Mapping[Kind, str] = {Kind.FILE: "dataset", Kind.LIVE: "dataset", Kind.SERIES: "series", Kind.SERVICE: "service"}
"""What records call the kinds."""


def record(dataset: Dataset, addresses: Addresses, address: str) -> dict[str, Any]:
    """Return a data set as a GeoJSON record; `address` is that of the record itself."""
    content = dataset.content
    properties: dict[str, Any] = {
        "type": TYPES[dataset.kind],
        "title": dataset.title,
        "description": dataset.description,
        "created": to_iso_millis(dataset.created_at),
        "updated": to_iso_millis(dataset.updated_at),
        "language": {"code": content.languages[0]} if content.languages else None,
        "resourceLanguages": [{"code": each} for each in content.languages],
        "keywords": list(content.keywords),
        "themes": _themes(dataset),
        "formats": [{"name": each} for each in sorted({form.format for form in content.distributions if form.format})],
        "contacts": _contacts(dataset, addresses),
        "license": licence_of(content.licence, addresses),
        "rights": content.licence_text or None,
        "externalIds": [{"value": addresses.dataset(dataset.dataset_id)}],
    }
    return {
        "id": str(dataset.dataset_id),
        "type": "Feature",
        "conformsTo": [CORE],
        "geometry": _geometry(content.box) if content.box else None,
        "time": _time(dataset),
        "properties": {name: value for name, value in properties.items() if value not in (None, [], "")},
        "links": _links(dataset, addresses, address),
    }


def _themes(dataset: Dataset) -> list[dict[str, Any]]:
    concepts = [
        {"id": code, "title": THEMES[code].title_ja, "url": THEMES[code].uri} for code in dataset.content.themes
    ]
    return [{"scheme": SCHEME, "concepts": concepts}] if concepts else []


def _contacts(dataset: Dataset, addresses: Addresses) -> list[dict[str, Any]]:
    publisher = dataset.publisher
    uri = addresses.publisher(publisher)
    found: list[dict[str, Any]] = [{"identifier": uri, "organization": publisher.title, "roles": ["publisher"]}]
    contact = dataset.content.contact
    if contact:
        about: dict[str, Any] = {"name": contact.name, "roles": ["pointOfContact"]}
        if contact.email:
            about["emails"] = [{"value": contact.email}]
        found.append(about)
    return found


def licence_of(identifier: str, addresses: Addresses) -> str:
    """Return how records name a licence: by its address, or `other`."""
    return "other" if identifier == NOT_SPECIFIED else addresses.licence(LICENCES[identifier])


def _geometry(box: Box) -> dict[str, Any]:
    west, south, east, north = box
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def _time(dataset: Dataset) -> dict[str, Any] | None:
    start, end = dataset.content.temporal_start, dataset.content.temporal_end
    return {"interval": [start or "..", end or ".."]} if start or end else None


def _links(dataset: Dataset, addresses: Addresses, address: str) -> list[dict[str, Any]]:
    uri = addresses.dataset(dataset.dataset_id)
    links: list[dict[str, Any]] = [
        {"rel": "self", "type": "application/geo+json", "href": address},
        {"rel": "collection", "type": "application/json", "href": address.rpartition("/items/")[0]},
        {"rel": "alternate", "type": "text/html", "href": uri},
        {"rel": "alternate", "type": "application/ld+json", "href": f"{uri}.jsonld"},
        {"rel": "alternate", "type": "text/turtle", "href": f"{uri}.ttl"},
    ]
    for each in distributions_of(dataset, addresses):
        link = {"rel": "item" if each.interface is None else "service", "href": each.download_url or each.access_url}
        media_type = each.media_type or file_format.recognise(each.format).media_type
        links.append({**link, "title": each.title, **({"type": media_type} if media_type else {})})
    if dataset.content.landing_page:
        links.append({"rel": "about", "type": "text/html", "href": dataset.content.landing_page})
    return links
