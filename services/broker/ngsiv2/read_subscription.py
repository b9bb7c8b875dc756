"""A subscription of a request: checked, completed with its defaults, and as what the hub watches and sends.

`checked` keeps the subscriber's own words (they are rendered back), `subscription_of` makes the value of the domain.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from services.broker.domain.selection import TypeIs
from services.broker.domain.subscription import (
    V2_CHANGE,
    V2_TRIGGERS,
    Conditions,
    Subject,
    Subscription,
    SubscriptionFace,
    Trigger,
)
from services.broker.domain.v2_value import read_date
from services.broker.ngsiv2.expression import read_expression
from services.broker.ngsiv2.members import distinct_words_of, flag, number, object_of, text, words_of
from services.broker.ngsiv2.names import Names
from services.broker.ngsiv2.patterns import check_pattern, type_pattern
from services.broker.ngsiv2.read_notification import check_notification, content_of, endpoint_of
from services.broker.ngsiv2.syntax import check_identifier, check_text
from services.kernel.errors import BadData
from services.kernel.jexl.parser import parse
from services.kernel.jexl.tree import Fault, words_in

_STATUSES: Final = ("active", "inactive", "oneshot")
ALTERATIONS: Final[Mapping[str, frozenset[Trigger]]] = {
    "entityCreate": frozenset({Trigger.ENTITY_CREATED}),
    "entityUpdate": frozenset({Trigger.ENTITY_UPDATED}),
    "entityChange": V2_CHANGE,
    "entityDelete": frozenset({Trigger.ENTITY_DELETED}),
}
_ENTITY_MEMBERS: Final = ("id", "idPattern", "type", "typePattern")


def checked(document: Any, names: Names) -> dict[str, Any]:
    """Return what a body says of a subscription, each member held against its rules. Raises BadData.

    Members that are absent stay so: a creation needs `subject` and `notification`, an update nothing.
    """
    if not isinstance(document, dict):
        raise BadData("A subscription must be a JSON object")
    if not document:
        raise BadData("empty payload")
    kept: dict[str, Any] = {}
    if "description" in document:
        kept["description"] = check_text(text(document, "description", longest=1024), "description")
    if "subject" in document:
        kept["subject"] = _check_subject(object_of(document, "subject"), names)
    if "notification" in document:
        kept["notification"] = check_notification(object_of(document, "notification"))
    if "expires" in document:
        kept["expires"] = _check_expires(document["expires"])
    if "status" in document:
        if document["status"] not in _STATUSES:
            raise BadData("status must be active, inactive or oneshot", field="status")
        kept["status"] = document["status"]
    if "throttling" in document:
        kept["throttling"] = number(document, "throttling", low=0)
    return kept


def _check_expires(value: Any) -> str:
    if value == "":
        return ""
    if not isinstance(value, str):
        raise BadData("expires must be a date", field="expires")
    read_date(value)
    return value


def _check_subject(document: Mapping[str, Any], names: Names) -> dict[str, Any]:
    if not document:
        raise BadData("subject must not be empty", field="subject")
    kept: dict[str, Any] = {}
    if "entities" in document:
        entities = document["entities"]
        if not isinstance(entities, list) or not entities:
            raise BadData("subject.entities must be a list that is not empty", field="subject.entities")
        kept["entities"] = [_check_entity(each, names) for each in entities]
    if "condition" in document:
        kept["condition"] = _check_condition(object_of(document, "condition"), names)
    return kept


def _check_entity(document: Any, names: Names) -> dict[str, str]:
    if not isinstance(document, dict):
        raise BadData("An element of subject.entities must be a JSON object", field="subject.entities")
    kept = {name: document[name] for name in _ENTITY_MEMBERS if name in document}
    if ("id" in kept) is ("idPattern" in kept):
        raise BadData("An element of subject.entities needs either id or idPattern", field="subject.entities")
    if "type" in kept and "typePattern" in kept:
        raise BadData("type and typePattern exclude each other", field="subject.entities")
    for name, value in kept.items():
        if name in ("id", "type"):
            check_identifier(value, f"subject entities {name}")
        else:
            check_pattern(value, name)
    return kept


def _check_condition(document: Mapping[str, Any], names: Names) -> dict[str, Any]:
    if not document:
        raise BadData("condition must not be empty", field="condition")
    kept: dict[str, Any] = {}
    if "attrs" in document:
        names_given = distinct_words_of(document, "attrs", may_be_empty=True)
        kept["attrs"] = [check_identifier(each, "condition attribute") for each in names_given]
    if "expression" in document:
        expression = object_of(document, "expression")
        if not expression:
            raise BadData("expression must not be empty", field="expression")
        read_expression(expression, names)
        kept["expression"] = dict(expression)
    if "jexlExpression" in document:
        kept["jexlExpression"] = _check_jexl(text(document, "jexlExpression"))
    if "alterationTypes" in document:
        kept["alterationTypes"] = words_of(document, "alterationTypes")
        if not set(kept["alterationTypes"]) <= ALTERATIONS.keys():
            raise BadData(f"alterationTypes must be of {', '.join(ALTERATIONS)}", field="alterationTypes")
    if "notifyOnMetadataChange" in document:
        kept["notifyOnMetadataChange"] = flag(document, "notifyOnMetadataChange")
    return kept


def merged(old: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a subscription says after an update: members below `subject` and `notification` replace theirs."""
    new = {**old, **patch}
    if "subject" in patch:
        new["subject"] = {**old.get("subject", {}), **patch["subject"]}
    if "notification" in patch:
        new["notification"] = _merged_notification(old.get("notification", {}), patch["notification"])
    return new


