"""Distributions: the forms in which a data set can be had."""

import uuid
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum


class Interface(StrEnum):
    """The query interfaces of the context broker."""

    NGSI_LD = "ngsi-ld"
    NGSI_V2 = "ngsi-v2"

    @property
    def label(self) -> str:
        """What it is called."""
        return "NGSI-LD" if self is Interface.NGSI_LD else "NGSIv2"


@dataclass(frozen=True, slots=True)
class Distribution:
    """One form of a data set (DCAT 3, 6.8).

    `format` is as the publisher writes it. `interface` names the broker's interface that serves it. `fields` are
    further CKAN resource fields, as CADDE's. `byte_size` and `checksum` (SHA-256, hexadecimal) are a file's.
    `licence` is empty where the data set's holds; `availability` is an EU planned-availability code.
    """

    access_url: str
    distribution_id: uuid.UUID | None = None
    title: str = ""
    description: str = ""
    format: str = ""
    media_type: str = ""
    download_url: str = ""
    interface: Interface | None = None
    licence: str = ""
    byte_size: int | None = None
    checksum: str = ""
    issued: str | None = None
    modified: str | None = None
    conforms_to: tuple[str, ...] = ()
    availability: str = ""
    fields: Mapping[str, object] = field(default_factory=dict)

    @property
    def titles(self) -> Mapping[str, str]:
        """Its title by language; nothing where the language is not known."""
        return {}

    @property
    def descriptions(self) -> Mapping[str, str]:
        """Its description by language; nothing where the language is not known."""
        return {}


@dataclass(frozen=True, slots=True)
class Served(Distribution):
    """A form of a live data set, which the catalogue describes itself: in Japanese, and beside it in English."""

    title_en: str = ""
    description_en: str = ""

    @property
    def titles(self) -> Mapping[str, str]:
        """Its title by language."""
        return {"ja": self.title, "en": self.title_en}

    @property
    def descriptions(self) -> Mapping[str, str]:
        """Its description by language."""
        return {"ja": self.description, "en": self.description_en}


def with_identifiers(dataset_id: uuid.UUID, distributions: Iterable[Distribution]) -> tuple[Distribution, ...]:
    """Give each distribution without an identifier the one that follows from its format and its place among the same.

    So the identifier stays when an address changes or another format is added.
    """
    forms = tuple(distributions)
    taken: set[uuid.UUID] = {each.distribution_id for each in forms if each.distribution_id is not None}
    seen: dict[str, int] = {}
    named = []
    for each in forms:
        if each.distribution_id is None:
            identifier = _next(dataset_id, each.format.casefold(), seen, taken)
            named.append(replace(each, distribution_id=identifier))
        else:
            named.append(each)
    return tuple(named)


def _next(dataset_id: uuid.UUID, key: str, seen: dict[str, int], taken: Container[uuid.UUID]) -> uuid.UUID:
    while True:
        seen[key] = seen.get(key, 0) + 1
        identifier = uuid.uuid5(dataset_id, f"{key}#{seen[key]}")
        if identifier not in taken:
            return identifier
