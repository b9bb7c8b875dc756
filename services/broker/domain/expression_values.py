"""What a JEXL expression sees of an entity (Orion API, JEXL support): id, type, servicePath, attributes, metadata."""

from collections.abc import Callable
from typing import Any, Final

from services.broker.domain.attribute import Instance, default_instance
from services.broker.domain.entity import Entity
from services.broker.domain.v2_value import shown_value

_TIMES: Final = {"dateCreated": "createdAt", "dateModified": "modifiedAt"}
_MEMBERS: Final = ("unitCode", "observedAt")


def entity_values(
    entity: Entity, before: Entity | None, short: Callable[[str], str | None], action: str = ""
) -> dict[str, Any]:
    """Return the values by name. `short` gives the name of a stored name, or None where it is not asked for.

    `metadata` holds each attribute's metadata: the user's, `dateCreated`, `dateModified`, `previousValue` where there
    is an entity before, and `actionType`: `action` where given, else `append` or `update`.
    """
    values: dict[str, Any] = {"id": entity.id, "type": short(entity.type) or entity.type, "servicePath": entity.path}
    metadata: dict[str, dict[str, Any]] = {}
    for iri in entity.attrs:
        name, instance = short(iri), entity.attribute(iri)
        if name is None or instance is None:
            continue
        values.setdefault(name, shown_value(instance))
        found = metadata[name] = _metadata(instance, short)
        previous = before.attribute(iri) if before is not None else None
        if previous is not None:
            found["previousValue"] = shown_value(previous)
        found["actionType"] = action or ("append" if previous is None else "update")
    values["metadata"] = metadata
    return values


def _metadata(instance: Instance, short: Callable[[str], str | None]) -> dict[str, Any]:
    found: dict[str, Any] = {name: instance[name] for name in _MEMBERS if name in instance}
    found.update({name: instance[member] for name, member in _TIMES.items() if member in instance})
    for iri, instances in instance.get("subs", {}).items():
        name = short(iri)
        if name is not None:
            found[name] = shown_value(default_instance(instances))
    return found
