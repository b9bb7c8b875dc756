"""Entities in NGSIv2 notifications: which attributes, and the metadata `previousValue` and `actionType`."""

from typing import Any, Final

from services.broker.domain.attribute import Instance
from services.broker.domain.change import ChangeKind
from services.broker.domain.entity import Entity
from services.broker.domain.notice import Notice
from services.broker.domain.subscription import Content, Subscription, Trigger
from services.broker.domain.v2_value import shown_type, shown_value
from services.broker.ngsiv2.names import Names
from services.broker.ngsiv2.parameters import Form, Shape
from services.broker.ngsiv2.render import render_entity

_FORMS: Final = {
    "keyValues": Form.KEY_VALUES,
    "simplifiedKeyValues": Form.KEY_VALUES,
    "values": Form.VALUES,
}
_ALTERATION: Final = "alterationType"
_MISSING: Final[Instance] = {"kind": "Property", "type": "None", "value": None}


def notification_body(notice: Notice, subscription: Subscription, names: Names) -> Any:
    """Return the body: the subscription and its data, or the entity alone in the simplified formats."""
    entity = notified_entity(notice, subscription, names)
    if subscription.content.format in ("simplifiedNormalized", "simplifiedKeyValues"):
        return entity
    return {"subscriptionId": subscription.id, "data": [entity]}


def notified_entity(notice: Notice, subscription: Subscription, names: Names) -> Any:
    """Return the notification's entity in the form asked for."""
    content = subscription.content
    form = _FORMS.get(content.format, Form.NORMALIZED)
    entity = _shown_part(notice, subscription, names)
    shape = Shape(form, _wanted(content, names), content.metadata or None)
    document = render_entity(entity, shape, names)
    if form is Form.NORMALIZED:
        for name in entity.attrs:
            _add_metadata(document.get(names.short(name)), name, notice, content)
    return document


def _wanted(content: Content, names: Names) -> tuple[str, ...] | None:
    """Return the names to show in the order asked for; None where all are."""
    if content.original_attributes:
        return content.original_attributes
    return tuple(names.short(each) for each in content.attributes) or None


def _shown_part(notice: Notice, subscription: Subscription, names: Names) -> Entity:
    content = subscription.content
    entity = notice.entities[0]
    attrs = {name: each for name, each in entity.attrs.items() if name not in content.excepted}
    if content.only_changed:
        attrs = {name: each for name, each in attrs.items() if name in notice.touched}
    for name in content.attributes if content.covered else ():
        attrs.setdefault(name, [_MISSING])
    if _ALTERATION in (_wanted(content, names) or ()):
        value = alteration_type(notice, subscription)
        attrs[names.expand(_ALTERATION)] = [{"kind": "Property", "type": "Text", "value": value}]
    return entity.with_(attrs=attrs)


def alteration_type(notice: Notice, subscription: Subscription) -> str:
    """Return NGSIv2's word for what happened to the entity."""
    match notice.kind:
        case ChangeKind.CREATED:
            return "entityCreate"
        case ChangeKind.DELETED:
            return "entityDelete"
        case _:
            is_update = Trigger.ENTITY_UPDATED in subscription.conditions.triggers
            return "entityUpdate" if is_update else "entityChange"


def _add_metadata(shown: Any, name: str, notice: Notice, content: Content) -> None:
    if not isinstance(shown, dict) or name not in notice.touched:
        return
    before = notice.previous.attribute(name) if notice.previous else None
    if "previousValue" in content.metadata and before is not None and not notice.is_deletion:
        shown["metadata"]["previousValue"] = {"type": shown_type(before), "value": shown_value(before)}
    if "actionType" in content.metadata:
        action = "delete" if notice.is_deletion else "append" if before is None else "update"
        shown["metadata"]["actionType"] = {"type": "Text", "value": action}
