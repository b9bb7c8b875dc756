"""CKAN packages as content: what clients send to the action API, and what harvests bring."""

import dataclasses
import re
import uuid
from collections.abc import Mapping
from typing import Any

from services.catalog.domain import file_format, licence
from services.catalog.domain.data_class import DataClass
from services.catalog.domain.dataset import Agent, Contact, Content, preferred
from services.catalog.domain.distribution import Distribution
from services.catalog.domain.harvest import Record
from services.catalog.domain.local_government import is_code
from services.catalog.harvest import wording
from services.catalog.harvest.wording import moment, plain, texts, web_address

Package = Mapping[str, Any]
LISTS = {"conforms_to": "conforms_to", "documentation": "documentation", "sources": "sources"}
"""Extras that hold addresses as a JSON list, with the member they are."""
DERIVED = frozenset(
    {
        *(
            "uri",
            "original_uri",
            "identifier",
            "kind",
            "unit",
            "publisher_name",
            "publisher_identifier",
            "entity_count",
        ),
        *("caddec_provider_id", "caddec_dataset_id_for_detail", "version_number", "due_at", "access_rights"),
    }
)
"""Extras that the catalogue writes of itself, and so does not read."""
_MEMBERS = frozenset(
    {
        *("theme", "language", "frequency", "issued", "modified", "spatial_code", "spatial", "license_text"),
        *("contact_name", "contact_email", "contact_uri", "creator_uri", "temporal_start", "temporal_end"),
        *("data_class", "provenance", "policy", "source_system", "max_age_s", "serves", "series"),
        *("endpoint_url", "endpoint_description", *LISTS),
    }
)
_RESOURCE_MEMBERS = frozenset(
    {
        *("id", "package_id", "name", "description", "format", "mimetype", "mimetype_inner", "url", "url_type"),
        *("access_url", "download_url", "position", "state", "hash", "size", "created", "last_modified"),
        *("metadata_modified", "resource_type", "license_id", "license", "conforms_to", "availability"),
        *("revision_id", "cache_url", "cache_last_updated", "webstore_url", "webstore_last_updated", "upload"),
        *("clear_upload", "name_translated", "description_translated"),
        *("datastore_active", "tracking_summary", "package_name", "issued", "modified"),
    }
)
_SHA256 = re.compile(r"(?:sha256:)?([0-9a-fA-F]{64})\Z")
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}\Z")


def content_of(package: Package) -> Content:
    """Return what a package says. A title that lacks is its name, notes that lack are the title."""
    extras = extras_of(package)
    terms = _licence(package, extras)
    titles = _translated(package, "title", 500) or texts(package.get("name"), 500)
    notes = _translated(package, "notes", wording.LONGEST_TEXT)
    return Content(
        titles=titles,
        descriptions=notes or titles,
        **terms,
        themes=wording.themes([*_names(package.get("groups")), *wording.items(extras.get("theme"))]),
        keywords=_keywords(package),
        languages=wording.languages(wording.items(extras.get("language"))) or ("ja",),
        spatial=_code(extras.get("spatial_code")),
        box=wording.bounds(extras.get("spatial")),
        frequency=wording.how_often(extras.get("frequency")),
        max_age_s=wording.whole_number(extras.get("max_age_s")) or None,
        issued=moment(extras.get("issued")),
        modified=moment(extras.get("modified")),
        temporal_start=moment(extras.get("temporal_start")),
        temporal_end=moment(extras.get("temporal_end")),
        contact=_contact(package, extras),
        creator=_creator(package, extras),
        landing_page=web_address(package.get("url")),
        version_label=plain(package.get("version"), 200),
        **_others(extras),
        extras=_rest(extras),
        distributions=tuple(
            distribution_of(each, terms["licence"]) for each in _objects(package.get("resources")) if _address(each)
        ),
    )


def _translated(package: Package, name: str, longest: int) -> dict[str, str]:
    """Return a text by language; the untranslated one is what people see, so where it differs it is the newer."""
    found, seen = texts(package.get(f"{name}_translated"), longest), plain(package.get(name), longest)
    if not found or not seen or seen == preferred(found):
        return found or texts(seen, longest)
    return {**found, "ja" if "ja" in found else next(iter(found)): seen}


def extras_of(package: Package) -> dict[str, object]:
    """Return the extras by name, of a list of keys and values, or of members beside the others."""
    found: dict[str, object] = {}
    for each in _objects(package.get("extras")):
        key = plain(each.get("key"), 200)
        if key and not each.get("deleted"):
            found[key] = each.get("value")
    return found


def _licence(package: Package, extras: Mapping[str, object]) -> dict[str, Any]:
    wordings = [plain(package.get(name), 2000) for name in ("license_id", "license_url", "license_title")]
    found = [licence.recognise(each) for each in wordings if each]
    known = next((each for each in found if each not in (licence.OTHER, licence.NOT_SPECIFIED)), None)
    stated = plain(extras.get("license_text"), 200)
    if known or not found:
        return {"licence": known or licence.NOT_SPECIFIED, "licence_text": stated}
    said = stated or (wordings[2] or wordings[0] if licence.OTHER in found else "")
    return {"licence": found[0], "licence_text": said[:200]}


