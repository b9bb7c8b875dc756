"""The catalogue as `data.json` (DCAT-US schema 1.1), which United States' and other harvesters read."""

from typing import Any

from services.catalog.domain.addresses import Addresses
from services.catalog.domain.dataset import Access, Dataset
from services.catalog.domain.distribution import Distribution
from services.catalog.domain.licence import LICENCES, NOT_SPECIFIED
from services.catalog.domain.live import distributions_of
from services.catalog.domain.theme import THEMES

HEAD = {
    "@context": "https://project-open-data.cio.gov/v1.1/schema/catalog.jsonld",
    "@type": "dcat:Catalog",
    "conformsTo": "https://project-open-data.cio.gov/v1.1/schema",
    "describedBy": "https://project-open-data.cio.gov/v1.1/schema/catalog.json",
}
_LEVELS = {Access.PUBLIC: "public", Access.RESTRICTED: "restricted public"}
_PERIODS = {
    "DAILY": "R/P1D",
    "WEEKLY": "R/P1W",
    "BIWEEKLY": "R/P2W",
    "MONTHLY": "R/P1M",
    "BIMONTHLY": "R/P2M",
    "QUARTERLY": "R/P3M",
    "ANNUAL_2": "R/P6M",
    "ANNUAL": "R/P1Y",
    "HOURLY": "R/PT1H",
    "UPDATE_CONT": "R/PT1S",
    "IRREG": "irregular",
}


def entry(dataset: Dataset, addresses: Addresses) -> dict[str, Any]:
    """Return a data set as an entry of the list."""
    content, uri = dataset.content, addresses.dataset(dataset.dataset_id)
    contact = content.contact
    said: dict[str, Any] = {
        "@type": "dcat:Dataset",
        "identifier": uri,
        "originalIdentifier": dataset.original,
        "title": dataset.title,
        "description": dataset.description,
        "keyword": list(content.keywords) or [dataset.publisher.title],
        "modified": content.modified or dataset.updated_at.date().isoformat(),
        "issued": content.issued,
        "publisher": {"@type": "org:Organization", "name": dataset.publisher.title},
        "contactPoint": {
            "@type": "vcard:Contact",
            "fn": contact.name if contact else dataset.publisher.title,
            "hasEmail": f"mailto:{contact.email}" if contact and contact.email else None,
        },
        "accessLevel": _LEVELS[dataset.access],
        "license": None if content.licence == NOT_SPECIFIED else addresses.licence(LICENCES[content.licence]),
        "rights": content.licence_text,
        "theme": [THEMES[code].uri for code in content.themes],
        "language": list(content.languages),
        "accrualPeriodicity": _PERIODS.get(content.frequency or ""),
        "temporal": _period(dataset),
        "spatial": ",".join(f"{each!r}" for each in content.box) if content.box else content.spatial,
        "landingPage": content.landing_page,
        "references": list(content.documentation),
        "isPartOf": content.series,
        "distribution": [_form(each) for each in distributions_of(dataset, addresses)],
    }
    said["contactPoint"] = {name: value for name, value in said["contactPoint"].items() if value}
    return {name: value for name, value in said.items() if value not in (None, "", [])}


def _period(dataset: Dataset) -> str | None:
    start, end = dataset.content.temporal_start, dataset.content.temporal_end
    return f"{start}/{end}" if start and end else None


def _form(each: Distribution) -> dict[str, Any]:
    said = {
        "@type": "dcat:Distribution",
        "title": each.title,
        "description": each.description,
        "format": each.format,
        "mediaType": each.media_type,
    }
    address = {"downloadURL": each.download_url, "accessURL": each.access_url}
    return {name: value for name, value in (said | address).items() if value}
