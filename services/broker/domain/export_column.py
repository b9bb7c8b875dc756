"""The columns of a table of entities: one for each attribute, or several where one cell cannot hold its value."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from services.broker.domain.attribute import GEO_PROPERTY, LANGUAGE_PROPERTY
from services.broker.domain.observed_attribute import ObservedAttribute

_UNSEEN: Final = ObservedAttribute()


class Part(StrEnum):
    """What of an attribute, or of the entity, a column holds."""

    ID = "id"
    TYPE = "type"
    VALUE = "value"
    LATITUDE = "latitude"
    LONGITUDE = "longitude"
    GEOMETRY = "geometry"
    LANGUAGE = "language"
    OBSERVED_AT = "observedAt"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, which part it holds of which expanded attribute.

    `tag` is the language of a text; for the type it is what stands in the column.
    """

    name: str
    part: Part
    attribute: str = ""
    tag: str = ""


def columns_of(
    entity_type: str,
    kinds: Mapping[str, Iterable[str]],
    seen: Mapping[str, ObservedAttribute],
    compact: Callable[[str], str],
) -> list[Column]:
    """Return the columns for the attributes of a type, given their kinds and what was seen of their values.

    A point becomes `<name>_lat` and `<name>_lon`; other geometries, where there are some, are GeoJSON in `<name>`. A
    LanguageProperty becomes `<name>_<tag>` for each language. Where values say when they were observed, that is
    `<name>_observedAt`.
    """
    columns = [Column("id", Part.ID), Column("type", Part.TYPE, tag=compact(entity_type))]
    for attribute in sorted(kinds, key=compact):
        columns += _columns(attribute, compact(attribute), set(kinds[attribute]), seen.get(attribute, _UNSEEN))
    return _told_apart(columns)


def _columns(attribute: str, name: str, kinds: set[str], seen: ObservedAttribute) -> list[Column]:
    columns: list[Column] = []
    if GEO_PROPERTY in kinds:
        columns.append(Column(f"{name}_lat", Part.LATITUDE, attribute))
        columns.append(Column(f"{name}_lon", Part.LONGITUDE, attribute))
        if set(seen.values) - {"Point"}:
            columns.append(Column(name, Part.GEOMETRY, attribute))
    elif kinds == {LANGUAGE_PROPERTY} and seen.languages:
        columns += [Column(f"{name}_{tag}", Part.LANGUAGE, attribute, tag) for tag in seen.languages]
    else:
        columns.append(Column(name, Part.VALUE, attribute))
    if seen.is_observed:
        columns.append(Column(f"{name}_observedAt", Part.OBSERVED_AT, attribute))
    return columns


def _told_apart(columns: Iterable[Column]) -> list[Column]:
    taken: set[str] = set()
    told_apart = []
    for each in columns:
        name, number = each.name, 1
        while name in taken:
            number += 1
            name = f"{each.name}_{number}"
        taken.add(name)
        told_apart.append(Column(name, each.part, each.attribute, each.tag))
    return told_apart
