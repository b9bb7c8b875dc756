"""Stored entities as NGSI-LD shows them: normalized, concise, simplified (4.5.1-4.5.4)."""

from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from services.broker.domain import attribute as kinds
from services.broker.domain.attribute import Attributes, Instance, is_expired
from services.broker.domain.entity import ROOT_PATH, Entity
from services.broker.domain.names import Context
from services.broker.ngsild.input_attribute import SEALED, VALUE_MEMBERS
from services.broker.ngsild.languages import best_text
from services.broker.ngsild.representation import Format, Representation
from services.kernel.clock import to_iso, to_iso_millis

_META: Final = ("unitCode", "observedAt", "datasetId", "valueType", "ngsildproof")
_TIMES: Final = ("expiresAt", "createdAt", "modifiedAt")
_PLAINEST: Final = frozenset({"kind", "value", "type", "createdAt", "modifiedAt"})
_BARE: Final = frozenset({kinds.PROPERTY, kinds.GEO_PROPERTY})


def entity_document(entity: Entity, shown: Representation) -> dict[str, Any]:
    """Return an entity as a JSON object, without @context."""
    context = shown.context
    everything = shown.pick is None and shown.omit is None
    document: dict[str, Any] = {}
    if everything or shown.shows("id"):
        document["id"] = entity.uri
    if everything or shown.shows("type"):
        document["type"] = types_member(entity.types, context)
    scopes = entity.scopes or ((entity.path,) if entity.path != ROOT_PATH else ())
    if scopes and (everything or shown.shows("scope")):
        document["scope"] = scopes[0] if len(scopes) == 1 else list(scopes)
    if shown.sys_attrs:
        _put_times(document, entity)
    compact = context.compact
    is_plain = everything and shown.is_plain
    for name, stored in entity.attrs.items():
        if is_plain and len(stored) == 1 and _is_plainest(stored[0]):
            document[compact(name)] = {"type": kinds.PROPERTY, "value": stored[0].get("value")}
            continue
        if not (everything or shown.shows(name)):
            continue
        instances = stored if shown.now is None else living(stored, shown.now)
        inner = replace(shown, linked=shown.below(name, entity.uri)) if shown.is_inline else shown
        value = attribute_value(instances, inner)
        if value is not None:
            document[compact(name)] = value
    return document


def _is_plainest(instance: Instance) -> bool:
    """Tell whether an instance is a Property with a value and nothing else to show, as nearly all are."""
    return bool(instance["kind"] == kinds.PROPERTY) and instance.keys() <= _PLAINEST


def living(instances: list[Instance], now: datetime) -> list[Instance]:
    """Return the instances whose time is not over; they are collected a little later (4.22)."""
    if len(instances) == 1 and "expiresAt" not in instances[0]:
        return instances
    if not any("expiresAt" in each for each in instances):
        return instances
    return [each for each in instances if not is_expired(each, now)]


def types_member(types: tuple[str, ...], context: Context) -> Any:
    """Return the type, or the types where there are several."""
    if len(types) == 1:
        return context.compact(types[0])
    return [context.compact(name) for name in types]


def _put_times(document: dict[str, Any], entity: Entity) -> None:
    if entity.expires_at is not None:
        document["expiresAt"] = to_iso(entity.expires_at)
    if entity.created_at is not None:
        document["createdAt"] = to_iso_millis(entity.created_at)
    if entity.modified_at is not None:
        document["modifiedAt"] = to_iso_millis(entity.modified_at)


def attribute_value(instances: list[Instance], shown: Representation) -> Any:
    """Return an attribute: one instance as an object, several as an array (simplified: by data set), none as None."""
    if shown.dataset_ids is not None:
        instances = [each for each in instances if each.get("datasetId") in shown.dataset_ids]
    if len(instances) == 1:
        return instance_value(instances[0], shown)
    if not instances:
        return None
    if shown.format is Format.SIMPLIFIED:
        return {"dataset": {each.get("datasetId", "@none"): instance_value(each, shown) for each in instances}}
    return [instance_value(each, shown) for each in instances]


def instance_value(instance: Instance, shown: Representation) -> Any:
    """Return one instance in the format asked for."""
    if shown.language is not None and instance["kind"] == kinds.LANGUAGE_PROPERTY:
        return _in_language(instance, shown)
    if shown.format is Format.SIMPLIFIED:
        return _simplified(instance, shown)
    return _members(instance, shown)


