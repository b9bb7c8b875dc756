"""Distributions: the forms in which a data set can be had."""

import uuid
from collections.abc import Iterable, Mapping
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
    further CKAN resource fields, as CADDE's.
    """

    access_url: str
    distribution_id: uuid.UUID | None = None
    title: str = ""
    description: str = ""
    format: str = ""
    media_type: str = ""
    download_url: str = ""
    interface: Interface | None = None
    fields: Mapping[str, object] = field(default_factory=dict)


def with_identifiers(dataset_id: uuid.UUID, distributions: Iterable[Distribution]) -> tuple[Distribution, ...]:
    """Give each distribution the identifier that follows from its format and its place among the same format.

    So the identifier stays when an address changes or another format is added.
    """
    seen: dict[str, int] = {}
    named = []
    for each in distributions:
        key = each.format.casefold()
        seen[key] = seen.get(key, 0) + 1
        identifier = uuid.uuid5(dataset_id, f"{key}#{seen[key]}")
        named.append(replace(each, distribution_id=identifier))
    return tuple(named)