def _others(extras: Mapping[str, object]) -> dict[str, Any]:
    data_class = plain(extras.get("data_class"))
    policy = wording.parsed(extras.get("policy"))
    provenance = extras.get("provenance")
    return {
        "data_class": data_class if data_class in set(DataClass) else DataClass.NONE,
        "policy": policy if isinstance(policy, dict) else None,
        "provenance": texts(wording.parsed(provenance)) or texts(provenance),
        "source_system": plain(extras.get("source_system"), 200),
        "series": plain(extras.get("series"), 100) or None,
        "serves": tuple(plain(each, 100) for each in wording.items(extras.get("serves"))),
        "endpoint_url": web_address(extras.get("endpoint_url")),
        "endpoint_description": web_address(extras.get("endpoint_description")),
        **{member: wording.web_addresses(extras.get(name)) for name, member in LISTS.items()},
    }


def _keywords(package: Package) -> tuple[str, ...]:
    tags = package.get("tags")
    listed = [plain(each.get("display_name") or each.get("name"), 100) for each in _objects(tags)]
    listed += [plain(each, 100) for each in tags if isinstance(each, str)] if isinstance(tags, list) else []
    listed += [plain(each, 100) for each in plain(package.get("tag_string")).split(",")]
    return tuple(dict.fromkeys(each for each in listed if each))[:100]


def _contact(package: Package, extras: Mapping[str, object]) -> Contact | None:
    name = plain(package.get("maintainer"), 200) or plain(extras.get("contact_name"), 200)
    email = _email(package.get("maintainer_email")) or _email(extras.get("contact_email"))
    url = web_address(extras.get("contact_uri")) or ""
    return Contact(name or email or url, email, url) if name or email or url else None


def _creator(package: Package, extras: Mapping[str, object]) -> Agent | None:
    name = plain(package.get("author"), 200)
    return (
        Agent(name, _email(package.get("author_email")), web_address(extras.get("creator_uri")) or "") if name else None
    )


def _rest(extras: Mapping[str, object]) -> dict[str, str]:
    rest = {key: plain(value, 2000) for key, value in extras.items() if key not in _MEMBERS | DERIVED}
    return {key: value for key, value in list(rest.items())[:100] if value}


def distribution_of(resource: Package, terms: str) -> Distribution:
    """Return what a resource says; `terms` is its package's licence. Without an address that is empty."""
    access, download = web_address(resource.get("access_url")), web_address(resource.get("download_url"))
    url = web_address(resource.get("url"))
    known = file_format.recognise(plain(resource.get("format"), 100))
    digest = _SHA256.match(plain(resource.get("hash"), 100))
    own = licence.recognise(plain(resource.get("license_id") or resource.get("license"), 200))
    return Distribution(
        access_url=access or url or download or "",
        distribution_id=identifier_of(resource.get("id")),
        title=plain(resource.get("name"), 200),
        description=plain(resource.get("description")),
        format=known.name,
        media_type=plain(resource.get("mimetype"), 127) or known.media_type,
        download_url=download if access and download and download != access else "",
        licence="" if own in (licence.NOT_SPECIFIED, licence.OTHER, terms) else own,
        byte_size=wording.whole_number(resource.get("size")),
        checksum=digest[1].lower() if digest else "",
        issued=moment(resource.get("issued")),
        modified=moment(resource.get("last_modified") or resource.get("modified")),
        conforms_to=wording.web_addresses(resource.get("conforms_to")),
        availability=plain(resource.get("availability"), 50),
        fields={key: value for key, value in resource.items() if key not in _RESOURCE_MEMBERS and value is not None},
    )


def identifier_of(value: object) -> uuid.UUID | None:
    """Return an identifier that is a UUID, None for anything else."""
    try:
        return uuid.UUID(plain(value, 50))
    except ValueError:
        return None


def _address(resource: Package) -> str | None:
    return next(filter(None, (web_address(resource.get(name)) for name in ("url", "access_url", "download_url"))), None)


def _code(value: object) -> str | None:
    text = plain(value, 10)
    return text if is_code(text) else None


def _email(value: object) -> str:
    text = plain(value, 254).removeprefix("mailto:")
    return text if _EMAIL.match(text) else ""


def _names(values: object) -> list[object]:
    return [each.get("name") for each in _objects(values)]


def _objects(values: object) -> list[Mapping[str, Any]]:
    return [each for each in values if isinstance(each, Mapping)] if isinstance(values, list) else []


def read_record(record: Record, package: Package, page: str) -> Record:
    """Return a harvested package as a record, with what it says or why it cannot be read.

    Who published it there is its creator here; without a landing page it has its page there.
    """
    if not record.remote_id or not (plain(package.get("title")) or record.name):
        return dataclasses.replace(
            record, remote_id=record.remote_id or f"name:{record.name}", error="id or title lacks"
        )
    if package.get("type", "dataset") not in ("dataset", "dataset_series", None):
        return dataclasses.replace(record, error=f"type {plain(package.get('type'), 50)} is no data set")
    content = content_of(package)
    organization = package.get("organization")
    said = plain(extras_of(package).get("publisher_name"), 200)
    named = said or (plain(organization.get("title"), 200) if isinstance(organization, Mapping) else "")
    creator = Agent(named) if named else content.creator
    forms = tuple(dataclasses.replace(each, distribution_id=None) for each in content.distributions)
    content = dataclasses.replace(
        content,
        creator=creator,
        distributions=forms,
        landing_page=content.landing_page or web_address(page),
        series=None,
        serves=(),
    )
    return dataclasses.replace(record, content=content)
