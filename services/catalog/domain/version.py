"""Versions: what a data set said each time it was published, and how two of them differ."""

import dataclasses
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.catalog.domain.dataset import Agent, Contact, Content, Dataset
from services.catalog.domain.distribution import Distribution, Interface


@dataclass(frozen=True, slots=True)
class Version:
    """What was published at an instant, by whom, with a note on why. `number` counts from 1."""

    number: int
    published_at: datetime
    published_by: str
    note: str
    content: Content

    def of(self, dataset: Dataset) -> Dataset:
        """Return a data set as this version of it said."""
        return dataclasses.replace(dataset, content=self.content, updated_at=self.published_at)


@dataclass(frozen=True, slots=True)
class Difference:
    """A member that two versions say differently; None where one of them says nothing."""

    member: str
    before: object
    after: object


def document_of(content: Content) -> dict[str, Any]:
    """Return content as JSON, without what says nothing."""
    plain = {each.name: _plain(getattr(content, each.name)) for each in dataclasses.fields(content)}
    return {name: value for name, value in plain.items() if value not in (None, "", [], {})}


def content_of(document: Mapping[str, Any]) -> Content:
    """Return the content that a document of `document_of` holds; members of later releases are left out."""
    known = {each.name for each in dataclasses.fields(Content)}
    values: dict[str, Any] = {name: value for name, value in document.items() if name in known}
    values["distributions"] = tuple(map(_distribution_of, values.get("distributions", ())))
    if "contact" in values:
        values["contact"] = Contact(**values["contact"])
    if "creator" in values:
        values["creator"] = Agent(**values["creator"])
    values.setdefault("titles", {})
    values.setdefault("descriptions", {})
    return Content(**_with_tuples(values))


def differences(before: Content, after: Content) -> list[Difference]:
    """Return what differs from one content to another, distributions each by its identifier."""
    old, new = _members(before), _members(after)
    names = sorted(old.keys() | new.keys())
    return [Difference(name, old.get(name), new.get(name)) for name in names if old.get(name) != new.get(name)]


def _members(content: Content) -> dict[str, object]:
    document = document_of(content)
    forms = document.pop("distributions", [])
    return document | {f"distributions.{each['distribution_id']}": each for each in forms}


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        plain = {each.name: _plain(getattr(value, each.name)) for each in dataclasses.fields(value)}
        return {name: each for name, each in plain.items() if each not in (None, "", [], {})}
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    return str(value) if isinstance(value, uuid.UUID) else value


def _with_tuples(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}


def _distribution_of(document: Mapping[str, Any]) -> Distribution:
    known = {each.name for each in dataclasses.fields(Distribution)}
    values: dict[str, Any] = {name: value for name, value in document.items() if name in known}
    if "distribution_id" in values:
        values["distribution_id"] = uuid.UUID(values["distribution_id"])
    if "interface" in values:
        values["interface"] = Interface(values["interface"])
    values.setdefault("access_url", "")
    return Distribution(**_with_tuples(values))
