"""Data sets, publishers and licences as CKAN's clients expect them."""

import json
from datetime import UTC, datetime
from typing import Any

from services.catalog.domain import frequency
from services.catalog.domain.addresses import Addresses
from services.catalog.domain.dataset import Access, Dataset, Publisher
from services.catalog.domain.distribution import Distribution
from services.catalog.domain.licence import LICENCES, Licence
from services.catalog.domain.live import distributions_of
from services.catalog.domain.tag import tag_name
from services.catalog.domain.theme import THEMES

_CADDE_EXTRAS = ("caddec_provider_id", "caddec_dataset_id_for_detail")


def naive(instant: datetime) -> str:
    """Write an instant as CKAN does: UTC with microseconds and without a zone."""
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")


def package(dataset: Dataset, addresses: Addresses, cadde_provider: str = "") -> dict[str, Any]:
    """Return a data set as a CKAN package. `cadde_provider` is the provider id at CADDE, if there is one."""
    content, licence = dataset.content, LICENCES[dataset.content.licence]
    forms = distributions_of(dataset, addresses)
    contact = content.contact
    return {
        "id": str(dataset.dataset_id),
        "name": dataset.name,
        "title": dataset.title,
        "title_translated": dict(content.titles),
        "notes": dataset.description,
        "notes_translated": dict(content.descriptions),
        "type": "dataset",
        "state": "active",
        "private": dataset.access is Access.RESTRICTED,
        "url": content.landing_page or addresses.dataset(dataset.dataset_id),
        "version": "",
        "author": dataset.publisher.title,
        "author_email": "",
        "maintainer": contact.name if contact else "",
        "maintainer_email": contact.email if contact else "",
        "license_id": licence.identifier,
        "license_title": licence.title,
        "license_url": licence.url,
        "isopen": licence.is_open,
        "owner_org": dataset.publisher.slug,
        "organization": organization(dataset.publisher),
        "metadata_created": naive(dataset.created_at),
        "metadata_modified": naive(dataset.updated_at),
        "creator_user_id": None,
        "groups": [],
        "tags": [tag(keyword) for keyword in content.keywords],
        "num_tags": len(content.keywords),
        "extras": _extras(dataset, addresses, cadde_provider),
        "resources": [_resource(dataset, each, place) for place, each in enumerate(forms)],
        "num_resources": len(forms),
        "relationships_as_subject": [],
        "relationships_as_object": [],
    }


def organization(publisher: Publisher) -> dict[str, Any]:
    """Return a tenant as a CKAN organization."""
    return {
        "id": publisher.slug,
        "name": publisher.slug,
        "title": publisher.title,
        "display_name": publisher.title,
        "type": "organization",
        "description": publisher.title_en,
        "image_url": "",
        "is_organization": True,
        "approval_status": "approved",
        "state": "active",
    }


def tag(keyword: str) -> dict[str, Any]:
    """Return a keyword as a CKAN tag: its name in CKAN's alphabet, its display name as written."""
    name = tag_name(keyword)
    return {"id": name, "name": name, "display_name": keyword, "vocabulary_id": None, "state": "active"}


def license_(licence: Licence) -> dict[str, Any]:
    """Return a licence as CKAN lists it."""
    return {
        "id": licence.identifier,
        "title": licence.title,
        "title_ja": licence.title_ja,
        "url": licence.url,
        "status": "active",
        "family": "",
        "maintainer": "",
        "domain_content": False,
        "domain_data": True,
        "domain_software": False,
        "is_generic": not licence.url,
        "od_conformance": "approved" if licence.is_open else "not reviewed",
        "osd_conformance": "not reviewed",
    }


def _extras(dataset: Dataset, addresses: Addresses, cadde_provider: str) -> list[dict[str, str]]:
    content, live = dataset.content, dataset.live
    values: dict[str, str | None] = {
        **content.extras,
        "uri": addresses.dataset(dataset.dataset_id),
        "identifier": str(dataset.dataset_id),
        "kind": dataset.kind,
        "theme": json.dumps([THEMES[code].uri for code in content.themes]) if content.themes else None,
        "language": json.dumps(list(content.languages)) if content.languages else None,
        "frequency": frequency.uri(content.frequency) if content.frequency else None,
        "issued": content.issued,
        "modified": content.modified,
        "spatial_code": content.spatial,
        "license_text": content.licence_text,
        "contact_uri": content.contact.url if content.contact else None,
        "publisher_name": dataset.publisher.title,
        "publisher_identifier": dataset.publisher.code,
        "entity_count": str(live.entity_count) if live else None,
    }
    if cadde_provider:
        values |= dict(zip(_CADDE_EXTRAS, (cadde_provider, str(dataset.dataset_id)), strict=True))
    return [{"key": key, "value": value} for key, value in values.items() if value]


def _resource(dataset: Dataset, each: Distribution, position: int) -> dict[str, Any]:
    url = each.download_url or each.access_url
    return {
        "id": str(each.distribution_id),
        "package_id": str(dataset.dataset_id),
        "name": each.title or each.format,
        "description": each.description,
        "format": each.format,
        "mimetype": each.media_type or None,
        "mimetype_inner": None,
        "url": url,
        "url_type": None,
        "access_url": each.access_url,
        "download_url": url,
        "position": position,
        "state": "active",
        "hash": "",
        "size": None,
        "created": naive(dataset.created_at),
        "last_modified": None,
        "metadata_modified": naive(dataset.updated_at),
        "resource_type": "api" if each.interface else None,
        "license_id": dataset.content.licence,
        **each.fields,
    }