def _in_language(instance: Instance, shown: Representation) -> Any:
    tag, text = best_text(instance["value"], shown.language or "*")
    if shown.format is Format.SIMPLIFIED:
        return text
    members = _members({**instance, "kind": kinds.PROPERTY, "value": text}, shown)
    if not isinstance(members, dict):
        members = {"value": members}
    if tag != "@none":
        members["lang"] = tag
    return members


def _simplified(instance: Instance, shown: Representation) -> Any:
    kind, value = instance["kind"], shown_value(instance, shown.context)
    if kind in (kinds.LANGUAGE_PROPERTY, kinds.VOCAB_PROPERTY, kinds.JSON_PROPERTY):
        return {VALUE_MEMBERS[kind]: value}
    if kind in (kinds.RELATIONSHIP, kinds.LIST_RELATIONSHIP) and shown.linked is not None:
        uris = instance["value"]
        shortened = [_linked(each, shown.linked) or each for each in (uris if isinstance(uris, list) else [uris])]
        return shortened if isinstance(uris, list) else shortened[0]
    return instance["value"] if kind == kinds.LIST_RELATIONSHIP else value


def _linked(uri: str, shown: Representation) -> dict[str, Any] | None:
    join = shown.join
    if join is None or uri in join.contained_by or uri not in join.entities:
        return None
    return entity_document(join.entities[uri], shown)


def _put_linked(members: dict[str, Any], instance: Instance, shown: Representation) -> None:
    uris = instance["value"]
    documents = [each for uri in (uris if isinstance(uris, list) else [uris]) if (each := _linked(uri, shown))]
    if not documents:
        return
    if instance["kind"] == kinds.LIST_RELATIONSHIP:
        members["entityList"] = documents
    else:
        members["entity"] = documents if isinstance(uris, list) else documents[0]


def shown_value(instance: Instance, context: Context) -> Any:
    """Return an instance's value as it is written in JSON."""
    kind, value = instance["kind"], instance.get("value")
    if kind == kinds.PROPERTY and "literal" in instance:
        return {"@type": instance["literal"], "@value": value}
    if kind == kinds.VOCAB_PROPERTY:
        return [context.compact(each) for each in value] if isinstance(value, list) else context.compact(str(value))
    if kind == kinds.LIST_RELATIONSHIP and isinstance(value, list):
        return [{"object": each} for each in value]
    return value


def _members(instance: Instance, shown: Representation) -> Any:
    kind = instance["kind"]
    is_concise = shown.format is Format.CONCISE
    if not (is_concise or shown.sys_attrs) and _is_plainest(instance):
        return {"type": kind, "value": instance.get("value")}
    value = shown_value(instance, shown.context)
    members: dict[str, Any] = {} if is_concise else {"type": kind}
    members[VALUE_MEMBERS[kind]] = value
    if shown.linked is not None and kind in (kinds.RELATIONSHIP, kinds.LIST_RELATIONSHIP):
        _put_linked(members, instance, shown.linked)
    _put_meta(members, instance, shown)
    subs = instance.get("subs")
    if subs:
        _put_subs(members, subs, shown)
    if is_concise and len(members) == 1 and kind in _BARE and not _needs_member(kind, value):
        return value
    return members


def _put_meta(members: dict[str, Any], instance: Instance, shown: Representation) -> None:
    compact = shown.context.compact
    for name in _META:
        if name in instance:
            members[name] = instance[name]
    for name in SEALED:
        if name in instance:
            members[name] = compact(instance[name]) if name == "entityTypeSealed" else instance[name]
    if "objectType" in instance:
        types = instance["objectType"]
        members["objectType"] = [*map(compact, types)] if isinstance(types, list) else compact(types)
    if shown.sys_attrs:
        for name in _TIMES:
            if name in instance:
                members[name] = instance[name]


def _put_subs(members: dict[str, Any], subs: Attributes, shown: Representation) -> None:
    below = replace(shown, linked=None) if shown.linked is not None else shown
    for name, instances in subs.items():
        shown_subs = [_members(each, below) for each in instances]
        members[shown.context.compact(name)] = shown_subs[0] if len(shown_subs) == 1 else shown_subs


def _needs_member(kind: str, value: Any) -> bool:
    # A bare object would be read back as something else: only geometries and typed values say what they are.
    return kind == kinds.PROPERTY and isinstance(value, dict) and "@value" not in value
