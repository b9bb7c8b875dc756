"""Entities in NGSI-LD notifications: what is shown, what was deleted, and what was before (5.3.1, 5.8.6)."""

from dataclasses import replace
from typing import Any, Final

from services.broker.domain.attribute import Instance
from services.broker.domain.entity import Entity
from services.broker.domain.notice import Notice
from services.broker.domain.subscription import Subscription, Trigger
from services.broker.ngsild.input_attribute import VALUE_MEMBERS
from services.broker.ngsild.joins import Shown
from services.broker.ngsild.output_entity import entity_document, shown_value
from services.broker.ngsild.representation import Format, Projection, Representation
from services.broker.operations.merging import NULL
from services.kernel.clock import to_iso_millis

_IDENTITY: Final = Projection(frozenset({"id", "type"}))
_NULLS: Final[dict[str, Any]] = {
    "languageMap": {"@none": NULL},
    "json": NULL,
    "valueList": [NULL],
    "objectList": [{"object": NULL}],
}


def notified_entities(
    notice: Notice, subscription: Subscription, shown: Representation, views: list[Shown]
) -> list[dict[str, Any]]:
    """Return the notification's entities, without @context; `views` are those to show, linked ones after the others."""
    if notice.is_deletion:
        return [_deleted_entity(notice, subscription, shown)]
    documents = [entity_document(*each) for each in views]
    if notice.previous is not None:
        _add_deleted_attributes(documents[0], notice, shown)
        if subscription.content.show_changes and shown.format is not Format.SIMPLIFIED:
            _add_previous(documents[0], notice, shown)
    return documents


def _deleted_entity(notice: Notice, subscription: Subscription, shown: Representation) -> dict[str, Any]:
    """Return id, type and time of deletion; what is gone for attributeDeleted, and what it was for showChanges."""
    entity = notice.entities[0]
    document = entity_document(entity, replace(shown, pick=_IDENTITY, omit=None))
    document["deletedAt"] = to_iso_millis(notice.created_at)
    shows_changes = subscription.content.show_changes
    is_told_of_attributes = Trigger.ATTRIBUTE_DELETED in subscription.conditions.triggers
    for name in entity.attrs if shows_changes else notice.touched if is_told_of_attributes else ():
        if shown.shows(name):
            document[shown.context.compact(name)] = _deleted_attribute(name, entity, notice, shown)
            if shows_changes:
                _add_previous_of(document, name, entity, shown)
    return document


def _add_deleted_attributes(document: dict[str, Any], notice: Notice, shown: Representation) -> None:
    entity, previous = notice.entities[0], notice.previous
    assert previous is not None
    for name in notice.touched:
        if name not in previous.attrs or not shown.shows(name):
            continue
        short = shown.context.compact(name)
        if name not in entity.attrs:
            document[short] = _deleted_attribute(name, previous, notice, shown)
        elif short in document:
            document[short] = _with_deleted(document[short], (previous.attrs[name], entity.attrs[name]), notice, shown)


def _with_deleted(
    present: Any, swap: tuple[list[Instance], list[Instance]], notice: Notice, shown: Representation
) -> Any:
    """Return what is shown of an attribute with those of its instances beside it that are there no more (4.5.5)."""
    before, after = swap
    left = {each.get("datasetId") for each in after}
    gone = [each for each in before if each.get("datasetId") not in left]
    if shown.dataset_ids is not None:
        left = left & shown.dataset_ids
        gone = [each for each in gone if each.get("datasetId") in shown.dataset_ids]
    if not gone:
        return present
    deleted = [_deleted_instance(each, notice, shown) for each in gone]
    keys = [each.get("datasetId") for each in gone]
    if shown.format is Format.SIMPLIFIED:
        others = present["dataset"] if len(left) > 1 else {left.pop() or "@none": present}
        return {"dataset": {**others, **{key or "@none": each for key, each in zip(keys, deleted, strict=True)}}}
    named = [{**each, "datasetId": key} if key else each for key, each in zip(keys, deleted, strict=True)]
    return [*(present if isinstance(present, list) else [present]), *named]


def _deleted_attribute(name: str, entity: Entity, notice: Notice, shown: Representation) -> Any:
    """Return an attribute that is there no more: NGSI-LD Null for its value."""
    return _deleted_instance(entity.attrs[name][0], notice, shown)


def _deleted_instance(instance: Instance, notice: Notice, shown: Representation) -> Any:
    kind = instance["kind"]
    member = VALUE_MEMBERS[kind]
    if shown.format is Format.SIMPLIFIED:
        return NULL
    deleted = {} if shown.format is Format.CONCISE else {"type": kind}
    deleted[member] = _NULLS.get(member, NULL)
    if shown.sys_attrs:
        deleted.update({name: instance[name] for name in ("createdAt", "modifiedAt") if name in instance})
        deleted["deletedAt"] = to_iso_millis(notice.created_at)
    return deleted


def _add_previous(document: dict[str, Any], notice: Notice, shown: Representation) -> None:
    assert notice.previous is not None
    for name in notice.touched:
        if name in notice.previous.attrs and shown.shows(name):
            _add_previous_of(document, name, notice.previous, shown)


def _add_previous_of(document: dict[str, Any], name: str, previous: Entity, shown: Representation) -> None:
    """Put the previous value beside the present one, instance by instance."""
    short = shown.context.compact(name)
    present = document.get(short)
    if shown.format is Format.SIMPLIFIED or present is None:
        return
    if not isinstance(present, list):
        present = document[short] = present if _is_instance(present) else {"value": present}
    for each in present if isinstance(present, list) else [present]:
        before = _instance_of(previous.attrs[name], each.get("datasetId"))
        if before is not None:
            member = VALUE_MEMBERS[before["kind"]]
            each[f"previous{member[0].upper()}{member[1:]}"] = shown_value(before, shown.context)


def _is_instance(value: Any) -> bool:
    return isinstance(value, dict) and any(member in value for member in VALUE_MEMBERS.values())


def _instance_of(instances: list[Instance], dataset_id: str | None) -> Instance | None:
    return next((each for each in instances if each.get("datasetId") == dataset_id), None)
