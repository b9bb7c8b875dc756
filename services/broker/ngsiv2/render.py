"""Entities as NGSIv2 shows them: normalized, keyValues, values, unique; builtin attributes and metadata on demand."""

from collections.abc import Iterable, Iterator
from operator import itemgetter
from typing import Any, Final

from services.broker.domain.attribute import Instance, default_instance, is_same_json
from services.broker.domain.entity import Entity
from services.broker.domain.v2_value import shown_type, shown_value
from services.broker.ngsiv2.names import Names
from services.broker.ngsiv2.parameters import Form, Shape
from services.kernel.clock import from_iso, to_iso_millis

BUILTIN_ATTRIBUTES: Final = frozenset({"dateCreated", "dateModified", "dateExpires", "servicePath", "alterationType"})
BUILTIN_METADATA: Final = frozenset({"dateCreated", "dateModified", "previousValue", "actionType"})
_MILLIS: Final = len("2000-01-01T00:00:00.000Z")
_MEMBER_TYPES: Final = {"unitCode": "Text", "observedAt": "DateTime"}


def render_entity(entity: Entity, shape: Shape, names: Names) -> Any:
    """Return an entity in the form that the shape asks for."""
    if shape.form in (Form.VALUES, Form.UNIQUE):
        values = [value for _, value in _values(entity, shape, names)]
        return _without_repeats(values) if shape.form is Form.UNIQUE else values
    head = {"id": entity.id, "type": names.short(entity.type)}
    return {**head, **render_attributes(entity, shape, names)}


def render_attributes(entity: Entity, shape: Shape, names: Names) -> Any:
    """Return an entity's attributes without its id and type."""
    if shape.form is Form.KEY_VALUES:
        return dict(_values(entity, shape, names))
    if shape.form is not Form.NORMALIZED:
        return render_entity(entity, shape, names)
    return {
        name: render_attribute(instance, shape.metadata, names)
        for name, instance in chosen_attributes(entity, shape.attributes, names)
    }


def render_attribute(instance: Instance, metadata: tuple[str, ...] | None, names: Names) -> dict[str, Any]:
    """Return an attribute as `{type, value, metadata}`."""
    return {
        "type": shown_type(instance),
        "value": shown_value(instance),
        "metadata": render_metadata(instance, metadata, names),
    }


def render_metadata(instance: Instance, wanted: tuple[str, ...] | None, names: Names) -> dict[str, Any]:
    """Return an attribute's metadata; builtin ones where they are named."""
    found = _user_metadata(instance, names)
    if wanted is None:
        return found
    for name in wanted:
        if name in BUILTIN_METADATA and name not in found:
            found.update(_builtin_metadata(instance, name))
    if "*" in wanted:
        return found
    return {name: each for name, each in found.items() if name in wanted}


def _user_metadata(instance: Instance, names: Names) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, usual in _MEMBER_TYPES.items():
        if name in instance:
            type_name = instance.get("memberTypes", {}).get(name, usual)
            found[name] = {"type": type_name, "value": _member(instance, name)}
    for iri, instances in instance.get("subs", {}).items():
        sub = default_instance(instances)
        found[names.short(iri)] = {"type": shown_type(sub), "value": shown_value(sub)}
    return dict(sorted(found.items())) if len(found) > 1 else found


def _member(instance: Instance, name: str) -> Any:
    value = instance[name]
    return to_iso_millis(from_iso(value)) if name == "observedAt" and len(value) != _MILLIS else value


def _builtin_metadata(instance: Instance, name: str) -> dict[str, Any]:
    instant = instance.get({"dateCreated": "createdAt", "dateModified": "modifiedAt"}.get(name, ""))
    return {} if instant is None else {name: {"type": "DateTime", "value": instant}}


def chosen_attributes(entity: Entity, wanted: tuple[str, ...] | None, names: Names) -> Iterator[tuple[str, Instance]]:
    """Yield the attributes that are shown, in the order they are asked for, else by name, as Orion does.

    User-defined ones win over builtin. Where `*` is asked for, the user-defined ones come first.
    """
    if wanted is None:
        yield from _by_name(entity, names)
        return
    shown = set()
    for name in sorted(wanted, key=lambda each: each != "*") if "*" in wanted else wanted:
        for key, instance in _named(entity, name, names):
            if key not in shown:
                shown.add(key)
                yield key, instance


def _by_name(entity: Entity, names: Names) -> list[tuple[str, Instance]]:
    shown = [(names.short(iri), default_instance(instances)) for iri, instances in entity.attrs.items()]
    shown.sort(key=itemgetter(0))
    return shown


def _named(entity: Entity, name: str, names: Names) -> Iterable[tuple[str, Instance]]:
    if name == "*":
        return _by_name(entity, names)
    instance = entity.attribute(names.expand(name))
    if instance is not None:
        return [(name, instance)]
    builtin = builtin_attribute(entity, name) if name in BUILTIN_ATTRIBUTES else None
    return [] if builtin is None else [(name, builtin)]


def builtin_attribute(entity: Entity, name: str) -> Instance | None:
    """Return a builtin attribute of an entity, or None where it has none."""
    if name == "servicePath":
        return {"kind": "Property", "type": "Text", "value": entity.path}
    times = {"dateCreated": entity.created_at, "dateModified": entity.modified_at, "dateExpires": entity.expires_at}
    instant = times.get(name)
    if instant is None:
        return None
    text = to_iso_millis(instant)
    return {"kind": "Property", "type": "DateTime", "value": text, "instant": text}


def _values(entity: Entity, shape: Shape, names: Names) -> Iterator[tuple[str, Any]]:
    for name, instance in chosen_attributes(entity, shape.attributes, names):
        yield name, shown_value(instance)


def _without_repeats(values: list[Any]) -> list[Any]:
    unique: list[Any] = []
    for value in values:
        if not any(is_same_json(value, each) for each in unique):
            unique.append(value)
    return unique
