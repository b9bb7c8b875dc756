"""A data set in schema.org's words, as search engines for data read them (schema.org/Dataset)."""

from typing import Any

from services.catalog.domain.addresses import Addresses
from services.catalog.domain.dataset import Dataset, Publisher, preferred
from services.catalog.domain.distribution import Distribution
from services.catalog.domain.licence import LICENCES, NOT_SPECIFIED
from services.catalog.domain.live import distributions_of
from services.catalog.domain.theme import THEMES


def schema_org(dataset: Dataset, addresses: Addresses) -> dict[str, Any]:
    """Return a data set as JSON-LD for a page about it."""
    content, uri = dataset.content, addresses.dataset(dataset.dataset_id)
    said: dict[str, Any] = {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "@id": uri,
        "identifier": str(dataset.dataset_id),
        "name": dataset.title,
        "alternateName": [each for each in content.titles.values() if each != dataset.title],
        "description": preferred(content.descriptions),
        "url": content.landing_page or uri,
        "keywords": list(content.keywords),
        "about": [
            {"@type": "DefinedTerm", "name": THEMES[code].title_ja, "url": THEMES[code].uri} for code in content.themes
        ],
        "inLanguage": list(content.languages),
        "license": _licence(content.licence, addresses),
        "creator": {"@type": "Organization", "name": content.creator.name} if content.creator else None,
        "publisher": _publisher(dataset.publisher, addresses),
        "datePublished": content.issued,
        "dateModified": content.modified,
        "version": content.version_label or None,
        "isAccessibleForFree": True if LICENCES[content.licence].is_open else None,
        "temporalCoverage": _period(dataset),
        "spatialCoverage": _place(dataset),
        "isBasedOn": list(content.sources),
        "variableMeasured": list(dataset.live.attributes) if dataset.live else None,
        "includedInDataCatalog": {"@type": "DataCatalog", "url": addresses.catalogue},
        "distribution": [_form(each) for each in distributions_of(dataset, addresses)],
    }
    return {name: value for name, value in said.items() if value not in (None, "", [])}


def _licence(identifier: str, addresses: Addresses) -> str | None:
    return None if identifier == NOT_SPECIFIED else addresses.licence(LICENCES[identifier])


def _publisher(publisher: Publisher, addresses: Addresses) -> dict[str, Any]:
    names = [publisher.title, publisher.title_en] if publisher.title_en else publisher.title
    return {"@type": "GovernmentOrganization", "@id": addresses.publisher(publisher), "name": names}


def _period(dataset: Dataset) -> str | None:
    start, end = dataset.content.temporal_start, dataset.content.temporal_end
    return f"{start or '..'}/{end or '..'}" if start or end else None


def _place(dataset: Dataset) -> dict[str, Any] | None:
    content = dataset.content
    place: dict[str, Any] = {"@type": "Place"}
    if content.box:
        west, south, east, north = content.box
        place["geo"] = {"@type": "GeoShape", "box": f"{south} {west} {north} {east}"}
    if content.spatial:
        code = {"@type": "PropertyValue", "propertyID": "全国地方公共団体コード", "value": content.spatial}
        place["identifier"] = code
        if content.spatial == dataset.publisher.code:
            place["name"] = dataset.publisher.title
    return place if len(place) > 1 else None


def _form(each: Distribution) -> dict[str, Any]:
    said = {
        "@type": "DataDownload",
        "name": each.title,
        "description": each.description,
        "contentUrl": each.download_url or each.access_url,
        "encodingFormat": each.media_type or each.format,
        "contentSize": f"{each.byte_size} B" if each.byte_size is not None else None,
        "sha256": each.checksum,
        "dateModified": each.modified,
    }
    return {name: value for name, value in said.items() if value}
