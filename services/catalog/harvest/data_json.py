"""Entries of `data.json` (DCAT-US schema 1.1) as content."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from services.catalog.domain import file_format, licence
from services.catalog.domain.dataset import Agent, Contact, Content
from services.catalog.domain.distribution import Distribution
from services.catalog.domain.harvest import Record
from services.catalog.harvest import wording
from services.catalog.harvest.wording import moment, plain, texts, web_address


def read_record(entry: Mapping[str, Any], fingerprint: str) -> Record:
    """Return an entry as a record, with what it says or why it cannot be read."""
    remote_id, title = plain(entry.get("identifier"), 500), plain(entry.get("title"), 500)
    uri = remote_id if remote_id.startswith(("http://", "https://")) else ""
    original = web_address(entry.get("originalIdentifier")) or ""
    record = Record(remote_id, fingerprint, uri, title=title, original=original)
    if not remote_id or not title:
        return replace(record, remote_id=remote_id or f"title:{title}", error="identifier or title lacks")
    return replace(record, content=content_of(entry))


def content_of(entry: Mapping[str, Any]) -> Content:
    """Return what an entry says."""
    titles = texts(entry.get("title"), 500)
    stated = plain(entry.get("license"), 2000)
    found = licence.recognise(stated)
    start, _, end = plain(entry.get("temporal"), 200).partition("/")
    return Content(
        titles=titles,
        descriptions=texts(entry.get("description")) or titles,
        licence=found,
        licence_text=(plain(entry.get("rights"), 200) or (stated[:200] if found == licence.OTHER else "")),
        themes=wording.themes(wording.items(entry.get("theme"))),
        keywords=tuple(dict.fromkeys(filter(None, (plain(each, 100) for each in wording.items(entry.get("keyword"))))))[
            :100
        ],
        languages=wording.languages(wording.items(entry.get("language"))) or ("ja",),
        box=_box(entry.get("spatial")),
        frequency=wording.how_often(entry.get("accrualPeriodicity")),
        issued=moment(entry.get("issued")),
        modified=moment(entry.get("modified")),
        temporal_start=moment(start),
        temporal_end=moment(end),
        contact=_contact(entry.get("contactPoint")),
        creator=_publisher(entry.get("publisher")),
        landing_page=web_address(entry.get("landingPage")),
        documentation=wording.web_addresses(entry.get("references")),
        distributions=tuple(filter(None, (_form(each) for each in wording.items(entry.get("distribution"))))),
    )


def _box(value: object) -> Any:
    numbers = plain(value, 200).split(",")
    try:
        west, south, east, north = map(float, numbers)
    except ValueError:
        return wording.bounds(value)
    return wording.box(west, south, east, north)


def _contact(value: object) -> Contact | None:
    if not isinstance(value, Mapping) or not plain(value.get("fn"), 200):
        return None
    return Contact(plain(value.get("fn"), 200), plain(value.get("hasEmail"), 254).removeprefix("mailto:"))


def _publisher(value: object) -> Agent | None:
    name = plain(value.get("name"), 200) if isinstance(value, Mapping) else ""
    return Agent(name) if name else None


def _form(value: object) -> Distribution | None:
    if not isinstance(value, Mapping):
        return None
    access, download = web_address(value.get("accessURL")), web_address(value.get("downloadURL"))
    if not (access or download):
        return None
    known = file_format.recognise(plain(value.get("format"), 100))
    return Distribution(
        access_url=access or download or "",
        title=plain(value.get("title"), 200),
        description=plain(value.get("description")),
        format=known.name,
        media_type=plain(value.get("mediaType"), 127) or known.media_type,
        download_url=download if access and download and download != access else "",
    )