def _merged_notification(old: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    channels = ("http", "httpCustom", "mqtt", "mqttCustom", "kafka", "kafkaCustom")
    gone = set(channels) if any(name in patch for name in channels) else set()
    if "attrs" in patch or "exceptAttrs" in patch:
        gone |= {"attrs", "exceptAttrs"}
    return {**{name: each for name, each in old.items() if name not in gone}, **patch}


def subscription_of(subscription_id: str, original: Mapping[str, Any], path: str, names: Names) -> Subscription:
    """Make the subscription of what has been checked. Raises BadData where a part is missing."""
    subject, notification = original.get("subject"), original.get("notification")
    if subject is None:
        raise BadData("no subject for subscription specified", field="subject")
    if not subject.get("entities"):
        raise BadData("no subject entities specified", field="subject.entities")
    if notification is None:
        raise BadData("no notification for subscription specified", field="notification")
    expires = original.get("expires")
    status = original.get("status", "active")
    return Subscription(
        id=subscription_id,
        face=SubscriptionFace.NGSIV2,
        endpoint=endpoint_of(notification),
        conditions=_conditions(subject, path, names),
        content=content_of(notification, names),
        is_active=status != "inactive",
        oneshot=status == "oneshot",
        throttling_s=float(original.get("throttling", 0)),
        expires_at=_instant(expires),
        context=names.context.source,
        original={name: each for name, each in original.items() if name != "status"},
    )


def _instant(text_or_none: str | None) -> datetime | None:
    return read_date(text_or_none) if text_or_none else None


def _conditions(subject: Mapping[str, Any], path: str, names: Names) -> Conditions:
    condition = subject.get("condition", {})
    expression = read_expression(condition.get("expression", {}), names)
    alterations = condition.get("alterationTypes")
    triggers = V2_TRIGGERS if not alterations else frozenset().union(*(ALTERATIONS[each] for each in alterations))
    return Conditions(
        subjects=tuple(_subject(each, names) for each in subject["entities"]),
        watched=tuple(names.expand(each) for each in condition.get("attrs", ())),
        triggers=triggers,
        paths=(path,),
        filter=expression.filter,
        geo=expression.geo,
        metadata_counts=condition.get("notifyOnMetadataChange", True),
        jexl=condition.get("jexlExpression"),
        jexl_names=_jexl_names(subject, names),
    )


def _check_jexl(expression: str) -> str:
    try:
        parse(expression)
    except Fault as fault:
        raise BadData(f"jexlExpression: {fault}", field="jexlExpression") from None
    return expression


def _jexl_names(subject: Mapping[str, Any], names: Names) -> tuple[tuple[str, str], ...]:
    """Return the stored name of each word in the expression that may be an attribute, metadata or type."""
    expression = subject.get("condition", {}).get("jexlExpression")
    if expression is None:
        return ()
    types = [each["type"] for each in subject["entities"] if "type" in each]
    found = {names.expand_type(each): each for each in types}
    found.update({names.expand(each): each for each in sorted(words_in(parse(expression)))})
    return tuple(found.items())


def _subject(entity: Mapping[str, str], names: Names) -> Subject:
    return Subject(
        ids=(entity["id"],) if "id" in entity else (),
        id_pattern=entity.get("idPattern"),
        types=TypeIs(names.expand_type(entity["type"])) if "type" in entity else None,
        type_pattern=type_pattern(entity["typePattern"], names) if "typePattern" in entity else None,
    )
