"""What is seen of an attribute's values among some entities: their forms, units and languages."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from services.broker.domain.attribute import (
    GEO_PROPERTY,
    LANGUAGE_PROPERTY,
    LIST_RELATIONSHIP,
    RELATIONSHIP,
    VOCAB_PROPERTY,
    Attributes,
    Instance,
)

_MOST: Final = 20
_LINKS: Final = (RELATIONSHIP, LIST_RELATIONSHIP, VOCAB_PROPERTY)


@dataclass(frozen=True, slots=True)
class ObservedAttribute:
    """What was seen of an attribute, each list sorted and at most 20 long.

    `values`: `string`, `integer`, `number`, `boolean`, `array`, `object`, `null`, `date-time`, `uri`, or the type of a
    geometry. `units`: unit codes. `types`: NGSIv2 types. `languages`: tags of LanguageProperties. `is_observed`: some
    value says when it was observed.
    """

    values: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    is_observed: bool = False


@dataclass(slots=True)
class _Seen:
    values: set[str] = field(default_factory=set)
    units: set[str] = field(default_factory=set)
    types: set[str] = field(default_factory=set)
    languages: set[str] = field(default_factory=set)
    is_observed: bool = False

    def add(self, instance: Instance) -> None:
        self.values.add(_form(instance))
        if "unitCode" in instance:
            self.units.add(str(instance["unitCode"]))
        if "type" in instance:
            self.types.add(str(instance["type"]))
        if instance["kind"] == LANGUAGE_PROPERTY and isinstance(instance.get("value"), dict):
            self.languages.update(instance["value"])
        self.is_observed = self.is_observed or "observedAt" in instance

    def frozen(self) -> ObservedAttribute:
        values, units, types, languages = map(_listed, (self.values, self.units, self.types, self.languages))
        return ObservedAttribute(values, units, types, languages, self.is_observed)


def observe(entities: Iterable[Attributes]) -> Mapping[str, ObservedAttribute]:
    """Return what is seen of each attribute, by its expanded name, among the attributes of some entities."""
    seen: dict[str, _Seen] = {}
    for attributes in entities:
        for name, instances in attributes.items():
            for instance in instances:
                seen.setdefault(name, _Seen()).add(instance)
    return {name: each.frozen() for name, each in seen.items()}


def _listed(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(words)[:_MOST])


def _form(instance: Instance) -> str:
    kind, value = instance["kind"], instance.get("value")
    if kind in _LINKS:
        return "uri"
    if kind == GEO_PROPERTY and isinstance(value, dict):
        return str(value.get("type", "object"))
    return "date-time" if "instant" in instance else _json_form(value)


def _json_form(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"
