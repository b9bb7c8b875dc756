"""What a target finds in an entity, in Python. `jsonpath` says the same to PostgreSQL; keep them alike."""

from collections.abc import Iterable, Iterator
from typing import Any

from services.broker.domain.attribute import (
    LANGUAGE_PROPERTY,
    LIST_RELATIONSHIP,
    RELATIONSHIP,
    Attributes,
    Instance,
)
from services.broker.query.tree import AttributeTarget

ANY_KEY = "*"


def instances_of(attrs: Attributes, attribute: str, subs: Iterable[str]) -> list[Instance]:
    """Return the instances of an attribute, or of the sub-attributes below it."""
    instances = attrs.get(attribute, [])
    for name in subs:
        instances = [each for instance in instances for each in instance.get("subs", {}).get(name, ())]
    return instances


def found(target: AttributeTarget, attrs: Attributes) -> list[Any]:
    """Return what the target finds, whatever its kind: to tell whether there is something."""
    instances = instances_of(attrs, target.attribute, target.subs)
    if target.member is not None:
        return [instance[target.member] for instance in instances if target.member in instance]
    if not target.keys:
        return list(instances)
    return [*_values(target, instances), *_in_any_language(target, instances)]


def elements(target: AttributeTarget, attrs: Attributes) -> Iterator[Any]:
    """Yield the single values that an equality is compared with."""
    return _elements(target, instances_of(attrs, target.attribute, target.subs))


def orderable(target: AttributeTarget, attrs: Attributes) -> Iterator[Any]:
    """Yield the single values that text is ordered against: neither date-times nor Relationships."""
    instances = instances_of(attrs, target.attribute, target.subs)
    if target.member is None:
        instances = [each for each in instances if _is_text(each) and (target.keys or "instant" not in each)]
    return _elements(target, instances)


def searchable(target: AttributeTarget, attrs: Attributes) -> Iterator[str]:
    """Yield the strings in which a pattern is searched: not those of Relationships."""
    instances = instances_of(attrs, target.attribute, target.subs)
    if target.member is None:
        instances = list(filter(_is_text, instances))
    return (each for each in _elements(target, instances) if isinstance(each, str))


def instants(target: AttributeTarget, attrs: Attributes) -> list[str]:
    """Return the instants of date-time values (without member and keys)."""
    instances = instances_of(attrs, target.attribute, target.subs)
    return [each["instant"] for each in instances if "instant" in each]


def _is_text(instance: Instance) -> bool:
    return instance["kind"] not in (RELATIONSHIP, LIST_RELATIONSHIP) or "type" in instance


def _elements(target: AttributeTarget, instances: list[Instance]) -> Iterator[Any]:
    if target.member is not None:
        items: list[Any] = [instance[target.member] for instance in instances if target.member in instance]
    else:
        items = [*_values(target, instances), *_in_any_language(target, instances)]
    for item in items:
        if isinstance(item, list):
            yield from item
        else:
            yield item


def _values(target: AttributeTarget, instances: list[Instance]) -> list[Any]:
    items = [instance["value"] for instance in instances if "value" in instance]
    for key in target.keys:
        items = [each[key] for each in _objects(items) if key in each]
    return items


def _objects(items: list[Any]) -> Iterator[dict[str, Any]]:
    for item in items:
        for each in item if isinstance(item, list) else (item,):
            if isinstance(each, dict):
                yield each


def _in_any_language(target: AttributeTarget, instances: list[Instance]) -> list[Any]:
    if target.keys not in ((), (ANY_KEY,)):
        return []
    maps = [instance["value"] for instance in instances if instance["kind"] == LANGUAGE_PROPERTY]
    return [text for each in maps if isinstance(each, dict) for text in each.values()]
