"""Data sets, publishers and licences as CKAN's clients expect them."""

import json
from datetime import UTC, datetime
from typing import Any

from services.catalog.ckan.identifiers import named
from services.catalog.domain import frequency
from services.catalog.domain.addresses import Addresses
from services.catalog.domain.data_class import DataClass
from services.catalog.domain.dataset import Access, Box, Dataset, Publisher, State, preferred
from services.catalog.domain.distribution import Distribution
from services.catalog.domain.licence import LICENCES, Licence
from services.catalog.domain.live import distributions_of
from services.catalog.domain.tag import tag_name
from services.catalog.domain.theme import THEMES, Theme
from services.catalog.domain.unit import WHOLE
from services.catalog.harvest.ckan_package import LISTS

STATES = {State.DRAFT: "draft", State.REVIEW: "draft", State.WITHDRAWN: "deleted"}
"""CKAN's word for a state; all others are active."""
_PLAIN_EXTRAS = (
    *("issued", "modified", "temporal_start", "temporal_end", "source_system", "series"),
    *("endpoint_url", "endpoint_description"),
)
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
        "state": STATES.get(dataset.state, "active"),
        "private": dataset.access is Access.RESTRICTED or dataset.state is State.PRIVATE,
        "url": content.landing_page or addresses.dataset(dataset.dataset_id),
        "version": content.version_label,
        "author": content.creator.name if content.creator else dataset.publisher.title,
        "author_email": content.creator.email if content.creator else "",
        "maintainer": contact.name if contact else "",
        "maintainer_email": contact.email if contact else "",
        "license_id": licence.identifier,
        "license_title": licence.title,
        "license_url": licence.url,
        "isopen": licence.is_open,
        "owner_org": named("organization", dataset.publisher.slug),
        "organization": organization(dataset.publisher, addresses),
        "metadata_created": naive(dataset.created_at),
        "metadata_modified": naive(dataset.updated_at),
        "creator_user_id": None,
        "groups": [group(THEMES[code]) for code in content.themes],
        "tags": [tag(keyword) for keyword in content.keywords],
        "num_tags": len(content.keywords),
        "extras": _extras(dataset, addresses, cadde_provider),
        "resources": [resource(dataset, each, place, addresses) for place, each in enumerate(forms)],
        "num_resources": len(forms),
        "relationships_as_subject": [],
        "relationships_as_object": [],
    }


def organization(publisher: Publisher, addresses: Addresses) -> dict[str, Any]:
    """Return a tenant as a CKAN organization."""
    emblem = addresses.emblem(publisher)
    return {
        "id": named("organization", publisher.slug),
        "name": publisher.slug,
        "title": publisher.title,
        "display_name": publisher.title,
        "type": "organization",
        "description": preferred(publisher.appearance.descriptions) or publisher.title_en,
        "image_url": emblem,
        "image_display_url": emblem,
        "is_organization": True,
        "approval_status": "approved",
        "state": "active",
    }


def tag(keyword: str) -> dict[str, Any]:
    """Return a keyword as a CKAN tag: its name in CKAN's alphabet, its display name as written."""
    name = tag_name(keyword)
    return {"id": named("tag", name), "name": name, "display_name": keyword, "vocabulary_id": None, "state": "active"}


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


def group(theme: Theme) -> dict[str, Any]:
    """Return a theme as a CKAN group."""
    return {
        "id": named("group", theme.code.lower()),
        "name": theme.code.lower(),
        "title": theme.title_ja,
        "display_name": theme.title_ja,
        "description": theme.title,
        "image_display_url": "",
    }


def _extras(dataset: Dataset, addresses: Addresses, cadde_provider: str) -> list[dict[str, str]]:
    content, live = dataset.content, dataset.live
    values: dict[str, str | None] = {
        **content.extras,
        "uri": addresses.dataset(dataset.dataset_id),
        "identifier": str(dataset.dataset_id),
        "original_uri": dataset.original,
        "kind": dataset.kind,
        "theme": _json([THEMES[code].uri for code in content.themes]),
        "language": _json(content.languages),
        "frequency": frequency.uri(content.frequency) if content.frequency else None,
        "spatial_code": content.spatial,
        "spatial": _polygon(content.box) if content.box else None,
        "license_text": content.licence_text,
        "contact_uri": content.contact.url if content.contact else None,
        "creator_uri": content.creator.url if content.creator else None,
        "publisher_name": dataset.publisher.title,
        "publisher_identifier": dataset.publisher.code,
        "entity_count": str(live.entity_count) if live else None,
        "unit": dataset.unit if dataset.unit != WHOLE else None,
        "version_number": str(dataset.version) if dataset.version else None,
        "max_age_s": str(content.max_age_s) if content.max_age_s else None,
        "data_class": content.data_class if content.data_class != DataClass.NONE else None,
        "policy": _json(content.policy),
        "provenance": _json(content.provenance),
        "serves": _json(content.serves),
        **{name: _json(getattr(content, member)) for name, member in LISTS.items()},
        **{name: getattr(content, name) for name in _PLAIN_EXTRAS},
    }
    if cadde_provider:
        values |= dict(zip(_CADDE_EXTRAS, (cadde_provider, str(dataset.dataset_id)), strict=True))
    return [{"key": key, "value": value} for key, value in values.items() if value]


def _translations(each: Distribution) -> dict[str, Any]:
    """Return the texts by language of what the catalogue writes itself, as ckanext-fluent names them."""
    texts = {"name_translated": each.titles, "description_translated": each.descriptions}
    return {name: dict(value) for name, value in texts.items() if value}


def _json(value: object) -> str | None:
    return json.dumps(value, ensure_ascii=False) if value else None


def _polygon(box: Box) -> str:
    west, south, east, north = box
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return json.dumps({"type": "Polygon", "coordinates": [ring]})


def resource(dataset: Dataset, each: Distribution, position: int, addresses: Addresses) -> dict[str, Any]:
    """Return a distribution as a CKAN resource; an uploaded file's `url` is where it is downloaded."""
    is_file = addresses.is_file(each)
    return {
        "id": str(each.distribution_id),
        "package_id": str(dataset.dataset_id),
        "name": each.title or each.format,
        "description": each.description,
        **_translations(each),
        "format": each.format,
        "mimetype": each.media_type or None,
        "mimetype_inner": None,
        "url": each.download_url or each.access_url,
        "url_type": "upload" if is_file else None,
        "access_url": each.access_url,
        "download_url": each.download_url or each.access_url,
        "position": position,
        "state": "active",
        "hash": each.checksum,
        "size": each.byte_size,
        "created": naive(dataset.created_at),
        "issued": each.issued,
        "last_modified": each.modified and each.modified.removesuffix("+00:00"),
        "metadata_modified": naive(dataset.updated_at),
        "resource_type": "api" if each.interface else None,
        "license_id": each.licence or dataset.content.licence,
        "conforms_to": list(each.conforms_to),
        "availability": each.availability or None,
        "datastore_active": is_file or each.interface is not None,
        **each.fields,
    }
